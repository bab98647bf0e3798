/* shim_power.h: between the file-call shim and what it knows of the disk. All but the mutex itself is called
 * with it held, around the real call, so that a cut finds none half done. Paths are absolute. */
#ifndef SHIM_POWER_H
#define SHIM_POWER_H

#include <pthread.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

extern pthread_mutex_t power_disk;

void power_will_write(int fd); /* before bytes are written */
void power_truncated(int fd, off_t size);
void power_synced(int fd); /* a file, or a folder with its names */
void power_made(const char *path);
/* from "": made, not moved. old: what power_keep_old gave for what stood under `to` before; "": nothing. */
void power_named(const char *to, const char *from, const char *old);
void power_keep_old(const char *to, char *old); /* PATH_MAX bytes */
void power_forget_old(const char *old);
/* Undoes what was not synced below dir; the process is killed behind it. thirds: of the bytes that were
 * appended to each file without a sync so many thirds stay, 0 to 2: a write that was torn. */
void power_cut(const char *dir, int thirds);

#pragma GCC visibility pop

#endif
