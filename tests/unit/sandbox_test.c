/* The sandbox of ferry-sniff: what a hijacked libmagic would try first. Each attempt is made by a process of
 * its own, which must die of it or be refused. Built without sanitizers: they need what the sandbox takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sniff/sandbox.h"

enum { REFUSED = 10, DONE, NO_SANDBOX }; /* exit codes of an attempt */

/* The status of a process that enters the sandbox, or only the layer, and then tries. */
static int status_of(bool (*enter)(void), bool (*attempt)(void))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (!enter())
            _exit(NO_SANDBOX);
        _exit(attempt() ? DONE : REFUSED);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static bool whole(void)
{
    char got[100];
    return sandbox_enter(got, sizeof got);
}

static bool opens(void)
{
    return open("/etc/hostname", O_RDONLY) >= 0;
}

static bool creates(void)
{
    return open("/tmp/ferry-sandbox-test", O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool connects(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool connects_locally(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool forks(void)
{
    return fork() >= 0;
}

static bool executes(void)
{
    char name[] = "true", *argv[] = {name, NULL}, *env[] = {NULL};
    execve("/bin/true", argv, env);
    return false;
}

static bool signals(void)
{
    return kill(getppid(), 0) == 0;
}

static bool traces(void)
{
    return prctl(PR_SET_DUMPABLE, 1) == 0;
}

static bool writes_elsewhere(void)
{
    return write(2, "", 0) == 0;
}

static bool maps_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static char page[8192];

static bool makes_code(void)
{
    return mprotect((void *)(((uintptr_t)page + 4095) & ~(uintptr_t)4095), 4096, PROT_EXEC) == 0;
}

static bool takes_much_memory(void)
{
    return mmap(NULL, 100 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool thinks(void)
{
    char *p = malloc(1 << 20);
    if (!p)
        return false;
    memset(p, 1, 1 << 20);
    free(p);
    return true;
}

static bool thinks_for_ever(void)
{
    volatile unsigned n = 0;
    sandbox_look_begins();
    for (unsigned i = 0; i < 1000; i++)
        for (n = 0; n < UINT_MAX; n++)
            ;
    return true;
}

static void thinking_is_allowed(void **state)
{
    int status = status_of(whole, thinks);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), DONE);
}

static void nothing_else_is(void **state)
{
    static const struct {
        const char *what;
        bool (*attempt)(void);
    } deadly[] = {{"opens", opens},
                  {"creates", creates},
                  {"connects", connects},
                  {"connects locally", connects_locally},
                  {"forks", forks},
                  {"executes", executes},
                  {"signals", signals},
                  {"becomes traceable", traces},
                  {"writes elsewhere", writes_elsewhere},
                  {"maps code", maps_code},
                  {"makes code", makes_code}};
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
        int status = status_of(whole, deadly[i].attempt);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
            fail_msg("%s: status %#x", deadly[i].what, (unsigned)status);
    }
}

static void memory_and_time_end(void **state)
{
    int status = status_of(whole, takes_much_memory);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), REFUSED);
    status = status_of(whole, thinks_for_ever);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGPROF);
}

/* Without seccomp before them, the layers behind it hold too. */
static void layers_hold_alone(void **state)
{
    static const struct {
        const char *what;
        bool (*enter)(void), (*attempt)(void);
        bool may_be_missing;
    } layers[] = {{"landlock", sandbox_landlock, opens, true},
                  {"landlock", sandbox_landlock, creates, true},
                  {"limits", sandbox_limits, opens, false},
                  {"limits", sandbox_limits, connects, false}};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        int status = status_of(layers[i].enter, layers[i].attempt);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == NO_SANDBOX && layers[i].may_be_missing)
            continue;
        if (WEXITSTATUS(status) != REFUSED)
            fail_msg("%s alone: status %#x", layers[i].what, (unsigned)status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thinking_is_allowed),
        cmocka_unit_test(nothing_else_is),
        cmocka_unit_test(memory_and_time_end),
        cmocka_unit_test(layers_hold_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
