/* fill.c: many small files into a spool, through storage/ as an upload goes: claim, bytes, commit. The
 * daemon must not run. Prints the path of every --every'th file, in the order they were stored.
 *
 *   fill CONF --files N [--size BYTES] [--users N] [--expire SECONDS] [--flight N] [--every N]
 *
 * Each of --users (u0@localhost ..) owns his share. --expire: of these files, from now; 0: as configured. */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "storage/transfer.h"

static struct {
    const char *conf;
    int64_t files, size, users, expire, flight, every;
} opt = {.size = 100, .users = 1000, .flight = 512, .every = 1000};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int64_t begun, done, flying, failed;
    struct storage *st;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

struct one {
    struct grant g;
    char name[32], owner[48];
    int64_t number;
    struct incoming *in;
};

static void landed(struct one *f, enum refuse r)
{
    pthread_mutex_lock(&all.lock);
    all.done++;
    all.flying--;
    if (r != REFUSE_OK && all.failed++ == 0)
        (void)fprintf(stderr, "fill: %s\n", refuse_get(r)->name);
    if (r == REFUSE_OK && f->number % opt.every == 0)
        printf("/f/%s/%s\n", f->g.id.text, f->name);
    pthread_cond_signal(&all.changed);
    pthread_mutex_unlock(&all.lock);
    free(f);
}

static void committed(void *arg, enum refuse r, const struct transfer *t)
{
    landed(arg, r);
}

static void fed(void *arg, enum refuse r, size_t n)
{
    struct one *f = arg;

    if (r == REFUSE_OK) {
        incoming_commit(&f->in, NULL, NULL, committed, f);
        return;
    }
    incoming_discard(&f->in, r);
    landed(f, r);
}

static void claimed(void *arg, enum refuse r, struct incoming *in)
{
    struct one *f = arg;
    char *bytes;

    if (r != REFUSE_OK) {
        landed(f, r);
        return;
    }
    f->in = in;
    bytes = xcalloc(1, (size_t)opt.size + 32);
    (void)snprintf(bytes, (size_t)opt.size + 32, "file %lld\n", (long long)f->number);
    incoming_feed(in, bytes, (size_t)opt.size, NULL, fed, f);
}

static void begin(int64_t number)
{
    struct one *f = xcalloc(1, sizeof *f);
    enum refuse r;

    f->number = number;
    (void)snprintf(f->name, sizeof f->name, "f%lld.txt", (long long)number);
    (void)snprintf(f->owner, sizeof f->owner, "u%lld@localhost", (long long)(number % opt.users));
    f->g = (struct grant){.size = opt.size,
                          .expires = opt.expire ? clock_wall() + opt.expire : 0,
                          .name = f->name,
                          .type = "",
                          .owner = f->owner,
                          .to = "",
                          .to_raw = "",
                          .desc = "",
                          .took = TOOK_SLOT};
    r = grant_new(all.st, &f->g);
    if (r == REFUSE_OK)
        incoming_claim(all.st, &f->g, 0, NULL, claimed, f);
    else
        landed(f, r);
}

static void options(int argc, char **argv)
{
    static const struct {
        const char *name;
        int64_t *to;
    } known[] = {{"--files", &opt.files},   {"--size", &opt.size},     {"--users", &opt.users},
                 {"--expire", &opt.expire}, {"--flight", &opt.flight}, {"--every", &opt.every}};
    bool good = argc > 1 && argc % 2 == 0;

    for (int i = 2; good && i < argc; i += 2) {
        size_t k = 0;
        while (k < ARRAY_LEN(known) && strcmp(argv[i], known[k].name) != 0)
            k++;
        good = k < ARRAY_LEN(known);
        if (good)
            *known[k].to = strtoll(argv[i + 1], NULL, 10);
    }
    if (!good || opt.files < 1 || opt.users < 1 || opt.flight < 1 || opt.every < 1 || opt.size < 0) {
        (void)fputs("usage: fill CONF --files N [--size --users --expire --flight --every N]\n", stderr);
        exit(2);
    }
    opt.conf = argv[1];
}

int main(int argc, char **argv)
{
    struct buf why = {0};
    struct conf *conf;
    enum log_level level;
    int code;

    options(argc, argv);
    conf = conf_load(opt.conf, &why);
    if (!conf || log_level_parse("error", &level) < 0) {
        (void)fprintf(stderr, "fill: %s\n", why.len ? why.data : "configuration");
        return 2;
    }
    log_set_level(level);
    conf_publish(conf);
    all.st = storage_open(&why, &code);
    if (!all.st) {
        (void)fprintf(stderr, "fill: %s\n", why.data);
        return code;
    }
    storage_start(all.st);
    for (int64_t i = 0; i < opt.files; i++) {
        pthread_mutex_lock(&all.lock);
        while (all.flying >= opt.flight)
            pthread_cond_wait(&all.changed, &all.lock);
        all.flying++;
        pthread_mutex_unlock(&all.lock);
        begin(i);
    }
    pthread_mutex_lock(&all.lock);
    while (all.done < opt.files)
        pthread_cond_wait(&all.changed, &all.lock);
    pthread_mutex_unlock(&all.lock);
    storage_close(&all.st);
    return all.failed ? 1 : 0;
}
