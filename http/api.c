/* api.c: the operators' API: POST /api/v1/command {"command": NAME, "args": {...}} -> {"exit": N, "answer":
 * ...}, and GET /api/v1/commands, the registry as JSON. On the Unix socket (mode 0600: whoever can open it is
 * the operator) and on the admin listener (a login, and the form token or our own Origin: rows 126, 132).
 *
 * A command may answer from any thread, later: the request is suspended meanwhile. The job is its own object,
 * so that it can outlive the connection's daemon at a stop.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/command.h"
#include "http/api.h"
#include "http/host.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/route.h"
#include "http/session.h"

struct job {
    struct request *rq; /* NULL: abandoned at a stop; who answers frees it */
    bool answered;
    enum command_exit code;
    json_t *answer;
    struct job *next, *prev; /* of those that are not answered */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct job *waiting;

static void unlink_job(struct job *job)
{
    if (job->prev)
        job->prev->next = job->next;
    else
        waiting = job->next;
    if (job->next)
        job->next->prev = job->prev;
}

static void job_drop(struct request *rq)
{
    struct job *job = rq->state;

    if (!job)
        return;
    json_decref(job->answer);
    free(job);
}

static void answered(void *arg, enum command_exit code, json_t *answer)
{
    struct job *job = arg;
    struct request *rq;

    pthread_mutex_lock(&lock);
    rq = job->rq;
    if (rq) {
        unlink_job(job);
        job->code = code;
        job->answer = answer;
        job->answered = true;
    }
    pthread_mutex_unlock(&lock);
    if (rq) {
        request_wake(rq);
    } else {
        json_decref(answer);
        free(job);
    }
}

void api_abandon(void)
{
    pthread_mutex_lock(&lock);
    while (waiting) {
        struct job *job = waiting;
        struct request *rq = TAKE(job->rq);
        unlink_job(job);
        rq->state = NULL;
        request_wake(rq);
    }
    pthread_mutex_unlock(&lock);
}

void api_run(struct request *rq, const struct command *cmd, json_t *args)
{
    struct job *job = xcalloc(1, sizeof *job);

    job->rq = rq;
    rq->state = job;
    rq->drop = job_drop;
    request_suspend(rq);
    pthread_mutex_lock(&lock);
    job->next = waiting;
    if (waiting)
        waiting->prev = job;
    waiting = job;
    pthread_mutex_unlock(&lock);
    command_run(cmd, args, answered, job);
    json_decref(args);
}

enum command_exit api_result(struct request *rq, const json_t **answer)
{
    struct job *job = rq->state;

    *answer = job->answer;
    return job->code;
}

bool api_form_token_ok(const struct request *rq, const char *token)
{
    size_t n = strlen(rq->login->csrf);
    return token && strlen(token) == n && secret_equal(token, rq->login->csrf, n);
}

bool api_foreign(const struct request *rq)
{
    const struct request_fields *f = &rq->f;

    /* Sec-Fetch-Site is the browser's own word; Origin is what older ones have ("null" where a page's
     * referrer policy is strict). */
    if (f->sec_fetch_site)
        return strcmp(f->sec_fetch_site, "same-origin") != 0 && strcmp(f->sec_fetch_site, "none") != 0;
    return f->origin && !host_own_origin(f->origin, f->host);
}

static bool from_our_pages(const struct request *rq)
{
    const struct request_fields *f = &rq->f;

    if (api_foreign(rq))
        return false;
    if (f->csrf)
        return api_form_token_ok(rq, f->csrf);
    return f->origin || (f->sec_fetch_site && strcmp(f->sec_fetch_site, "same-origin") == 0);
}

int api_begin(struct request *rq)
{
    if (rq->conn->kind == LISTEN_SOCKET)
        return MHD_YES;
    if (!rq->login)
        return problem_send(rq, REFUSE_NOT_AUTHORIZED, "Log in first: ferryctl login-link makes a link.");
    if (rq->method == METHOD_POST && !from_our_pages(rq))
        return problem_send(rq, REFUSE_FORBIDDEN, "The request does not come from our own pages.");
    return MHD_YES;
}

static int send_json(struct request *rq, json_t *take)
{
    struct buf b = {0};
    char *text = json_dumps(take, JSON_COMPACT | JSON_ENCODE_ANY);

    json_decref(take);
    if (!text)
        return problem_send(rq, REFUSE_INTERNAL, NULL);
    buf_adds(&b, text);
    buf_addc(&b, '\n');
    free(text);
    return reply_text(rq, MHD_HTTP_OK, REPLY_DATA, "application/json", &b);
}

static json_t *describe_args(const struct command *cmd)
{
    json_t *all = json_array();

    for (const struct command_arg *a = cmd->args; a && a->name; a++)
        json_array_append_new(all, json_pack("{s:s, s:s, s:b, s:b, s:s}", "name", a->name, "kind", a->kind,
                                             "required", a->required, "many", a->many, "help",
                                             a->help ? a->help : ""));
    return all;
}

static json_t *describe(const struct command *cmd)
{
    static const char *const roles[] = {"viewer", "operator", "admin"};
    json_t *columns = json_array();

    for (const char *const *c = cmd->columns; c && *c; c++)
        json_array_append_new(columns, json_string(*c));
    return json_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:o, s:o}", "name", cmd->name, "help", cmd->help, "role",
                     roles[cmd->role], "rows", cmd->flags & COMMAND_ROWS, "offline",
                     cmd->flags & COMMAND_OFFLINE, "danger", cmd->flags & COMMAND_DANGER, "args",
                     describe_args(cmd), "columns", columns);
}

static int list_commands(struct request *rq)
{
    json_t *all = json_array();

    for (const struct command *c = command_next(NULL); c; c = command_next(c))
        json_array_append_new(all, describe(c));
    return send_json(rq, all);
}

static int run_command(struct request *rq)
{
    json_error_t err;
    json_t *body = json_loadb(rq->body.data ? rq->body.data : "", rq->body.len, JSON_REJECT_DUPLICATES, &err);
    const char *name = json_string_value(json_object_get(body, "command"));
    const struct command *cmd = name ? command_find(name) : NULL;
    json_t *args = json_object_get(body, "args");

    if (!name || (args && !json_is_object(args))) {
        json_decref(body);
        return problem_send(rq, REFUSE_BAD_REQUEST, "The body must be {\"command\": NAME, \"args\": {...}}.");
    }
    if (!cmd) {
        json_decref(body);
        return problem_send(rq, REFUSE_NOT_FOUND, "There is no such command.");
    }
    args = args ? json_incref(args) : json_object();
    json_decref(body);
    rq->step = 1;
    api_run(rq, cmd, args);
    return MHD_YES;
}

int api_end(struct request *rq)
{
    if (rq->step == 1) {
        struct job *job = rq->state;
        return send_json(rq, json_pack("{s:i, s:O?}", "exit", (int)job->code, "answer", job->answer));
    }
    if (!uri_is(&rq->uri, 1, "v1") || rq->uri.n != 3)
        return problem_send(rq, REFUSE_NOT_FOUND, NULL);
    if (uri_is(&rq->uri, 2, "commands"))
        return rq->method == METHOD_POST ? problem_send(rq, REFUSE_METHOD, NULL) : list_commands(rq);
    if (uri_is(&rq->uri, 2, "command"))
        return rq->method == METHOD_POST ? run_command(rq) : problem_send(rq, REFUSE_METHOD, NULL);
    return problem_send(rq, REFUSE_NOT_FOUND, NULL);
}
