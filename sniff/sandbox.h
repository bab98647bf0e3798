/* sandbox.h: how a process gives up everything but reading questions from descriptor 0, thinking, and
 * answering there. For a program of one thread; there is no way back.
 *
 * Each layer alone would do against most of what a hijacked libmagic might try; a kernel that lacks one
 * (Landlock before 5.13, namespaces that an administrator forbids) leaves the others. Only seccomp must be
 * there. */
#ifndef FERRY_SANDBOX_H
#define FERRY_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/* All of them, in the only order that works. `got` is filled with the names of the layers, or, when the
 * result is false, with what failed: the caller must not look at anybody's bytes then. */
bool sandbox_enter(char *got, size_t size);

/* The layers, one by one. false: this kernel or its administrator does not let us. */
bool sandbox_namespaces(void);   /* no network, no System V objects, no mounts of others */
bool sandbox_capabilities(void); /* none, and none to be had: no new privileges; no core, no ptrace */
bool sandbox_landlock(void);     /* no file, no TCP, no abstract socket, no signal to others */
bool sandbox_limits(void);       /* memory, time, no descriptor, no file, no process, no core */
bool sandbox_seccomp(void);      /* any other system call than a few ends the process */

/* How long one look may take of the processor; the process ends by SIGPROF beyond. */
void sandbox_look_begins(void);

#endif
