/* sock_cert.c: the server's TLS policy, and the self-signed pair of a first start. Any thread; the files are
 * read and written here, so never on the loop. */
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
#include "base/sock.h"

#define VALID_DAYS 3650

static void openssl_why(struct buf *why, const char *what, const char *file)
{
    const char *text = ERR_reason_error_string(ERR_peek_last_error());

    buf_addf(why, "%s: %s: %s", file, what, text != NULL ? text : "not usable");
    ERR_clear_error();
}

/* XEP-0368 names the protocol; who names none, or another, is served too. */
static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
                       unsigned in_len, void *arg)
{
    static const char want[] = "xmpp-client";

    for (unsigned at = 0; at < in_len && in[at] < in_len - at; at += in[at] + 1u) {
        if (in[at] == sizeof want - 1 && memcmp(in + at + 1, want, sizeof want - 1) == 0) {
            *out = in + at + 1;
            *out_len = in[at];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_NOACK;
}

/* An encrypted key would make OpenSSL ask on the terminal. */
static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
    return -1;
}

SSL_CTX *sock_tls_context(const char *cert_file, const char *key_file, struct buf *why)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    if (ctx == NULL) {
        buf_adds(why, "TLS: no context");
        return NULL;
    }
    (void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
    (void)SSL_CTX_set_num_tickets(ctx, 0);
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY); /* see sock_tls.c */
    (void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
        openssl_why(why, "the certificate cannot be used", cert_file);
    else if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1)
        openssl_why(why, "the key cannot be used", key_file);
    else if (SSL_CTX_check_private_key(ctx) != 1)
        openssl_why(why, "the key does not belong to the certificate", key_file);
    else
        return ctx;
    SSL_CTX_free(ctx);
    return NULL;
}

/* --- the self-signed pair ------------------------------------------------------------------------ */

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
         add_extension(cert, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(cert, NID_key_usage, "critical,digitalSignature") &&
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

int sock_tls_make_pair(const char *cert_file, const char *key_file, const char *names, struct buf *why)
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
