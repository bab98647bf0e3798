/* stats.h: counters of the HTTP side, for /metrics and `status`. Any thread. */
#ifndef FERRY_HTTP_STATS_H
#define FERRY_HTTP_STATS_H

#include "base/buf.h"

void stats_answered(int method, unsigned status);
void stats_connection(int delta); /* accepted +1, gone -1 */
long stats_connections(void);
void stats_refused_connection(void); /* over a cap, or no descriptor was left */
void stats_handshake(bool good);     /* TLS */
void stats_head_refused(unsigned status);
void stats_metrics(struct buf *out); /* Prometheus text */

#endif
