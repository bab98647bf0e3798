/* account_import.c: many accounts at once: read all lines, stretch all passwords on several threads, then one
 * transaction. */
#include "storage/account_import.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "storage/account_keys.h"
#include "storage/index_people.h"
#include "storage/internal.h"

#define THREADS_MAX 8

struct user { /* a struct account is too large to have thousands of */
    char *jid, *prepared;
    struct account_keys sha1, sha256;
};

struct import {
    struct index_op op;
    struct user *users;
    size_t n;
    atomic_size_t next;
    struct account_imported counts;
};

/* --- reading --- */

static enum refuse read_line(const char *line, struct user *u, const char **what)
{
    char bare[ACCOUNT_JID_MAX];
    const char *tab = strchr(line, '\t');
    *what = "it is not an address, a tab and a password";
    if (!tab)
        return REFUSE_USAGE;
    char *jid = xstrndup(line, (size_t)(tab - line));
    enum refuse r = account_bare(jid, true, bare);
    free(jid);
    if (r != REFUSE_OK) {
        *what = r == REFUSE_UNKNOWN_HOST ? "its domain is not served here" : "its address is not name@domain";
        return REFUSE_USAGE;
    }
    u->prepared = account_prepare(tab + 1);
    *what = "its password is empty, too long, or has characters that no password may have";
    if (!u->prepared)
        return REFUSE_USAGE;
    u->jid = xstrdup(bare);
    return REFUSE_OK;
}

static enum refuse read_lines(struct import *im, const json_t *lines, struct buf *why)
{
    im->users = xcalloc(json_array_size(lines) + 1, sizeof *im->users);
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const char *line = json_string_value(json_array_get(lines, i)), *what;
        if (!line || !*line)
            continue;
        enum refuse r = read_line(line, &im->users[im->n], &what);
        if (r != REFUSE_OK) {
            buf_addf(why, "line %zu: %s; nobody was added", i + 1, what);
            return r;
        }
        im->n++;
    }
    return REFUSE_OK;
}

/* --- stretching --- */

static void *stretch_some(void *arg)
{
    struct import *im = arg;
    for (;;) {
        size_t i = atomic_fetch_add(&im->next, 1);
        if (i >= im->n)
            return NULL;
        struct account a = {0};
        account_derive(&a, im->users[i].prepared);
        im->users[i].sha1 = a.sha1;
        im->users[i].sha256 = a.sha256;
    }
}

static void stretch_all(struct import *im)
{
    pthread_t threads[THREADS_MAX];
    int started = 0;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    while (started + 1 < cpus && started < THREADS_MAX && (size_t)started < im->n / 2 &&
           pthread_create(&threads[started], NULL, stretch_some, im) == 0)
        started++;
    stretch_some(im);
    while (started > 0)
        pthread_join(threads[--started], NULL);
}

/* --- storing --- */

static enum refuse add_all(struct index_db *db, struct index_op *op)
{
    struct import *im = INDEX_OP_OF(op, struct import, op);
    int64_t now = clock_wall();
    for (size_t i = 0; i < im->n; i++) {
        struct account a = {.sha1 = im->users[i].sha1, .sha256 = im->users[i].sha256};
        snprintf(a.jid, sizeof a.jid, "%s", im->users[i].jid);
        if (index_account_add(db, &a, now) == REFUSE_OK)
            im->counts.added++;
        else
            im->counts.existing++;
    }
    return REFUSE_OK; /* an error of the index itself undoes all of it (index_sql.h) */
}

static void import_free(struct import *im)
{
    for (size_t i = 0; i < im->n; i++) {
        account_wipe(im->users[i].prepared);
        free(im->users[i].jid);
    }
    OPENSSL_cleanse(im->users, im->n * sizeof *im->users);
    free(im->users);
}

enum refuse account_import(struct storage *st, const json_t *lines, struct account_imported *out,
                           struct buf *why)
{
    struct import im = {.op = {.run = add_all}};
    thread_assert_may_block();
    enum refuse r = read_lines(&im, lines, why);
    if (r == REFUSE_OK) {
        stretch_all(&im);
        r = index_write_wait(st->index, &im.op);
    }
    *out = im.counts;
    if (r == REFUSE_OK)
        log_info("accounts imported added=%zu existing=%zu", out->added, out->existing);
    import_free(&im);
    return r;
}
