/* wire.c: the daemon's API on its Unix socket, by libcurl.
 *
 * Whoever can open the socket is the operator: there is no login here. The host in the URLs is only a word;
 * proxies from the environment are never asked. Every wait has an end: connecting, waiting for an answer, and
 * a body that stands still. */
#include <curl/curl.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "ctl/ctl.h"

#define ORIGIN "http://ferry"
#define ANSWER_MAX (256L << 20) /* `ls` of a large spool */
#define COMMAND_SECONDS 600L
#define STALL_SECONDS 60L

/* --- is anybody there? --- */

/* Looked at before libcurl is, whose errors do not tell "nobody listens" from "you may not". */
static enum wire knock(struct buf *why)
{
    const char *path = conf_get()->admin_socket;
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof to.sun_path) {
        buf_addf(why, "the path of the socket is too long: %s", path);
        return WIRE_FAILED;
    }
    memcpy(to.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int r = fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, sizeof to);
    int e = errno;
    if (fd >= 0)
        close(fd);
    if (r == 0)
        return WIRE_OK;
    buf_addf(why, "no daemon answers at %s: %s", path, strerror(e));
    if (e == ENOENT || e == ECONNREFUSED || e == ENOTDIR)
        return WIRE_NOBODY;
    return e == EACCES || e == EPERM ? WIRE_DENIED : WIRE_FAILED;
}

/* --- one request --- */

struct request {
    CURL *curl;
    struct curl_slist *headers;
    struct buf body; /* of the answer, where it goes to no file */
    FILE *to;
};

static size_t take(char *data, size_t size, size_t n, void *arg)
{
    struct request *r = arg;
    long status = 0;
    curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &status);
    if (r->to && status == 200)
        return fwrite(data, 1, size * n, r->to);
    if (r->body.len + size * n > ANSWER_MAX)
        return 0;
    buf_add(&r->body, data, size * n);
    return size * n;
}

static void begin(struct request *r, const char *path)
{
    *r = (struct request){.curl = curl_easy_init()};
    FERRY_ASSERT(r->curl);
    char *url = xasprintf("%s%s", ORIGIN, path);
    curl_easy_setopt(r->curl, CURLOPT_URL, url);
    free(url);
    curl_easy_setopt(r->curl, CURLOPT_UNIX_SOCKET_PATH, conf_get()->admin_socket);
    curl_easy_setopt(r->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(r->curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(r->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(r->curl, CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(r->curl, CURLOPT_WRITEDATA, r);
    r->headers = curl_slist_append(NULL, "Expect:"); /* no waiting for 100-continue */
}

static CURLcode perform(struct request *r, long *status)
{
    curl_easy_setopt(r->curl, CURLOPT_HTTPHEADER, r->headers);
    CURLcode c = curl_easy_perform(r->curl);
    *status = 0;
    curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, status);
    return c;
}

static void end(struct request *r)
{
    curl_slist_free_all(r->headers);
    curl_easy_cleanup(r->curl);
    buf_free(&r->body);
}

/* The words of a problem document (RFC 9457), or the bare status. */
static void explain(struct request *r, CURLcode c, long status, struct buf *why)
{
    if (c != CURLE_OK && status == 0) {
        buf_addf(why, "the daemon did not answer: %s", curl_easy_strerror(c));
        return;
    }
    json_t *problem = r->body.len ? json_loadb(r->body.data, r->body.len, 0, NULL) : NULL;
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    if (!detail)
        detail = json_string_value(json_object_get(problem, "title"));
    if (detail)
        buf_adds(why, detail);
    else if (c != CURLE_OK)
        buf_addf(why, "the daemon broke off: %s", curl_easy_strerror(c));
    else
        buf_addf(why, "the daemon answered HTTP %ld", status);
    json_decref(problem);
}

static enum command_exit exit_of(long status)
{
    switch (status) {
    case 404:
    case 410:
        return EXIT_NOT_FOUND_;
    case 401:
    case 403:
        return EXIT_DENIED_;
    case 409:
        return EXIT_CONFLICT_;
    case 413:
    case 507:
        return EXIT_LIMIT_;
    case 0:
        return EXIT_UNREACHABLE_;
    default:
        return EXIT_FAIL_;
    }
}

/* --- commands --- */

enum wire wire_command(const char *name, const json_t *args, enum command_exit *code, json_t **answer,
                       struct buf *why)
{
    enum wire w = knock(why);
    *code = w == WIRE_DENIED ? EXIT_DENIED_ : EXIT_UNREACHABLE_;
    if (w != WIRE_OK)
        return w;
    json_t *ask = json_pack("{s:s, s:O}", "command", name, "args", args);
    char *text = json_dumps(ask, JSON_COMPACT);
    json_decref(ask);
    struct request r;
    long status;
    begin(&r, "/api/v1/command");
    r.headers = curl_slist_append(r.headers, "Content-Type: application/json");
    curl_easy_setopt(r.curl, CURLOPT_TIMEOUT, COMMAND_SECONDS);
    curl_easy_setopt(r.curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(text));
    curl_easy_setopt(r.curl, CURLOPT_POSTFIELDS, text);
    CURLcode c = perform(&r, &status);
    json_t *reply = c == CURLE_OK && status == 200 ? json_loadb(r.body.data, r.body.len, 0, NULL) : NULL;
    json_t *exit_code = json_object_get(reply, "exit");
    w = WIRE_FAILED;
    if (json_is_integer(exit_code) && json_object_get(reply, "answer")) {
        *code = (enum command_exit)json_integer_value(exit_code);
        *answer = json_incref(json_object_get(reply, "answer"));
        w = WIRE_OK;
    } else {
        if (status == 413)
            buf_adds(why, "too much for one request; give it in parts, or while the daemon is stopped");
        else
            explain(&r, c, status, why);
        *code = exit_of(status);
    }
    OPENSSL_cleanse(text, strlen(text)); /* it may hold a password */
    free(text);
    json_decref(reply);
    end(&r);
    return w;
}

enum wire wire_ping(double seconds, struct buf *why)
{
    int64_t deadline = clock_mono_ms() + (int64_t)(seconds * 1000);
    for (;;) {
        buf_drop(why, why->len);
        enum wire w = knock(why);
        if (w == WIRE_OK) {
            struct request r;
            long status;
            begin(&r, "/readyz");
            curl_easy_setopt(r.curl, CURLOPT_TIMEOUT, 10L);
            CURLcode c = perform(&r, &status);
            if (c != CURLE_OK || status != 200) {
                explain(&r, c, status, why);
                w = WIRE_FAILED;
            }
            end(&r);
        }
        if (w == WIRE_OK || w == WIRE_DENIED || clock_mono_ms() >= deadline)
            return w;
        nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
    }
}

/* --- files --- */

struct progress {
    int64_t began, shown;
};

static int show_progress(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                         curl_off_t up)
{
    struct progress *p = arg;
    int64_t now = clock_mono_ms(), total = up_total ? up_total : down_total, done = up_total ? up : down;
    if (total <= 0 || now - p->shown < 250 || now - p->began < 500)
        return 0;
    struct buf line = {0};
    p->shown = now;
    buf_adds(&line, "\r");
    show_size(done, &line);
    buf_addf(&line, " of ");
    show_size(total, &line);
    buf_addf(&line, " (%d %%), %.1f MB/s \033[K", (int)(done * 100 / total),
             (double)done / 1000.0 / (double)(now - p->began));
    fputs(line.data, stderr);
    buf_free(&line);
    return 0;
}

static enum command_exit move(struct request *r, long wanted, struct buf *why)
{
    struct progress p = {.began = clock_mono_ms()};
    long status;
    curl_easy_setopt(r->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(r->curl, CURLOPT_LOW_SPEED_TIME, STALL_SECONDS);
    if (isatty(STDERR_FILENO)) {
        curl_easy_setopt(r->curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(r->curl, CURLOPT_XFERINFOFUNCTION, show_progress);
        curl_easy_setopt(r->curl, CURLOPT_XFERINFODATA, &p);
    }
    CURLcode c = perform(r, &status);
    if (p.shown)
        fputs("\r\033[K", stderr);
    enum command_exit code = EXIT_OK_;
    if (c != CURLE_OK || status != wanted) {
        explain(r, c, status, why);
        code = status == wanted ? EXIT_FAIL_ : exit_of(status);
    }
    end(r);
    return code;
}

enum command_exit wire_put(const char *url, FILE *from, int64_t size, struct buf *why)
{
    const char *path = strstr(url, "://");
    path = path ? strchr(path + 3, '/') : NULL;
    if (!path) {
        buf_adds(why, "the daemon gave no upload address");
        return EXIT_FAIL_;
    }
    struct request r;
    begin(&r, path);
    r.headers = curl_slist_append(r.headers, "Content-Type:");
    curl_easy_setopt(r.curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(r.curl, CURLOPT_READDATA, from);
    curl_easy_setopt(r.curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
    return move(&r, 201, why);
}

enum command_exit wire_get(const char *path, FILE *to, struct buf *why)
{
    struct request r;
    begin(&r, path);
    r.to = to;
    return move(&r, 200, why);
}
