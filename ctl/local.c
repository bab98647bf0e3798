/* local.c: running a command on the spool itself, when no daemon does.
 *
 * The spool's lock decides: storage_open takes it or says that somebody else has it; what runs then is the
 * very function that the daemon would run. Root becomes the spool's owner first: files of root's in there
 * would keep the daemon from starting as its own user. */
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "ctl/ctl.h"
#include "storage/storage.h"

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t came;
    bool done;
    enum command_exit code;
    json_t *answer;
};

static void answered(void *arg, enum command_exit code, json_t *answer)
{
    struct waiting *w = arg;
    pthread_mutex_lock(&w->lock);
    w->code = code;
    w->answer = answer;
    w->done = true;
    pthread_cond_signal(&w->came);
    pthread_mutex_unlock(&w->lock);
}

static int become_owner(const char *dir, struct buf *why)
{
    struct stat sb;
    if (geteuid() != 0 || stat(dir, &sb) < 0 || sb.st_uid == 0)
        return 0;
    if (setgroups(0, NULL) == 0 && setgid(sb.st_gid) == 0 && setuid(sb.st_uid) == 0)
        return 0;
    buf_addf(why, "cannot become the owner of %s: %s", dir, strerror(errno));
    return -1;
}

enum command_exit local_command(const struct command *cmd, json_t *args, json_t **answer, struct buf *why)
{
    int code = EXIT_FAIL_;
    if (become_owner(conf_get()->storage_dir, why) < 0)
        return EXIT_DENIED_;
    struct storage *st = storage_open(why, &code);
    if (!st && code == 3) {
        buf_drop(why, why->len);
        buf_addf(why, "no daemon answers at %s, but the spool %s is in use", conf_get()->admin_socket,
                 conf_get()->storage_dir);
        return EXIT_UNREACHABLE_;
    }
    if (!st)
        return EXIT_FAIL_;
    struct waiting w = {.lock = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER};
    command_run(cmd, args, answered, &w);
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.came, &w.lock);
    pthread_mutex_unlock(&w.lock);
    storage_close(&st);
    *answer = w.answer;
    return w.code;
}
