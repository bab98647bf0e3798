/* sandbox.c: see sandbox.h.
 *
 * The order: namespaces first (they give capabilities inside, which are dropped at once), Landlock before the
 * limits (a ruleset is a descriptor, and afterwards none can be opened), seccomp last, since it forbids all
 * of the above. Whatever libmagic needs from the file system was read before. */
#include "sniff/sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    MEMORY = 64 << 20, /* address space: 12 MiB are used at rest, most of it the database */
    LOOK_S = 1,        /* of the processor, for one file */
    LIFE_S = 300,      /* of the processor, for all files; ferryd replaces a helper long before */
};

bool sandbox_namespaces(void)
{
    return unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS) == 0 ||
           unshare(CLONE_NEWNET | CLONE_NEWIPC) == 0; /* root where user namespaces are switched off */
}

/* Asked first: who has none may be forbidden to call capset at all (a systemd unit that filters). */
static bool drop_capabilities(void)
{
    static const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct had[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &head, had) != 0)
        return false;
    return memcmp(had, none, sizeof none) == 0 || syscall(SYS_capset, &head, none) == 0;
}

bool sandbox_capabilities(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
           drop_capabilities();
}

/* --- Landlock --------------------------------------------------------------------------------------------
 *
 * The kernel tells its version; what a version cannot handle must not be asked of it. The header of the build
 * machine may be older than the kernel, hence numbers. */

struct ruleset {
    uint64_t files, net, scoped;
};

bool sandbox_landlock(void)
{
    static const int file_rights[] = {0, 13, 14, 15, 15, 16}; /* by version: how many bits are known */
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return false;
    struct ruleset all = {
        .files = (UINT64_C(1) << file_rights[version > 5 ? 5 : version]) - 1,
        .net = version >= 4 ? 3 : 0,    /* bind and connect by TCP */
        .scoped = version >= 6 ? 3 : 0, /* abstract sockets and signals of others */
    };
    size_t size = version >= 6 ? sizeof all : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
    int fd = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
    if (fd < 0)
        return false;
    bool done = syscall(SYS_landlock_restrict_self, fd, 0) == 0; /* no rule: nothing is allowed */
    close(fd);
    return done;
}

/* --- limits ----------------------------------------------------------------------------------------------
 */

bool sandbox_limits(void)
{
    static const struct {
        int what;
        rlim_t most;
    } limits[] = {{RLIMIT_AS, MEMORY},  {RLIMIT_CPU, LIFE_S},   {RLIMIT_CORE, 0},
                  {RLIMIT_FSIZE, 0},    {RLIMIT_NPROC, 0},      {RLIMIT_MEMLOCK, 0},
                  {RLIMIT_MSGQUEUE, 0}, {RLIMIT_SIGPENDING, 0}, {RLIMIT_NOFILE, 0}};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct rlimit r = {limits[i].most, limits[i].most};
        if (setrlimit(limits[i].what, &r) != 0)
            return false;
    }
    return true;
}

void sandbox_look_begins(void)
{
    static const struct itimerval look = {.it_value = {.tv_sec = LOOK_S}};
    (void)setitimer(ITIMER_PROF, &look, NULL);
}

/* --- seccomp ---------------------------------------------------------------------------------------------
 */

static bool allow(scmp_filter_ctx f)
{
    static const int whole[] = {
        SCMP_SYS(exit_group),    SCMP_SYS(exit),         SCMP_SYS(rt_sigreturn), SCMP_SYS(brk),
        SCMP_SYS(munmap),        SCMP_SYS(mremap),       SCMP_SYS(madvise),      SCMP_SYS(futex),
        SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time),         SCMP_SYS(setitimer),
    };
    const struct scmp_arg_cmp here = SCMP_A0(SCMP_CMP_EQ, 0);
    const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp no_file = SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS);
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        if (seccomp_rule_add(f, SCMP_ACT_ALLOW, whole[i], 0) != 0)
            return false;
    return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(read), 1, here) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, here) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, no_code, no_file) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code) == 0;
}

bool sandbox_seccomp(void)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!f)
        return false;
    bool done = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 && allow(f) &&
                seccomp_load(f) == 0;
    if (!done)
        seccomp_release(f);
    return done; /* a filter in force is kept: giving its memory back is one thing less to be allowed */
}

bool sandbox_enter(char *got, size_t size)
{
    bool namespaces = sandbox_namespaces();
    if (!sandbox_capabilities()) {
        snprintf(got, size, "capabilities: %s", strerror(errno));
        return false;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* here: a change of user namespace takes it away */
    bool landlock = sandbox_landlock();
    if (!sandbox_limits()) {
        snprintf(got, size, "limits: %s", strerror(errno));
        return false;
    }
    if (!sandbox_seccomp()) {
        snprintf(got, size, "seccomp: %s", strerror(errno));
        return false;
    }
    snprintf(got, size, "seccomp%s%s", landlock ? " landlock" : "", namespaces ? " namespaces" : "");
    return true;
}
