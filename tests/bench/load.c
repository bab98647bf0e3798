/* load.c: the load generator of tests/bench/run. One process, one thread; prints key=value pairs.
 *
 *   load MODE --port P [--pid SERVER] [-n N] [--window W] [--seconds S] ...
 *   echo      N pairs of connections, W messages in flight from one to the other, against ./echo
 *   route     N pairs of clients (u0..), W messages in flight from one to the other
 *   sessions  N logins (--tls, --mechanism PLAIN|SCRAM-SHA-1), held while the server's memory is read
 *   offers    N clients offer files of --size bytes to --to (SI, IBB) until the time is over
 *   inband    N pairs of clients, W blocks in flight from one to the other (XEP-0047)
 *   relay     N streams through the SOCKS5 proxy at --proxy, as fast as they go; --raw: no XMPP activates
 * them parallel  N files at once for people who are not there, slow and steady (load_parallel.c); relayed:
 * who are ping      a client that asks every 5 ms slots     N clients ask for upload slots, W questions in
 * flight each grants    asks for --count slots of --size bytes, prints the paths of each hostile   N
 * connections that send and read as slowly as they may: heads, bodies (into the slots PATH... but the first),
 * and readers of the first PATH; prints "ready", holds on for S seconds get, put  N connections (--tls);
 * PATH... are asked in turn, or each is PUT once with --size bytes idle      N connections (--tls) that ask
 * for the first PATH and stay, while the server's memory is read
 */
#include "load.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct options opt = {.host = "127.0.0.1",
                      .domain = "localhost",
                      .password = "p",
                      .mechanism = "PLAIN",
                      .to = "off@localhost",
                      .n = 1,
                      .window = 1,
                      .seconds = 2,
                      .hold = 0.5,
                      .size = 64,
                      .block = 4096};

void die(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
    exit(1);
}

uint64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* schedstat counts nanoseconds, a thread at a time; a thread that ended takes its time with it. */
double server_cpu(void)
{
    char path[64];
    double sum = 0;
    DIR *dir;

    (void)snprintf(path, sizeof path, "/proc/%d/task", opt.pid);
    dir = opt.pid > 0 ? opendir(path) : NULL;
    if (dir == NULL)
        return 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char file[400];
        unsigned long long ns;
        FILE *f;

        (void)snprintf(file, sizeof file, "%s/%s/schedstat", path, e->d_name);
        f = e->d_name[0] != '.' ? fopen(file, "r") : NULL;
        if (f == NULL)
            continue;
        if (fscanf(f, "%llu", &ns) == 1)
            sum += (double)ns / 1e9;
        (void)fclose(f);
    }
    (void)closedir(dir);
    return sum;
}

static long status_kb(const char *key)
{
    char path[64], line[256];
    size_t n = strlen(key);
    long kb = 0;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%d/status", opt.pid);
    f = fopen(path, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, key, n) == 0 && sscanf(line + n, ": %ld", &kb) == 1)
            break;
    if (f != NULL)
        (void)fclose(f);
    return kb;
}

long server_rss(void)
{
    return status_kb("VmRSS");
}

long server_peak(void)
{
    return status_kb("VmHWM");
}

void server_peak_reset(void)
{
    char path[64];
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%d/clear_refs", opt.pid);
    f = fopen(path, "w");
    if (f == NULL || fputs("5", f) < 0 || fclose(f) != 0)
        die("%s: %s", path, strerror(errno));
}

static uint32_t *latencies;
static size_t latency_count, latency_room;

void latency_add(uint64_t ns)
{
    if (latency_count == latency_room) {
        latency_room = latency_room > 0 ? latency_room * 2 : 65536;
        latencies = realloc(latencies, latency_room * sizeof *latencies);
        if (latencies == NULL)
            die("out of memory");
    }
    latencies[latency_count++] = ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

double latency_us(double quantile)
{
    if (latency_count == 0)
        return 0;
    qsort(latencies, latency_count, sizeof *latencies, by_value);
    return latencies[(size_t)(quantile * (double)(latency_count - 1))] / 1e3;
}

int dial(void)
{
    static const int on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (inet_pton(AF_INET, opt.host, &a.sin_addr) != 1 || fd < 0 ||
        connect(fd, (struct sockaddr *)&a, sizeof a) < 0)
        die("%s:%d: %s", opt.host, opt.port, strerror(errno));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

void dont_block(int fd)
{
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void send_all(int fd, const void *data, size_t n)
{
    const char *at = data;

    while (n > 0) {
        ssize_t k = send(fd, at, n, MSG_NOSIGNAL);

        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            die("send: %s", strerror(errno));
        at += k;
        n -= (size_t)k;
    }
}

static void parse(int argc, char **argv)
{
    opt.mode = argc > 1 ? argv[1] : "";
    for (int i = 2; i < argc; i++) {
        const char *key = argv[i];

        if (strcmp(key, "--tls") == 0 || strcmp(key, "--raw") == 0) {
            *(key[2] == 't' ? &opt.tls : &opt.raw) = true;
            continue;
        }
        if (key[0] != '-') {
            opt.paths = argv + i;
            opt.path_count = argc - i;
            return;
        }
        if (i + 1 == argc)
            die("%s: a value is missing", key);
        i++;
        if (strcmp(key, "--port") == 0)
            opt.port = atoi(argv[i]);
        else if (strcmp(key, "--proxy") == 0)
            opt.proxy_port = atoi(argv[i]);
        else if (strcmp(key, "--pid") == 0)
            opt.pid = atoi(argv[i]);
        else if (strcmp(key, "-n") == 0)
            opt.n = atoi(argv[i]);
        else if (strcmp(key, "--first") == 0)
            opt.first = atoi(argv[i]);
        else if (strcmp(key, "--count") == 0)
            opt.count = atoi(argv[i]);
        else if (strcmp(key, "--window") == 0)
            opt.window = atoi(argv[i]);
        else if (strcmp(key, "--seconds") == 0)
            opt.seconds = atof(argv[i]);
        else if (strcmp(key, "--size") == 0)
            opt.size = strtoul(argv[i], NULL, 10);
        else if (strcmp(key, "--block") == 0)
            opt.block = strtoul(argv[i], NULL, 10);
        else if (strcmp(key, "--mechanism") == 0)
            opt.mechanism = argv[i];
        else if (strcmp(key, "--to") == 0)
            opt.to = argv[i];
        else
            die("%s: unknown", key);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } modes[] = {{"echo", mode_echo},     {"route", mode_route},       {"sessions", mode_sessions},
                 {"offers", mode_offers}, {"get", mode_get},           {"put", mode_put},
                 {"slots", mode_slots},   {"grants", mode_grants},     {"hostile", mode_hostile},
                 {"idle", mode_idle},     {"relay", mode_relay},       {"inband", mode_inband},
                 {"ping", mode_ping},     {"parallel", mode_parallel}, {"relayed", mode_relayed}};
    struct rlimit files;

    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    parse(argc, argv);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(modes[i].name, opt.mode) == 0) {
            modes[i].run();
            return 0;
        }
    }
    die("usage: load "
        "echo|route|sessions|offers|slots|grants|hostile|get|put|idle|relay|inband|ping|parallel|relayed "
        "--port P ...");
}
