/* notify.h: telling systemd how the service fares (sd_notify(3)), by a datagram of our own. Every call is a
 * no-op where NOTIFY_SOCKET is not set, and never blocks. Any thread. */
#ifndef FERRY_NOTIFY_H
#define FERRY_NOTIFY_H

#include "base/base.h"

void notify_send(const char *fmt, ...) PRINTF_LIKE(1, 2); /* "READY=1\nSTATUS=..." */
/* How often "WATCHDOG=1" is wanted, in ms (half of WATCHDOG_USEC); 0: not at all. */
int64_t notify_watchdog_ms(void);

#endif
