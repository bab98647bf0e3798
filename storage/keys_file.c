/* keys_file.c: keys_file.h. A file that others may read or write is taken, with a warning at every start:
 * refusing would take the service down over something that a restart does not mend. A file that does not
 * parse is never taken and never replaced. */
#include "storage/keys_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/log.h"

#define MAX_FILE 16384

static const char *const mac_names[3] = {
    [KEYS_ID] = "id-mac", [KEYS_DELETE] = "delete", [KEYS_FAKE_SALT] = "fake-salt"};

/* --- reading -------------------------------------------------------------------------------------------- */

static int read_seal_key(const char *id, const char *hex, const char *made, struct seal_key *out)
{
    if (!id || !hex || strlen(id) != 2 * KEYID_BYTES || strlen(hex) != 2 * KEY_BYTES)
        return -1;
    if (hex_decode(id, 2 * KEYID_BYTES, out->id) != KEYID_BYTES ||
        hex_decode(hex, 2 * KEY_BYTES, out->key) != KEY_BYTES)
        return -1;
    return made ? clock_parse_utc(made, &out->made) : 0;
}

static int read_line(struct keys_file *k, char *line)
{
    char *save = NULL;
    const char *word = strtok_r(line, " ", &save);
    const char *a = strtok_r(NULL, " ", &save);
    const char *b = strtok_r(NULL, " ", &save);
    const char *c = strtok_r(NULL, " ", &save);
    if (!word || word[0] == '#')
        return 0;
    if (strcmp(word, "password") == 0) {
        k->has_password = true;
        return read_seal_key(a, b, c, &k->password);
    }
    if (strcmp(word, "seal") == 0)
        return k->n_seal < KEYS_SEAL_MAX ? read_seal_key(a, b, c, &k->seal[k->n_seal++]) : -1;
    for (int i = 0; i < 3; i++) {
        if (strcmp(word, mac_names[i]) != 0)
            continue;
        k->has_mac[i] = true;
        return a && strlen(a) == 2 * KEY_BYTES && hex_decode(a, 2 * KEY_BYTES, k->mac[i]) == KEY_BYTES ? 0
                                                                                                       : -1;
    }
    return -1; /* a newer Ferry's key: guessing would lose what it protects */
}

static int parse(struct keys_file *k, char *text, const char *path, struct buf *why)
{
    char *save = NULL;
    int number = 1;
    char *line = strtok_r(text, "\n", &save);
    if (!line || strcmp(line, "ferry-keys 1") != 0) {
        buf_addf(why, "%s is not a key file of this version", path);
        return -1;
    }
    while ((line = strtok_r(NULL, "\n", &save))) {
        number++;
        if (read_line(k, line) < 0) {
            buf_addf(why, "%s:%d: not a key", path, number);
            return -1;
        }
    }
    if (!k->has_mac[0] || !k->has_mac[1] || !k->has_mac[2] || !k->has_password || k->n_seal == 0) {
        buf_addf(why, "%s: a key is missing", path);
        return -1;
    }
    return 0;
}

/* The file's text (MAX_FILE + 1 bytes) and its stat; 1: there is none; -1: errno. */
static int read_text(const char *path, char *text, struct stat *sb)
{
    size_t n = 0;
    ssize_t r = 0;
    int fd = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC));
    if (fd < 0)
        return errno == ENOENT ? 1 : -1;
    if (fstat(fd, sb) != 0)
        r = -1;
    while (r >= 0 && n < MAX_FILE) {
        r = TEMP_FAILURE_RETRY(read(fd, text + n, MAX_FILE - n));
        if (r <= 0)
            break;
        n += (size_t)r;
    }
    text[n] = '\0';
    int e = errno;
    close(fd);
    errno = e;
    return r < 0 ? -1 : 0;
}

int keys_file_read(const char *path, struct keys_file *out, struct buf *why)
{
    char text[MAX_FILE + 1];
    struct stat sb;
    memset(out, 0, sizeof *out);
    int r = read_text(path, text, &sb);
    if (r == 0 && (sb.st_mode & 077))
        log_warn("the key file is open to others file=\"%s\" mode=%03o; it should be 600", path,
                 sb.st_mode & 0777);
    if (r < 0)
        buf_addf(why, "cannot read the key file %s: %s", path, strerror(errno));
    else if (r == 0)
        r = parse(out, text, path, why);
    OPENSSL_cleanse(text, sizeof text);
    return r;
}

/* --- writing -------------------------------------------------------------------------------------------- */

static int sync_folder(const char *path)
{
    char *copy = xstrdup(path);
    int fd = TEMP_FAILURE_RETRY(open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    free(copy);
    if (fd < 0)
        return -1;
    int r = TEMP_FAILURE_RETRY(fsync(fd));
    close(fd);
    return r;
}

static int write_all(int fd, const char *data, size_t n)
{
    while (n > 0) {
        ssize_t w = TEMP_FAILURE_RETRY(write(fd, data, n));
        if (w < 0)
            return -1;
        data += w;
        n -= (size_t)w;
    }
    return 0;
}

/* old: the file that is replaced, whose owner stays the owner when root does it; NULL: there must be none. */
static int write_durably(const char *path, const struct buf *text, const struct stat *old)
{
    char *tmp = xasprintf("%s.new", path);
    int fd = TEMP_FAILURE_RETRY(open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    int r = -1;
    if (fd >= 0) {
        r = fchmod(fd, 0600);
        if (r == 0 && old && geteuid() == 0)
            r = fchown(fd, old->st_uid, old->st_gid);
        if (r == 0)
            r = write_all(fd, text->data, text->len);
        if (r == 0)
            r = TEMP_FAILURE_RETRY(fsync(fd));
        if (close(fd) < 0)
            r = -1;
    }
    if (r == 0)
        r = renameat2(AT_FDCWD, tmp, AT_FDCWD, path, old ? 0 : RENAME_NOREPLACE);
    if (r == 0)
        r = sync_folder(path);
    else if (fd >= 0) {
        int e = errno;
        unlink(tmp);
        errno = e;
    }
    free(tmp);
    return r;
}

/* The texts with keys in them are cleansed with the buffers they stand in, which have their room from the
 * beginning: growing would leave a copy in freed memory. */
static void add_key(struct buf *out, const char *name, const struct seal_key *key)
{
    char id[2 * KEYID_BYTES + 1], hex[2 * KEY_BYTES + 1], made[21];
    hex_encode(id, key->id, KEYID_BYTES);
    hex_encode(hex, key->key, KEY_BYTES);
    clock_format_utc(key->made, made);
    buf_addf(out, "%s %s %s %s\n", name, id, hex, made);
    OPENSSL_cleanse(hex, sizeof hex);
}

static void add_mac_key(struct buf *out, const char *name)
{
    uint8_t key[KEY_BYTES];
    char hex[2 * KEY_BYTES + 1];
    random_bytes(key, sizeof key);
    hex_encode(hex, key, sizeof key);
    buf_addf(out, "%s %s\n", name, hex);
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(hex, sizeof hex);
}

static void add_new_key(struct buf *out, const char *name, int64_t now)
{
    struct seal_key key = {.made = now};
    random_bytes(key.id, sizeof key.id);
    random_bytes(key.key, sizeof key.key);
    add_key(out, name, &key);
    OPENSSL_cleanse(&key, sizeof key);
}

int keys_file_make(const char *path, int64_t now, struct buf *why)
{
    struct buf text = {0};
    buf_room(&text, 1024);
    buf_adds(&text, "ferry-keys 1\n");
    for (int i = 0; i < 3; i++)
        add_mac_key(&text, mac_names[i]);
    add_new_key(&text, "password", now);
    add_new_key(&text, "seal", now);
    int r = write_durably(path, &text, NULL);
    if (r < 0)
        buf_addf(why, "cannot make the key file %s: %s", path, strerror(errno));
    else
        log_info("keys made file=\"%s\"", path);
    OPENSSL_cleanse(text.data, text.len);
    buf_free(&text);
    return r;
}

/* Is this line one of the n seal keys? */
static bool is_seal_line(const char *line, const struct seal_key *keys, size_t n)
{
    char id[2 * KEYID_BYTES + 1];
    if (strncmp(line, "seal ", 5) != 0)
        return false;
    line += 5 + strspn(line + 5, " ");
    for (size_t i = 0; i < n; i++) {
        hex_encode(id, keys[i].id, KEYID_BYTES);
        if (strncasecmp(line, id, 2 * KEYID_BYTES) == 0)
            return true;
    }
    return false;
}

static void copy_lines(struct buf *out, const char *text, const struct seal_key *past, size_t n)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (!is_seal_line(text, past, n)) {
            buf_add(out, text, len);
            buf_addc(out, '\n');
        }
        text += len + (text[len] == '\n');
    }
}

int keys_file_rotate(const char *path, const struct seal_key *fresh, const struct seal_key *past, size_t n,
                     struct buf *why)
{
    char text[MAX_FILE + 1];
    struct buf next = {0};
    struct stat old;
    int r = read_text(path, text, &old);
    if (r == 0) {
        buf_room(&next, MAX_FILE + 256);
        copy_lines(&next, text, past, n);
        add_key(&next, "seal", fresh);
        errno = EFBIG;
        r = next.len <= MAX_FILE ? write_durably(path, &next, &old) : -1;
        OPENSSL_cleanse(next.data, next.len);
    } else {
        errno = ENOENT;
    }
    if (r != 0)
        buf_addf(why, "cannot write the key file %s: %s", path, strerror(errno));
    OPENSSL_cleanse(text, sizeof text);
    buf_free(&next);
    return r == 0 ? 0 : -1;
}
