/* shim.h: what the files of the file-call shim share: the numbering of calls (shim.c), whose files are whose.
 * Nothing of it is seen by the program. */
#ifndef SHIM_H
#define SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim_power.h"

#pragma GCC visibility push(hidden)

enum kind { K_OPEN, K_WRITE, K_SYNC, K_CLOSE, K_RENAME, K_UNLINK, K_TRUNCATE, K_ALLOCATE, K_MKDIR, K_LINK };

/* 0: go on; else the errno to fail with. */
int numbered(enum kind kind, const char *path, int fd);
bool interrupted(void); /* two of three calls, so that a single retry is not enough */
bool power(void);       /* a kill is a power cut */

bool path_is_ours(int at, const char *path); /* below the folder */
bool fd_is_ours(int fd);
void absolute(int at, const char *path, char out[PATH_MAX]);
void opened(int fd, bool for_writing); /* a new descriptor; for writing: below the folder */
bool was_written(int fd);
void forget(int fd);

/* The real call, alone on the disk, so that a cut finds none half done. */
#define ON_DISK(before, call, after)           \
    __extension__({                            \
        bool power_ = power();                 \
        if (power_) {                          \
            pthread_mutex_lock(&power_disk);   \
            before;                            \
        }                                      \
        long rc_ = (call);                     \
        if (power_) {                          \
            if (rc_ >= 0) {                    \
                after;                         \
            }                                  \
            pthread_mutex_unlock(&power_disk); \
        }                                      \
        rc_;                                   \
    })

#define FAIL_IF(condition, error)               \
    do {                                        \
        int error_ = (condition) ? (error) : 0; \
        if (error_) {                           \
            errno = error_;                     \
            return -1;                          \
        }                                       \
    } while (0)

#pragma GCC visibility pop

#endif
