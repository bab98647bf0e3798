/* owner.c: POST /f/ID/NAME: what the owner wishes, who shows the delete token (the Ferry-Delete header of the
 * 201, also in `ferryctl show`): how long the file is kept. And the button of a one-time link, which shows
 * nothing (once.c). DELETE is delete.c's.
 */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "http/once.h"
#include "http/owner.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/route.h"
#include "http/upload_field.h"
#include "http/validate.h"

#define FORM_MOST 4096

enum refuse owner_check(struct request *rq, const struct ferry_id *id, const char **detail)
{
    const char *token = rq->f.authorization;
    struct transfer t;
    struct validators v;

    *detail = "The delete token is missing.";
    if (!token || strncasecmp(token, "Bearer ", 7) != 0)
        return REFUSE_NOT_AUTHORIZED;
    *detail = NULL;
    token += 7 + strspn(token + 7, " ");
    if (!transfer_delete_allowed(rq->st, id, token))
        return REFUSE_FORBIDDEN;
    if (transfer_lookup(rq->st, id, rq->arena, &t) != REFUSE_OK || t.once) /* what has no tag has no state */
        return REFUSE_OK;
    validate_transfer(&t, &v);
    return validate_change(&rq->f, &v) == 0 ? REFUSE_OK : REFUSE_PRECONDITION;
}

/* --- how long it is kept --- */

/* "7d" from now on, an HTTP or an XEP-0082 date to come. */
static bool parse_expires(const char *text, int64_t *until)
{
    int64_t now = clock_wall();

    return text && (upload_field_expires(text, now, until) == FIELD_OK ||
                    (clock_parse_utc(text, until) == 0 && *until > now));
}

static void changed(void *arg, enum refuse r)
{
    struct request *rq = arg;

    rq->result = r;
    request_wake(rq);
}

static int send_expires(struct request *rq, const struct ferry_id *id)
{
    struct buf body = {0};
    struct transfer t;
    char until[21];
    struct MHD_Response *r;
    enum refuse why = rq->result;

    if (why == REFUSE_OK)
        why = transfer_lookup(rq->st, id, rq->arena, &t);
    if (why != REFUSE_OK)
        return problem_send(rq, why, NULL);
    clock_format_utc(t.expires, until);
    buf_addf(&body, "{\"id\":\"%s\",\"expires\":\"%s\"}\n", id->text, until);
    r = reply_buf(&body, "application/json");
    reply_header(r, "Cache-Control", "no-store");
    reply_cors(r);
    return reply_send(rq, MHD_HTTP_OK, REPLY_DATA, r);
}

static int set_expires(struct request *rq, const struct ferry_id *id)
{
    const char *detail;
    int64_t until;
    enum refuse why = owner_check(rq, id, &detail);

    if (why != REFUSE_OK)
        return problem_send(rq, why, detail);
    if (!parse_expires(uri_param(rq->body.data, "expires", rq->arena), &until))
        return problem_send(rq, REFUSE_BAD_REQUEST,
                            "expires must be a duration (7d) or a date to come (2027-01-31T12:00:00Z).");
    rq->step = 1;
    request_suspend(rq);
    transfer_owner_expires(rq->st, id, until, NULL, changed, rq);
    return MHD_YES;
}

/* --- the route --- */

int post_begin(struct request *rq)
{
    return rq->body_size > FORM_MOST ? problem_send(rq, REFUSE_FILE_TOO_LARGE, NULL) : MHD_YES;
}

/* Another site's page must not press the button. Programs and old browsers do not say where they come from.
 */
static bool from_elsewhere(const struct request *rq)
{
    const char *site = rq->f.sec_fetch_site;

    return site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

int post_id(struct request *rq, const struct ferry_id *id)
{
    struct transfer t;
    enum refuse why;

    if (rq->step == 1)
        return send_expires(rq, id);
    if (rq->f.authorization)
        return set_expires(rq, id);
    why = transfer_lookup(rq->st, id, rq->arena, &t);
    if (why != REFUSE_OK)
        return get_refused(rq, why, &t);
    if (!t.once)
        return problem_send(rq, REFUSE_NOT_AUTHORIZED, "The delete token is missing.");
    if (from_elsewhere(rq))
        return problem_send(rq, REFUSE_FORBIDDEN, NULL);
    return once_send(rq, &t);
}

int post_end(struct request *rq)
{
    struct ferry_id id;

    if (rq->uri.n < 2 || rq->uri.n > 3 ||
        id_check(rq->st, rq->uri.seg[1].p, rq->uri.seg[1].n, &id) == ID_FORGED)
        return problem_send(rq, REFUSE_NOT_FOUND, NULL);
    return post_id(rq, &id);
}
