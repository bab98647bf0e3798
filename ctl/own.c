/* own.c: the commands that ferryctl runs itself, since they need the caller's files or clock: get,
 * metrics, ping, send. Each is made of registry commands and plain HTTP on the daemon's socket. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/conf.h"
#include "ctl/ctl.h"

/* --- ping --- */

static enum command_exit ping(const struct ctl *ctl, const json_t *args)
{
    int64_t ms = 0;
    const char *wait = json_string_value(json_object_get(args, "wait"));
    if (wait && strspn(wait, "0123456789") == strlen(wait))
        ms = strtoll(wait, NULL, 10) * 1000;
    else if (wait && conf_parse_duration(wait, &ms) < 0) {
        ctl_error("ping: \"%s\" is no time", wait);
        return EXIT_USAGE_;
    }
    struct buf why = {0};
    enum wire w = wire_ping((double)ms / 1000, &why);
    if (w == WIRE_OK)
        puts(ctl->json ? "{\"ready\":true}" : "ready");
    else
        ctl_error("%s", why.data);
    buf_free(&why);
    return w == WIRE_OK ? EXIT_OK_ : w == WIRE_DENIED ? EXIT_DENIED_ : EXIT_UNREACHABLE_;
}

/* --- send --- */

static FILE *open_regular(const char *path, int64_t *size)
{
    struct stat sb;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &sb) < 0) {
        ctl_error("%s: %s", path, strerror(errno));
    } else if (!S_ISREG(sb.st_mode)) {
        ctl_error("%s is not a regular file: its size must be known beforehand", path);
    } else {
        *size = sb.st_size;
        return fdopen(fd, "r");
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

static enum command_exit send_to(const struct ctl *ctl, FILE *file, json_t *slot_args)
{
    static const struct command slot = {.name = "slot"}; /* the daemon's; it alone can grant one */
    json_t *links;
    enum command_exit code = ctl_run(&slot, slot_args, &links);
    if (!links)
        return code;
    const char *put = json_string_value(json_object_get(links, "put"));
    const char *get = json_string_value(json_object_get(links, "get"));
    struct buf why = {0};
    code = wire_put(put ? put : "", file, json_integer_value(json_object_get(slot_args, "SIZE")), &why);
    if (code != EXIT_OK_)
        ctl_error("send: %s", why.data);
    else if (ctl->json)
        printf("{\"get\":\"%s\"}\n", get ? get : ""); /* a link holds nothing to escape */
    else
        puts(get ? get : "");
    buf_free(&why);
    json_decref(links);
    return code;
}

static enum command_exit send_file(const struct ctl *ctl, const json_t *args)
{
    const char *path = json_string_value(json_object_get(args, "FILE"));
    const char *slash = strrchr(path, '/');
    char name[256];
    int64_t size;
    FILE *file = open_regular(path, &size);
    if (!file)
        return EXIT_FAIL_;
    const char *base = slash ? slash + 1 : path;
    if (filename_clean(base, strlen(base), name) < 0)
        strcpy(name, "file");
    json_t *slot_args = json_pack("{s:s, s:I, s:O}", "NAME", name, "SIZE", (json_int_t)size, "to",
                                  json_object_get(args, "JID"));
    static const char *const passed_on[] = {"from", "once"};
    for (size_t i = 0; i < ARRAY_LEN(passed_on); i++) {
        json_t *value = json_object_get(args, passed_on[i]);
        if (value)
            json_object_set(slot_args, passed_on[i], value);
    }
    enum command_exit code = send_to(ctl, file, slot_args);
    json_decref(slot_args);
    fclose(file);
    return code;
}

/* --- get --- */

static int same_sha256(FILE *file, const char *wanted_hex)
{
    uint8_t chunk[65536], sum[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    size_t n;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    FERRY_ASSERT(c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1);
    rewind(file);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        EVP_DigestUpdate(c, chunk, n);
    EVP_DigestFinal_ex(c, sum, NULL);
    EVP_MD_CTX_free(c);
    hex_encode(hex, sum, sizeof sum);
    return strcmp(hex, wanted_hex) == 0 ? 0 : -1;
}

/* Fetches into PATH.part, which becomes PATH when it is whole. A name that the sender chose never replaces a
 * file; one that the caller wrote does, as with cp. */
static enum command_exit get_to(const char *from, const char *path, bool replace, const char *sha256)
{
    char *part = xasprintf("%s.part", path);
    FILE *file = fopen(part, "w+e");
    struct buf why = {0};
    enum command_exit code = EXIT_FAIL_;
    if (!file) {
        buf_addf(&why, "%s: %s", part, strerror(errno));
    } else {
        code = wire_get(from, file, &why);
        if (code == EXIT_OK_ && (fflush(file) != 0 || (sha256 && same_sha256(file, sha256) < 0))) {
            buf_addf(&why, "%s: what came is not what was sent", path);
            code = EXIT_FAIL_;
        }
        fclose(file);
        if (code == EXIT_OK_ &&
            renameat2(AT_FDCWD, part, AT_FDCWD, path, replace ? 0 : RENAME_NOREPLACE) < 0) {
            buf_addf(&why, "%s: %s", path, strerror(errno));
            code = errno == EEXIST ? EXIT_CONFLICT_ : EXIT_FAIL_;
        }
        if (code != EXIT_OK_)
            unlink(part);
    }
    if (code != EXIT_OK_)
        ctl_error("get: %s", why.data);
    buf_free(&why);
    free(part);
    return code;
}

static enum command_exit get_stdout(const char *from)
{
    if (isatty(STDOUT_FILENO)) {
        ctl_error("get: a terminal is no place for a file's bytes");
        ctl_hint("name a file, or pipe the output");
        return EXIT_USAGE_;
    }
    struct buf why = {0};
    enum command_exit code = wire_get(from, stdout, &why);
    if (code != EXIT_OK_)
        ctl_error("get: %s", why.data);
    buf_free(&why);
    return code;
}

static enum command_exit get_file(const struct ctl *ctl, const json_t *args)
{
    static const struct command show = {.name = "show"};
    json_t *id = json_object_get(args, "ID"), *facts; /* or an id's beginning */
    json_t *ask = json_pack("{s:O}", "ID", id);
    enum command_exit code = ctl_run(&show, ask, &facts);
    json_decref(ask);
    if (!facts)
        return code;
    const char *path = json_string_value(json_object_get(args, "FILE"));
    const char *name = json_string_value(json_object_get(facts, "name"));
    const char *sha256 = json_string_value(json_object_get(facts, "sha256"));
    char clean[256], *from = xasprintf("/d/%s/file", json_string_value(json_object_get(facts, "id")));
    if (!name || filename_clean(name, strlen(name), clean) < 0)
        strcpy(clean, "file");
    if (path && strcmp(path, "-") == 0)
        code = get_stdout(from);
    else
        code = get_to(from, path ? path : clean, path != NULL, sha256 && *sha256 ? sha256 : NULL);
    if (code == EXIT_OK_ && !path)
        puts(clean);
    free(from);
    json_decref(facts);
    return code;
}

/* --- metrics --- */

static enum command_exit metrics(const struct ctl *ctl, const json_t *args)
{
    struct buf why = {0};
    enum command_exit code = wire_get("/metrics", stdout, &why);
    if (code != EXIT_OK_)
        ctl_error("metrics: %s", why.data);
    buf_free(&why);
    return code;
}

/* --- the table --- */

static const struct command_arg get_args[] = {{"ID", "id", true, false, "The file's id, or its link."},
                                              {"FILE", "file", false, false,
                                               "Where to; - is standard output. Without it the file's own "
                                               "name, in this folder, where it replaces nothing."},
                                              {0}};
static const struct command_arg ping_args[] = {
    {"--wait", "duration", false, false, "How long to wait until it is ready; a bare number is seconds."},
    {0}};
static const struct command_arg send_args[] = {
    {"FILE", "file", true, false, "The file."},
    {"JID", "jid", true, false, "Who is told of it."},
    {"--from", "jid", false, false, "In whose name, and at whose expense."},
    {"--once", "flag", false, false, "The link works once: the file goes when it was fetched whole."},
    {0}};

const struct own_command own_commands[] = {
    {{"get", "Fetch a stored file.", ROLE_OPERATOR, 0, get_args, NULL, NULL}, get_file},
    {{"metrics", "Print the daemon's counters as Prometheus reads them.", ROLE_VIEWER, 0, NULL, NULL, NULL},
     metrics},
    {{"ping", "Ask whether the daemon is ready.", ROLE_VIEWER, 0, ping_args, NULL, NULL}, ping},
    {{"send", "Store a file and tell somebody of it; prints its link.", ROLE_OPERATOR, 0, send_args, NULL,
      NULL},
     send_file},
};
const size_t own_commands_count = ARRAY_LEN(own_commands);

const struct own_command *own_find(const struct command *cmd)
{
    for (size_t i = 0; i < own_commands_count; i++)
        if (cmd == &own_commands[i].cmd)
            return &own_commands[i];
    return NULL;
}
