/* admin.c: the operator's pages on the admin listener: the spool with its totals, one file deleted by a form.
 * All of it works without scripts. Authorisation is checked in the handler, never by the path's spelling (row
 * 132); whatever changes something is a POST with the session's form token (row 126); a login link is spent
 * by its button only (C41).
 */
#include <string.h>

#include "base/codec.h"
#include "http/api.h"
#include "http/page.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/route.h"
#include "http/session.h"

#define PAGE_ROWS 50

static const char *segment(struct request *rq, size_t i)
{
    const char *s;
    return uri_segment(&rq->uri, i, rq->arena, &s) == REFUSE_OK ? s : "";
}

/* --- logging in */

static int page_login(struct request *rq, unsigned status, enum text title)
{
    struct buf out = {0};

    page_open(rq, &out, &(struct page_look){.title = lang_text(title, request_lang(rq)), .admin = true});
    buf_addf(&out, "<h1>%s</h1>\n<p>%s</p>\n<pre><code>ferryctl login-link JID</code></pre>\n",
             lang_text(title, request_lang(rq)), SAY(rq, ADMIN_LOGIN_HOW));
    page_close(rq, &out);
    return page_send(rq, status, &out);
}

static int page_continue(struct request *rq, const char *token)
{
    struct buf out = {0};
    const char *jid = session_link_peek(token, rq->arena);

    if (!jid)
        return page_login(rq, MHD_HTTP_GONE, T_ADMIN_LINK_USED);
    page_open(rq, &out, &(struct page_look){.title = SAY(rq, ADMIN_LOGIN_TITLE), .admin = true});
    buf_addf(&out, "<h1>%s</h1>\n<p>%s <bdi dir=\"auto\">", SAY(rq, ADMIN_LOGIN_TITLE),
             SAY(rq, ADMIN_CONTINUE_TEXT));
    buf_add_html(&out, jid);
    buf_addf(
        &out,
        "</bdi></p>\n<form method=\"post\"><button class=\"button\" type=\"submit\">%s</button></form>\n",
        SAY(rq, ADMIN_CONTINUE));
    page_close(rq, &out);
    return page_send(rq, MHD_HTTP_OK, &out);
}

static int login(struct request *rq, const char *token)
{
    char cookie[SESSION_TOKEN + 1];
    struct buf none = {0};
    struct MHD_Response *r;

    if (api_foreign(rq))
        return problem_send(rq, REFUSE_FORBIDDEN, NULL);
    if (!session_link_spend(token, cookie))
        return page_login(rq, MHD_HTTP_GONE, T_ADMIN_LINK_USED);
    r = reply_buf(&none, NULL);
    reply_header(r, "Location", "/admin/");
    /* No Secure and no __Host-: this listener speaks plain HTTP on loopback; the cookie never leaves it. */
    reply_headerf(r, "Set-Cookie", SESSION_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict", cookie);
    reply_header(r, "Cache-Control", "no-store");
    return reply_send(rq, MHD_HTTP_SEE_OTHER, REPLY_DATA, r);
}

/* --- the list */

static void form_token(struct request *rq, struct buf *out)
{
    buf_addf(out, "<input type=\"hidden\" name=\"csrf\" value=\"%s\">", rq->login->csrf);
}

static void bar(struct request *rq, struct buf *out)
{
    buf_addf(out, "<form class=\"logout\" method=\"post\" action=\"/admin/logout\">");
    form_token(rq, out);
    buf_adds(out, "<bdi dir=\"auto\">");
    buf_add_html(out, rq->login->jid);
    buf_addf(out, "</bdi> <button type=\"submit\">%s</button></form>\n", SAY(rq, ADMIN_LOGOUT));
}

static void figure(struct buf *out, const char *label, int64_t n, const char *more)
{
    buf_addf(out, "<div><dt>%s</dt><dd>%lld%s</dd></div>\n", label, (long long)n, more);
}

static void totals(struct request *rq, struct buf *out)
{
    struct storage_totals t;
    struct buf size = {0};

    storage_totals(rq->st, &t);
    bool bad = storage_read_only(rq->st);
    buf_addf(out, "<p class=\"state %s\"><span aria-hidden=\"true\">%s</span> %s</p>\n<dl class=\"figures\">",
             bad ? "bad" : "good", bad ? "✕" : "✓", bad ? SAY(rq, ADMIN_READ_ONLY) : SAY(rq, ADMIN_HEALTHY));
    buf_adds(&size, " (");
    size_text(&size, t.bytes);
    buf_adds(&size, ")");
    figure(out, SAY(rq, ADMIN_STORED), t.files, size.data);
    buf_free(&size);
    figure(out, SAY(rq, ADMIN_RECEIVING), t.receiving, "");
    figure(out, SAY(rq, ADMIN_WAITING), t.outbox, "");
    figure(out, SAY(rq, ADMIN_ACCOUNTS), t.accounts, "");
    buf_addf(out, "<div><dt>%s</dt><dd>", SAY(rq, ADMIN_DISK));
    size_text(out, t.disk_free);
    buf_addf(out, " %s ", SAY(rq, ADMIN_OF));
    size_text(out, t.disk_size);
    buf_adds(out, "</dd></div></dl>\n");
}

static const char *const states[] = {
#define X(id, word) word,
    TRANSFER_STATES(X)
#undef X
};

static const char *state_words(struct request *rq, size_t state)
{
    static const enum text words[] = {
#define X(id, word) T_STATE_##id,
        TRANSFER_STATES(X)
#undef X
    };
    return lang_text(words[state], request_lang(rq));
}

static void filter_form(struct request *rq, struct buf *out, const char *owner, const char *state)
{
    buf_addf(
        out,
        "<form class=\"filter\" method=\"get\" action=\"/admin/\"><label>%s <input name=\"owner\" value=\"",
        SAY(rq, ADMIN_OWNER));
    buf_add_html(out, owner ? owner : "");
    buf_addf(out, "\"></label> <label>%s <select name=\"state\"><option value=\"\">%s</option>",
             SAY(rq, ADMIN_STATE), SAY(rq, ADMIN_ANY));
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        buf_addf(out, "<option value=\"%s\"%s>%s</option>", states[i],
                 state && strcmp(state, states[i]) == 0 ? " selected" : "", state_words(rq, i));
    buf_addf(out, "</select></label> <button type=\"submit\">%s</button></form>\n", SAY(rq, ADMIN_FILTER));
}

/* The roles are written out: where the sheet lays a narrow table out as blocks, browsers forget that it is
 * one. */
#define COLUMN "<th role=\"columnheader\" scope=\"col\">%s</th>"
#define CELL "<td role=\"cell\" data-label=\"%s\""

static void cell(struct buf *out, const char *label, const char *text)
{
    buf_addf(out, CELL ">", label);
    if (text[0]) {
        buf_adds(out, "<bdi dir=\"auto\">");
        buf_add_html(out, text);
        buf_adds(out, "</bdi>");
    }
    buf_adds(out, "</td>");
}

static void row(struct request *rq, struct buf *out, const struct transfer *t)
{
    buf_adds(out, "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\"><bdi dir=\"auto\">");
    buf_add_html(out, t->name[0] ? t->name : t->id.text);
    buf_addf(out, "</bdi></th>" CELL " class=\"number\" title=\"%lld B\">", SAY(rq, SIZE),
             (long long)t->size);
    size_text(out, t->size);
    buf_adds(out, "</td>");
    cell(out, SAY(rq, ADMIN_OWNER), t->owner);
    cell(out, SAY(rq, ADMIN_TO), t->to);
    cell(out, SAY(rq, ADMIN_STATE), state_words(rq, t->state));
    buf_addf(out, CELL ">", SAY(rq, ADMIN_CREATED));
    page_time(out, t->created);
    buf_addf(out, "</td>" CELL ">", SAY(rq, ADMIN_EXPIRES));
    if (t->expires)
        page_time(out, t->expires);
    buf_addf(out, "</td>" CELL ">", SAY(rq, ADMIN_ACTION));
    if (t->state == TRANSFER_STORED || t->state == TRANSFER_HELD || t->state == TRANSFER_RECEIVING) {
        buf_addf(out, "<a href=\"/admin/delete/%s\" aria-label=\"%s ", t->id.text, SAY(rq, ADMIN_DELETE));
        buf_add_html(out, t->name);
        buf_addf(out, "\">%s</a>", SAY(rq, ADMIN_DELETE));
    }
    buf_adds(out, "</td></tr>\n");
}

static void rows(struct request *rq, struct buf *out, const struct transfer_list *list)
{
    buf_addf(
        out,
        "<table role=\"table\"><caption>%s</caption><thead role=\"rowgroup\"><tr role=\"row\">" COLUMN COLUMN
            COLUMN COLUMN COLUMN COLUMN COLUMN COLUMN "</tr></thead><tbody role=\"rowgroup\">\n",
        SAY(rq, ADMIN_FILES), SAY(rq, NAME), SAY(rq, SIZE), SAY(rq, ADMIN_OWNER), SAY(rq, ADMIN_TO),
        SAY(rq, ADMIN_STATE), SAY(rq, ADMIN_CREATED), SAY(rq, ADMIN_EXPIRES), SAY(rq, ADMIN_ACTION));
    for (size_t i = 0; i < list->n; i++)
        row(rq, out, &list->rows[i]);
    buf_adds(out, "</tbody></table>\n");
}

static const char *param(struct request *rq, const char *name)
{
    const char *v = uri_param(rq->uri.query, name, rq->arena);
    return v && v[0] ? v : NULL;
}

static void paging(struct request *rq, struct buf *out, const struct transfer_list *list, const char *owner,
                   const char *state)
{
    struct buf rest = {0};

    if (owner) {
        buf_adds(&rest, "&owner=");
        percent_encode(&rest, owner);
    }
    if (state) {
        buf_adds(&rest, "&state=");
        percent_encode(&rest, state);
    }
    buf_adds(out, "<p class=\"paging\">");
    if (param(rq, "after")) {
        buf_adds(out, "<a href=\"/admin/?");
        buf_add_html(out, rest.data ? rest.data : "");
        buf_addf(out, "\">%s</a> ", SAY(rq, ADMIN_FIRST));
    }
    if (list->more) {
        buf_adds(out, "<a rel=\"next\" href=\"/admin/?after=");
        percent_encode(out, list->next);
        buf_add_html(out, rest.data ? rest.data : "");
        buf_addf(out, "\">%s</a>", SAY(rq, ADMIN_NEXT));
    }
    buf_adds(out, "</p>\n");
    buf_free(&rest);
}

static int page_spool(struct request *rq, const char *said)
{
    struct buf out = {0};
    struct transfer_list list = {0};
    struct transfer_query q = {.owner = param(rq, "owner"),
                               .state = param(rq, "state"),
                               .cursor = param(rq, "after"),
                               .limit = PAGE_ROWS,
                               .all = true};

    transfer_list(rq->st, &q, rq->arena, &list);
    page_open(rq, &out, &(struct page_look){.title = SAY(rq, ADMIN), .admin = true});
    bar(rq, &out);
    buf_addf(&out, "<h1>%s</h1>\n", SAY(rq, ADMIN_SPOOL));
    if (said)
        buf_addf(&out, "<p class=\"said\" role=\"status\">%s</p>\n", said);
    totals(rq, &out);
    filter_form(rq, &out, q.owner, q.state);
    if (list.n)
        rows(rq, &out, &list);
    else
        buf_addf(&out, "<p>%s</p>\n", SAY(rq, ADMIN_EMPTY));
    paging(rq, &out, &list, q.owner, q.state);
    page_close(rq, &out);
    return page_send(rq, MHD_HTTP_OK, &out);
}

/* --- deleting one file */

static int page_delete(struct request *rq)
{
    struct buf out = {0};
    struct transfer t;
    struct ferry_id id;
    const char *text = segment(rq, 2);
    enum refuse r;

    memset(&t, 0, sizeof t);
    if (id_check(rq->st, text, strlen(text), &id) == ID_FORGED)
        return problem_send(rq, REFUSE_NOT_FOUND, NULL);
    r = transfer_lookup(rq->st, &id, rq->arena, &t);
    if (!t.name || r == REFUSE_NOT_FOUND)
        return problem_send(rq, REFUSE_NOT_FOUND, NULL);
    page_open(rq, &out, &(struct page_look){.title = SAY(rq, ADMIN_DELETE_TITLE), .admin = true});
    bar(rq, &out);
    buf_addf(&out, "<h1>%s</h1>\n<p><strong><bdi dir=\"auto\">", SAY(rq, ADMIN_DELETE_TITLE));
    buf_add_html(&out, t.name);
    buf_adds(&out, "</bdi></strong>, ");
    size_text(&out, t.size);
    buf_adds(&out, ", <bdi dir=\"auto\">");
    buf_add_html(&out, t.owner);
    buf_addf(&out, "</bdi></p>\n<p>%s</p>\n<form method=\"post\" action=\"/admin/delete/%s\">",
             SAY(rq, ADMIN_DELETE_TEXT), id.text);
    form_token(rq, &out);
    buf_addf(
        &out,
        "<button class=\"button danger\" type=\"submit\">%s</button> <a href=\"/admin/\">%s</a></form>\n",
        SAY(rq, ADMIN_DELETE), SAY(rq, ADMIN_CANCEL));
    page_close(rq, &out);
    return page_send(rq, MHD_HTTP_OK, &out);
}

static int delete_file(struct request *rq)
{
    const struct command *cmd = command_find("rm");
    struct ferry_id id;
    const char *text = segment(rq, 2);

    if (!cmd || id_check(rq->st, text, strlen(text), &id) == ID_FORGED)
        return problem_send(rq, REFUSE_NOT_FOUND, NULL);
    rq->step = 1;
    api_run(rq, cmd, json_pack("{s:[s]}", cmd->args[0].name, id.text));
    return MHD_YES;
}

static int deleted(struct request *rq)
{
    const json_t *answer;
    enum command_exit code = api_result(rq, &answer);

    if (code == EXIT_OK_)
        return reply_redirect(rq, "/admin/?said=gone");
    return problem_send(rq, code == EXIT_NOT_FOUND_ ? REFUSE_NOT_FOUND : REFUSE_INTERNAL, NULL);
}

/* --- the routes */

int admin_begin(struct request *rq)
{
    return MHD_YES;
}

static int admin_post(struct request *rq)
{
    const char *csrf = uri_param(rq->body.data, "csrf", rq->arena);

    if (uri_is(&rq->uri, 1, "login") && rq->uri.n == 3)
        return login(rq, segment(rq, 2));
    if (!rq->login)
        return page_login(rq, MHD_HTTP_UNAUTHORIZED, T_ADMIN_LOGIN_TITLE);
    if (!api_form_token_ok(rq, csrf) || api_foreign(rq))
        return problem_send(rq, REFUSE_FORBIDDEN, SAY(rq, ADMIN_STALE));
    if (uri_is(&rq->uri, 1, "delete") && rq->uri.n == 3)
        return delete_file(rq);
    if (uri_is(&rq->uri, 1, "logout") && rq->uri.n == 2) {
        session_end(rq->f.cookie);
        return reply_redirect(rq, "/admin/");
    }
    return problem_send(rq, REFUSE_METHOD, NULL);
}

int admin_end(struct request *rq)
{
    const char *said;

    if (rq->step == 1)
        return deleted(rq);
    if (rq->method == METHOD_POST)
        return admin_post(rq);
    if (uri_is(&rq->uri, 1, "login") && rq->uri.n == 3)
        return page_continue(rq, segment(rq, 2));
    if (!rq->login)
        return page_login(rq, MHD_HTTP_UNAUTHORIZED, T_ADMIN_LOGIN_TITLE);
    said = param(rq, "said");
    if (rq->uri.n == 1)
        return page_spool(rq, said && strcmp(said, "gone") == 0 ? SAY(rq, ADMIN_GONE) : NULL);
    if (uri_is(&rq->uri, 1, "delete") && rq->uri.n == 3)
        return page_delete(rq);
    if (uri_is(&rq->uri, 1, "logout"))
        return problem_send(rq, REFUSE_METHOD, NULL);
    return problem_send(rq, REFUSE_NOT_FOUND, NULL);
}
