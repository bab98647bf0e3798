/* api.h: running a command for a request: shared by the API and the admin forms. */
#ifndef FERRY_HTTP_API_H
#define FERRY_HTTP_API_H

#include "base/command.h"
#include "http/request.h"

/* Suspends the request and runs the command; takes args. When the route's step is called again, api_result
 * has the answer (borrowed from the request). */
void api_run(struct request *rq, const struct command *cmd, json_t *args);
enum command_exit api_result(struct request *rq, const json_t **answer);
/* At a stop: requests whose command will not answer any more (its thread has ended) are woken without one. */
void api_abandon(void);
/* Whether it is the session's form token (constant time). rq->login is set. */
bool api_form_token_ok(const struct request *rq, const char *token);
/* Whether the browser says that the request comes from another site's page. */
bool api_foreign(const struct request *rq);

#endif
