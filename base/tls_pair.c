/* tls_pair.c: the self-signed pair of a first start; see tls.h. Any thread; the files are read and written
 * here, so never on the loop. */
#include <errno.h>
#include <fcntl.h>
#include <idna.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/conf.h"
#include "base/tls.h"

#define VALID_DAYS 3650

static void openssl_why(struct buf *why, const char *what, const char *file)
{
    buf_addf(why, "%s: %s: %s", file, what, tls_reason());
}

/* An encrypted key would make OpenSSL ask on the terminal. */
static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
    return -1;
}

static bool exists(const char *file)
{
    return access(file, F_OK) == 0;
}

/* Writes a PEM object beside `file`, makes it durable and gives it its name: a crash leaves all of it or
 * nothing. */
static int write_pem(const char *file, mode_t mode, EVP_PKEY *key, X509 *cert, struct buf *why)
{
    char *tmp = xasprintf("%s.new", file);
    int fd, ok = 0;
    FILE *f = NULL;

    (void)unlink(tmp);
    fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd >= 0)
        f = fdopen(fd, "w");
    if (f != NULL) {
        ok = key != NULL ? PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL)
                         : PEM_write_X509(f, cert);
        ok = ok == 1 && fflush(f) == 0 && fsync(fd) == 0;
        ok = fclose(f) == 0 && ok && rename(tmp, file) == 0;
    } else if (fd >= 0) {
        (void)close(fd);
    }
    if (!ok) {
        buf_addf(why, "%s: %s", file, errno != 0 ? strerror(errno) : "cannot be written");
        (void)unlink(tmp);
    }
    free(tmp);
    return ok ? 0 : -1;
}

static EVP_PKEY *read_key(const char *file, struct buf *why)
{
    FILE *f = fopen(file, "re");
    EVP_PKEY *key = f != NULL ? PEM_read_PrivateKey(f, NULL, no_passphrase, NULL) : NULL;

    if (key == NULL)
        openssl_why(why, "the key cannot be read", file);
    if (f != NULL)
        (void)fclose(f);
    return key;
}

/* "DNS:example.org,DNS:upload.example.org": names as the certificate wants them, in ASCII. */
static void alt_names(const char *names, struct buf *out, char first[65])
{
    char item[256];

    first[0] = '\0';
    while (conf_list_next(&names, item, sizeof item)) {
        char *ascii = NULL;
        bool ip = item[0] == '[' || strspn(item, "0123456789.") == strlen(item);

        if (!ip && idna_to_ascii_8z(item, &ascii, 0) != IDNA_SUCCESS)
            continue;
        if (ip && item[0] == '[') {
            memmove(item, item + 1, strlen(item));
            item[strcspn(item, "]")] = '\0';
        }
        buf_addf(out, "%s%s:%s", out->len > 0 ? "," : "", ip ? "IP" : "DNS", ip ? item : ascii);
        if (first[0] == '\0')
            (void)snprintf(first, 65, "%.64s", ip ? item : ascii); /* a common name has 64 characters */
        free(ascii);
    }
}

static int add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *ext;
    int ok;

    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
    X509_EXTENSION_free(ext);
    return ok;
}

static X509 *self_sign(EVP_PKEY *key, const char *names, struct buf *why)
{
    X509 *cert = X509_new();
    struct buf alt = {0};
    char first[65];
    uint8_t serial[16];
    BIGNUM *number;
    X509_NAME *subject;
    int ok;

    FERRY_ASSERT(cert != NULL);
    alt_names(names, &alt, first);
    random_bytes(serial, sizeof serial);
    serial[0] &= 0x7F; /* positive (RFC 5280 section 4.1.2.2) */
    number = BN_bin2bn(serial, sizeof serial, NULL);
    subject = X509_get_subject_name(cert);
    ok = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL &&
         X509_set_version(cert, X509_VERSION_3) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(cert), -3600) != NULL &&
         X509_time_adj_ex(X509_getm_notAfter(cert), VALID_DAYS, 0, NULL) != NULL &&
         X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC, (const unsigned char *)first, -1,
                                    -1, 0) == 1 &&
         X509_set_issuer_name(cert, subject) == 1 && X509_set_pubkey(cert, key) == 1 &&
         /* No key usage: NSS (Pidgin) refuses a self-signed one whose key may not sign certificates, without
            asking. */
         add_extension(cert, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(cert, NID_ext_key_usage, "serverAuth") && alt.len > 0 &&
         add_extension(cert, NID_subject_alt_name, alt.data) && X509_sign(cert, key, EVP_sha256()) > 0;
    BN_free(number);
    buf_free(&alt);
    if (!ok) {
        openssl_why(why, "no certificate can be made", names);
        X509_free(cert);
        return NULL;
    }
    return cert;
}

int tls_make_pair(const char *cert_file, const char *key_file, const char *names, struct buf *why)
{
    EVP_PKEY *key = NULL;
    X509 *cert = NULL;
    int result = -1;

    if (exists(cert_file) && exists(key_file))
        return 0;
    if (exists(cert_file)) {
        buf_addf(why, "%s is there, but not its key %s", cert_file, key_file);
        return -1;
    }
    ERR_clear_error();
    errno = 0;
    if (exists(key_file)) { /* a first start that was cut short */
        key = read_key(key_file, why);
        if (key == NULL)
            return -1;
    } else {
        key = EVP_EC_gen("P-256");
        FERRY_ASSERT(key != NULL);
        if (write_pem(key_file, 0600, key, NULL, why) < 0)
            goto out;
    }
    cert = self_sign(key, names, why);
    if (cert != NULL && write_pem(cert_file, 0644, NULL, cert, why) == 0)
        result = 0;
out:
    X509_free(cert);
    EVP_PKEY_free(key);
    return result;
}
