/* coming.h: GET of a file that is still coming in: its bytes as they arrive (storage: tail_*). */
#ifndef FERRY_HTTP_COMING_H
#define FERRY_HTTP_COMING_H

#include "http/request.h"
#include "storage/transfer.h"

/* A whole GET of a file under way is answered: true, *answer is what the handler returns. false: nothing is
 * coming, or it is nothing for this request (HEAD, a one-time link). */
bool coming_send(struct request *rq, const struct ferry_id *id, int *answer);
/* For server_stop: answers that wait for bytes end. */
void coming_stop(void);

#endif
