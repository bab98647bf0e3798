/* left.h: whether an answer has reached its peer. libmicrohttpd calls it complete when the kernel has taken
 * it, which for a small file is before a byte has left; for a link that works once that is too early.
 */
#ifndef FERRY_HTTP_LEFT_H
#define FERRY_HTTP_LEFT_H

#include "http/conn.h"

struct left;
/* An answer with `size` bytes of body is about to be written to the connection, by whose thread this is
 * called. NULL: there is no descriptor to watch it by, or the client has gone: nobody would know. */
struct left *left_begin(struct conn *c, int64_t size);
/* It is complete, or broken off. Calls done(arg, reached) once: when the peer has acknowledged all of it, or
 * when he has gone or taken too long; at once where that is known already, or cannot be. `done` runs here or
 * on the door's thread, and may not block. */
void left_end(struct left **left, bool complete, void (*done)(void *arg, bool reached), void *arg);
/* The door's thread: looks a few times a second, as long as left_any. */
void left_sweep(void);
bool left_any(void);
void left_stop(void); /* what has not arrived by now has not reached anybody */

#endif
