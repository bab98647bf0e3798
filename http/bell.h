/* bell.h: wakes libmicrohttpd's workers.
 *
 * A worker of 0.9.75 that gets exactly as many events as it asks for (128, or a multiple) goes back to sleep
 * before it looks at a single one, until something else happens on one of its connections. So each worker has
 * one connection of ours among its own, and the door rings it while there are enough others for that to
 * happen.
 */
#ifndef FERRY_HTTP_BELL_H
#define FERRY_HTTP_BELL_H

#define BELL_FROM 128 /* connections in all below which no worker can fall asleep like that */

/* Takes a descriptor with its daemon's number, as MHD_add_connection does. */
typedef void bell_adder(int fd, int daemon);

void bell_start(bell_adder *add, int daemons,
                int workers); /* of each daemon; one is chosen by fd % workers */
void bell_ring(void);         /* the door's thread */
void bell_stop(void);         /* when nobody rings any more */

#endif
