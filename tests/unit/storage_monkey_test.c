/* Many hands at one spool, each doing anything at any time: put, claim, go on, keep, give up, remove, read,
 * read along, fetch once; beside them fsck, gc, rotations, quotas that change and an account that comes and
 * goes. What was acknowledged and that nobody removed is there, whole; nothing else is; no figure is off by a
 * byte, at any moment. MONKEY_STEPS=100000 plays longer. */
#include "tests/unit/storage_fixture.h"

#include <stdatomic.h>

#include "base/log.h"
#include "storage/account.h"
#include "storage/expiry.h"
#include "storage/internal.h"
#include "storage/keys.h"

enum { HANDS = 6, PLACES = 12, FILES_MAX = 100000, LARGEST = 120000, OFFSETS = 251 };

struct file {
    struct grant g;
    size_t from; /* its bytes begin here in `bytes` */
    atomic_int acknowledged;
    atomic_bool begun, doomed; /* doomed: somebody may have removed it */
};

static char bytes[LARGEST + OFFSETS];
static struct fixture *f;
static _Atomic(struct file *) places[PLACES];
static struct file *files[FILES_MAX];
static atomic_int n_files, hands_left;

/* On any thread: cmocka's own end only theirs. */
#define MUST(condition, ...)                                         \
    do {                                                             \
        if (!(condition)) {                                          \
            (void)fprintf(stderr, "%d: %s: ", __LINE__, #condition); \
            (void)fprintf(stderr, __VA_ARGS__);                      \
            (void)fputc('\n', stderr);                               \
            abort();                                                 \
        }                                                            \
    } while (0)

static enum refuse fair(enum refuse r)
{
    MUST(r != REFUSE_INTERNAL && r != REFUSE_READ_ONLY && r != REFUSE_DAMAGED, "%s", refuse_get(r)->name);
    return r;
}

/* --- files ------------------------------------------------------------------------------------------------
 */

static const char *const users[] = {"alice@localhost", "bob@localhost", "carol@localhost", "gone@localhost"};

static struct file *file_new(unsigned *seed)
{
    static const int sizes[] = {0, 1, 5000, 60000, 70000, LARGEST};
    struct file *x = xcalloc(1, sizeof *x);
    unsigned owner = (unsigned)rand_r(seed) % 4, to = (unsigned)rand_r(seed) % 6;
    x->g = fixture_grant(f, sizes[(unsigned)rand_r(seed) % ARRAY_LEN(sizes)]);
    x->g.owner = users[owner];
    x->g.to = to < 4 ? users[to] : "";
    x->g.type = rand_r(seed) % 4 ? "application/octet-stream" : "";
    x->g.purpose = (enum purpose)((unsigned)rand_r(seed) % PURPOSE_COUNT);
    x->g.flags = (rand_r(seed) % 2 ? GRANT_NOTIFY_OWNER : 0u) | (rand_r(seed) % 5 == 0 ? GRANT_ONCE : 0u) |
                 (rand_r(seed) % 8 == 0 ? GRANT_UP_TO : 0u);
    x->from = (size_t)rand_r(seed) % OFFSETS;
    atomic_init(&x->doomed, owner == 3 || to == 3); /* with his account */
    int at = atomic_fetch_add(&n_files, 1);
    MUST(at < FILES_MAX, "too many steps");
    files[at] = x;
    return x;
}

static void stored(struct file *x, enum refuse r)
{
    if (fair(r) == REFUSE_OK)
        MUST(atomic_fetch_add(&x->acknowledged, 1) == 0, "stored twice");
}

static void read_whole(struct file *x, const struct transfer *t)
{
    static _Thread_local char back[LARGEST + 1];
    int fd;
    enum refuse r = transfer_open(f->st, t, &fd);
    if (r != REFUSE_OK) {
        MUST(transfer_is_gone(r) && r != REFUSE_DAMAGED && atomic_load(&x->doomed), "%s",
             refuse_get(r)->name);
        return;
    }
    ssize_t n = pread(fd, back, sizeof back, 0);
    MUST(n == t->size && memcmp(back, bytes + x->from, (size_t)n) == 0, "%zd of %lld bytes", n,
         (long long)t->size);
    close(fd);
}

/* --- uploads ----------------------------------------------------------------------------------------------
 */

static void put(struct file *x, unsigned *seed)
{
    struct incoming *in = incoming_early(f->st, &x->g);
    struct wait w = {0};
    if (!in)
        return;
    sem_init(&w.sem, 0, 0);
    if (rand_r(seed) % 4 == 0 ||
        !incoming_store_here(&in, bytes + x->from, (size_t)x->g.size, NULL, on_committed, &w))
        incoming_store(&in, bytes + x->from, (size_t)x->g.size, NULL, NULL, on_committed, &w);
    wait_for(&w);
    stored(x, w.r);
}

static void end_somehow(struct file *x, struct incoming *in, unsigned *seed)
{
    int64_t received = incoming_received(in);
    bool whole = received == x->g.size || x->g.flags & GRANT_UP_TO;
    if (whole && rand_r(seed) % 8)
        stored(x, commit(&in, NULL));
    else if (rand_r(seed) % 4 == 0 || x->g.flags & GRANT_UP_TO)
        incoming_discard(&in, REFUSE_BROKEN_OFF);
    else if (rand_r(seed) % 3 == 0)
        incoming_keep(&in, NULL, NULL, NULL);
    else
        fair(keep(&in, &received));
}

/* Brings the rest, or some of it. */
static void bring(struct file *x, struct incoming *in, unsigned *seed)
{
    enum refuse limit, r = REFUSE_OK;
    int64_t most = incoming_most(in, &limit);
    if (rand_r(seed) % 3 == 0)
        most = most ? rand_r(seed) % most : 0;
    while (r == REFUSE_OK && incoming_received(in) < most) {
        int64_t at = incoming_received(in), n = most - at;
        n = n < 30000 ? n : 30000;
        r = fair(incoming_write(in, bytes + x->from + at, (size_t)n));
    }
    if (r != REFUSE_OK)
        incoming_discard(&in, r);
    else
        end_somehow(x, in, seed);
}

static void begin(struct file *x, unsigned *seed)
{
    struct incoming *in;
    if (x->g.flags & GRANT_UP_TO && atomic_exchange(&x->begun, true)) /* it is claimed once */
        return;
    if (fair(claim(f, &x->g, rand_r(seed) % 2 ? INCOMING_RESUMABLE : 0, &in)) == REFUSE_OK)
        bring(x, in, seed);
}

static void go_on(struct file *x, unsigned *seed)
{
    struct transfer_progress p;
    struct incoming *in;
    if (x->g.flags & GRANT_UP_TO || fair(transfer_progress(f->st, &x->g, &p)) != REFUSE_OK || p.complete)
        return;
    int64_t at = rand_r(seed) % 8 == 0 ? INCOMING_HALT : p.offset;
    if (fair(resume(f, &x->g, at, rand_r(seed) % 2 ? INCOMING_RESUMABLE : 0, &in)) == REFUSE_OK)
        bring(x, in, seed);
}

/* --- readers ----------------------------------------------------------------------------------------------
 */

static void look(struct file *x, unsigned *seed)
{
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    bool sure = atomic_load(&x->acknowledged) && !atomic_load(&x->doomed);
    enum refuse r = fair(transfer_lookup(f->st, &x->g.id, arena, &t));
    MUST(r == REFUSE_OK || !sure || atomic_load(&x->doomed), "acknowledged, and %s", refuse_get(r)->name);
    if (r == REFUSE_OK && !(x->g.flags & GRANT_ONCE)) {
        read_whole(x, &t);
        transfer_fetched(f->st, &x->g.id);
    } else if (r == REFUSE_OK && transfer_once_begin(f->st, &x->g.id) == REFUSE_OK) {
        read_whole(x, &t);
        if (rand_r(seed) % 2) {
            atomic_store(&x->doomed, true);
            transfer_once_spent(f->st, &x->g.id);
        } else {
            transfer_once_failed(f->st, &x->g.id);
        }
    }
    arena_put(arena);
}

static void read_along(struct file *x)
{
    static _Thread_local char back[8192];
    struct arena *arena = arena_get(NULL);
    struct transfer t;
    struct tail *tl;
    if (tail_open(f->st, &x->g.id, arena, &tl, &t) == REFUSE_OK) {
        ptrdiff_t n;
        for (int64_t at = 0; at < t.size && (n = tail_read(tl, at, back, sizeof back, NULL, NULL)) > 0;
             at += n)
            MUST(memcmp(back, bytes + x->from + at, (size_t)n) == 0, "at %lld", (long long)at);
        tail_close(&tl);
    }
    arena_put(arena);
}

static void ask(unsigned *seed)
{
    struct arena *arena = arena_get(NULL);
    struct storage_totals all;
    struct transfer_list list;
    transfer_list(f->st,
                  &(struct transfer_query){
                      .owner = users[(unsigned)rand_r(seed) % 4], .limit = 20, .all = rand_r(seed) % 2},
                  arena, &list);
    storage_totals(f->st, &all);
    MUST(all.bytes <= 10000000, "%lld bytes", (long long)all.bytes);
    arena_put(arena);
}

/* --- who takes away ---------------------------------------------------------------------------------------
 */

static void take_away(struct file *x, unsigned *seed)
{
    struct wait w = {0};
    atomic_store(&x->doomed, true);
    sem_init(&w.sem, 0, 0);
    switch (rand_r(seed) % 4) {
    case 0:
        transfer_remove(f->st, &x->g.id, "owner", NULL, on_changed, &w);
        break;
    case 1:
        transfer_cancel(f->st, &x->g.id, "owner", NULL, on_changed, &w);
        break;
    case 2:
        transfer_owner_expires(f->st, &x->g.id, clock_wall(), NULL, on_changed, &w);
        break;
    default:
        transfer_decline(f->st, &x->g.id);
        sem_post(&w.sem);
    }
    wait_for(&w);
    fair(w.r);
}

static void *hand(void *arg)
{
    unsigned seed = (unsigned)(uintptr_t)arg;
    const char *steps = getenv("MONKEY_STEPS");
    for (int i = steps ? atoi(steps) : 300; i > 0; i--) {
        _Atomic(struct file *) *place = &places[(unsigned)rand_r(&seed) % PLACES];
        struct file *x = atomic_load(place);
        switch (rand_r(&seed) % 12) {
        case 0:
        case 1:
            put(x, &seed);
            break;
        case 2:
        case 3:
            begin(x, &seed);
            break;
        case 4:
        case 5:
            go_on(x, &seed);
            break;
        case 6:
        case 7:
            look(x, &seed);
            break;
        case 8:
            read_along(x);
            break;
        case 9:
            ask(&seed);
            break;
        case 10:
            if (rand_r(&seed) % 3 == 0)
                take_away(x, &seed);
            break;
        default:
            if (rand_r(&seed) % 2 == 0 && (x = atomic_exchange(place, file_new(&seed))) && rand_r(&seed) % 8)
                take_away(x, &seed);
        }
    }
    atomic_fetch_sub(&hands_left, 1);
    return NULL;
}

/* --- who looks after it -----------------------------------------------------------------------------------
 */

static void *fsck(void *arg)
{
    struct check_report r;
    while (atomic_load(&hands_left) > 0) {
        check_all(f->st, &r);
        MUST(!r.orphans && !r.missing && !r.damaged && !r.figures && !r.index && !r.foreign,
             "orphans=%d missing=%d damaged=%d figures=%d %s", (int)r.orphans, (int)r.missing, (int)r.damaged,
             (int)r.figures, r.detail.data ? r.detail.data : "");
        buf_free(&r.detail);
    }
    return arg;
}

static void *operator_(void *arg)
{
    unsigned seed = 1;
    for (int64_t now = clock_wall(); atomic_load(&hands_left) > 0; now++) {
        struct gc_report gc;
        struct keys_rotated keys;
        struct buf why = {0};
        fair(expiry_gc(f->st, &gc));
        fair(keys_rotate(f->st->keys, now, now - 10, &keys, &why));
        buf_free(&why);
        MUST(account_quota(f->st, users[0], rand_r(&seed) % 2000000, -1) == REFUSE_OK, "quota");
        MUST(account_remove(f->st, users[3]) == REFUSE_OK, "account");
        MUST(account_create(f->st, users[3], "secret", 0) == REFUSE_OK, "account");
    }
    return arg;
}

/* --- the play ---------------------------------------------------------------------------------------------
 */

static void look_at_all(void)
{
    for (int i = 0; i < atomic_load(&n_files); i++) {
        struct arena *arena = arena_get(NULL);
        struct transfer t;
        enum refuse r = transfer_lookup(f->st, &files[i]->g.id, arena, &t);
        bool acknowledged = atomic_load(&files[i]->acknowledged);
        MUST(r == REFUSE_OK ? acknowledged : !acknowledged || atomic_load(&files[i]->doomed), "%s, %s",
             acknowledged ? "acknowledged" : "not acknowledged", refuse_get(r)->name);
        if (r == REFUSE_OK)
            read_whole(files[i], &t);
        arena_put(arena);
    }
}

static void nothing_is_lost_and_nothing_is_left(void **state)
{
    pthread_t threads[HANDS + 2];
    unsigned seed = 7;
    f = *state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i % OFFSETS);
    for (size_t i = 0; i < ARRAY_LEN(users); i++)
        assert_int_equal(account_create(f->st, users[i], "secret", 0), REFUSE_OK);
    for (size_t i = 0; i < PLACES; i++)
        atomic_init(&places[i], file_new(&seed));
    atomic_init(&hands_left, HANDS);
    for (uintptr_t i = 0; i < HANDS; i++)
        pthread_create(&threads[i], NULL, hand, (void *)(i + 1));
    pthread_create(&threads[HANDS], NULL, fsck, NULL);
    pthread_create(&threads[HANDS + 1], NULL, operator_, NULL);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    look_at_all();
    assert_clean(f);
    fixture_restart(f);
    assert_int_equal(files_in(f, "quarantine"), 0);
    look_at_all();
    for (size_t i = 0; i < ARRAY_LEN(users); i++)
        assert_int_equal(transfer_purge(f->st, users[i], "account"), REFUSE_OK);
    WAIT_UNTIL(files_in(f, "data") == 0 && files_in(f, "tmp") == 0);
    assert_int_equal(totals(f).bytes, 0);
    assert_int_equal(totals(f).files, 0);
    assert_clean(f);
    for (int i = 0; i < atomic_load(&n_files); i++)
        free(files[i]);
}

static int setup(void **state)
{
    return fixture_setup_with(state, "user_quota = 4M\ninbox_quota = 3M\ntotal_quota = 10000000\n"
                                     "user_files = 90\nquota_profile = 800000\n[slots]\ncheckpoint = 64K\n"
                                     "[xmpp]\ndomain = localhost\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_lost_and_nothing_is_left, setup, fixture_teardown),
    };
    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests_name("storage_monkey", tests, NULL, NULL);
}
