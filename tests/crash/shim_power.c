/* shim_power.c: what a power cut takes back. Bytes written beyond the size that a file had at its last fsync
 * are cut off, or the last of them; names made, moved or replaced since their folder's last fsync are taken
 * back. Those are some of the states a file system may leave: the kernel may have kept more.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "shim_power.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FILES = 512, NAMES = 1024 };
static struct {
    ino_t inode;
    off_t synced; /* its size at the last fsync */
    bool dirty;
} files[FILES];
static struct {
    char to[PATH_MAX], from[PATH_MAX]; /* from "": made, not moved */
    char old[PATH_MAX];                /* what stood under `to` before; "": nothing */
    ino_t folder;
} names[NAMES]; /* in the order they happened */
static int n_files, n_names;
pthread_mutex_t power_disk = PTHREAD_MUTEX_INITIALIZER;

/* The entry of a file, made where there is none; a new file may have an old one's inode. */
static int entry_of(const struct stat *sb, bool is_new)
{
    int i = 0;
    while (i < n_files && files[i].inode != sb->st_ino)
        i++;
    for (int j = 0; i == FILES && j < FILES; j++) /* full: one that has nothing to lose makes room */
        if (!files[j].dirty)
            i = j;
    if (i == FILES)
        abort();
    if (i == n_files)
        n_files++;
    else if (files[i].inode == sb->st_ino && !is_new)
        return i;
    files[i].inode = sb->st_ino;
    files[i].synced = is_new ? 0 : sb->st_size;
    files[i].dirty = false;
    return i;
}

/* Before bytes are written. */
void power_will_write(int fd)
{
    struct stat sb;
    if (fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode))
        files[entry_of(&sb, false)].dirty = true;
}

/* What a rename replaces stays under a hidden name until the folder is synced. */
void power_keep_old(const char *to, char *old)
{
    static unsigned n;
    const char *slash = strrchr(to, '/');
    old[0] = '\0';
    if (!slash)
        abort();
    snprintf(old, PATH_MAX, "%.*s/.%.255s.%u", (int)(slash - to), to, slash + 1, n++);
    if (syscall(SYS_linkat, AT_FDCWD, to, AT_FDCWD, old, 0) != 0)
        old[0] = '\0';
}

void power_forget_old(const char *old)
{
    if (old[0])
        syscall(SYS_unlinkat, AT_FDCWD, old, 0);
}

void power_synced(int fd)
{
    struct stat sb;
    if (fstat(fd, &sb) != 0)
        return;
    for (int i = 0; i < n_files; i++) {
        if (files[i].inode == sb.st_ino) {
            files[i].synced = sb.st_size;
            files[i].dirty = false;
        }
    }
    int kept = 0;
    for (int i = 0; i < n_names; i++) {
        if (!S_ISDIR(sb.st_mode) || names[i].folder != sb.st_ino)
            names[kept++] = names[i];
        else
            power_forget_old(names[i].old);
    }
    n_names = kept;
}

/* What is written beyond it from now on is new. */
void power_truncated(int fd, off_t size)
{
    struct stat sb;
    for (int i = 0; fstat(fd, &sb) == 0 && i < n_files; i++)
        if (files[i].inode == sb.st_ino && files[i].synced > size)
            files[i].synced = size;
}

void power_made(const char *path)
{
    struct stat sb;
    if (stat(path, &sb) == 0)
        entry_of(&sb, true);
}

void power_named(const char *to, const char *from, const char *old)
{
    struct stat sb;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", to);
    char *slash = strrchr(folder, '/');
    if (!slash)
        abort();
    if (n_names == NAMES) { /* the oldest is taken for synced */
        power_forget_old(names[0].old);
        memmove(names, names + 1, (size_t)--n_names * sizeof names[0]);
    }
    *slash = '\0';
    if (stat(folder, &sb) != 0)
        return;
    snprintf(names[n_names].to, PATH_MAX, "%s", to);
    snprintf(names[n_names].from, PATH_MAX, "%s", from);
    snprintf(names[n_names].old, PATH_MAX, "%s", old);
    names[n_names++].folder = sb.st_ino;
}

static void cut_file(const char *path, int thirds)
{
    struct stat sb;
    if (stat(path, &sb) != 0)
        return;
    for (int i = 0; i < n_files; i++)
        if (files[i].inode == sb.st_ino && files[i].dirty && sb.st_size > files[i].synced)
            syscall(SYS_truncate, path, files[i].synced + (sb.st_size - files[i].synced) * thirds / 3);
}

/* Files are found by their inode: all names below the folder, two levels deep. */
static void cut_files(const char *folder, int depth, int thirds)
{
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[PATH_MAX];
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%.3000s/%.255s", folder, e->d_name);
        if (e->d_type == DT_DIR && depth < 3)
            cut_files(path, depth + 1, thirds);
        else if (e->d_type == DT_REG)
            cut_file(path, thirds);
    }
}

void power_cut(const char *dir, int thirds)
{
    cut_files(dir, 0, thirds);
    for (int i = n_names - 1; i >= 0; i--) {
        if (names[i].from[0])
            syscall(SYS_renameat2, AT_FDCWD, names[i].to, AT_FDCWD, names[i].from, RENAME_NOREPLACE);
        else
            syscall(SYS_unlinkat, AT_FDCWD, names[i].to, 0);
        if (names[i].old[0])
            syscall(SYS_renameat2, AT_FDCWD, names[i].old, AT_FDCWD, names[i].to, RENAME_NOREPLACE);
    }
}
