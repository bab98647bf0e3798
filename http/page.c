/* page.c: what people see: the download page and its states (ux c0, c1). Plain HTML; scripts only enhance.
 * Every name, address and note is text that somebody else chose: it goes through buf_add_html, nothing else
 * (row 130).
 */
#include "http/page.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "http/negotiate.h"
#include "http/reply.h"
#include "http/route.h"
#include "web/web.h"

const char *page_root(const struct request *rq)
{
    return rq->conn->kind == LISTEN_PUBLIC ? link_path() : "";
}

static void link_asset(struct request *rq, struct buf *out, const char *before, const char *name,
                       const char *after)
{
    const struct web_asset *a = web_asset_find(name);

    FERRY_ASSERT(a != NULL);
    buf_addf(out, "%s%s/w/%s?v=%s%s", before, page_root(rq), name, a->version, after);
}

static void language_switch(struct request *rq, struct buf *out)
{
    bool zh = strcmp(request_lang(rq), "zh-Hans") == 0;

    buf_addf(
        out,
        "<nav class=\"lang\" aria-label=\"%s\"><a href=\"?lang=%s\" hreflang=\"%s\" lang=\"%s\">%s</a></nav>",
        SAY(rq, LANGUAGE), zh ? "en" : "zh-Hans", zh ? "en" : "zh-Hans", zh ? "en" : "zh-Hans",
        zh ? "English" : "简体中文");
}

void page_open(struct request *rq, struct buf *out, const struct page_look *look)
{
    buf_addf(out,
             "<!doctype html>\n<html lang=\"%s\" dir=\"ltr\"><head><meta charset=\"utf-8\">"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
             "<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" "
             "content=\"noindex\"><title>",
             request_lang(rq));
    buf_add_html(out, look->title);
    buf_adds(out, "</title><meta name=\"description\" content=\"");
    buf_add_html(out, look->description ? look->description : look->title);
    buf_adds(out, "\">");
    if (look->refresh)
        buf_addf(out, "<meta http-equiv=\"refresh\" content=\"%d\">", look->refresh);
    link_asset(rq, out, "<link rel=\"icon\" type=\"image/svg+xml\" href=\"", "ferry.svg", "\">");
    link_asset(rq, out, "<link rel=\"stylesheet\" href=\"", "ferry.css", "\">");
    link_asset(rq, out, "<script src=\"", "ferry.js", "\" defer></script>");
    buf_addf(out, "</head>\n<body%s><a class=\"skip\" href=\"#main\">%s</a><header>",
             look->admin ? " class=\"admin\"" : "", SAY(rq, SKIP));
    buf_addf(out, "<p class=\"brand\">%s</p>", look->admin ? SAY(rq, ADMIN) : SAY(rq, FERRY));
    if (!look->no_switch)
        language_switch(rq, out);
    buf_adds(out, "</header>\n<main id=\"main\" tabindex=\"-1\">\n");
}

void page_close(struct request *rq, struct buf *out)
{
    buf_adds(out, "</main>\n</body></html>\n");
}

void page_time(struct buf *out, int64_t wall)
{
    char iso[21], text[32];
    time_t t = (time_t)wall;
    struct tm tm;

    clock_format_utc(wall, iso);
    gmtime_r(&t, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &tm);
    buf_addf(out, "<time datetime=\"%s\">%s</time>", iso, text);
}

int page_send(struct request *rq, unsigned status, struct buf *html)
{
    struct MHD_Response *r = reply_buf(html, "text/html; charset=utf-8");

    reply_header(r, "Content-Language", request_lang(rq));
    reply_header(r, "Vary", NEGOTIATE_VARY ", Cookie");
    reply_header(r, "Cache-Control", "private, no-store");
    if (status == MHD_HTTP_UNAUTHORIZED)
        reply_header(r, "WWW-Authenticate", "Bearer");
    if (uri_param(rq->uri.query, "lang", rq->arena))
        reply_headerf(r, "Set-Cookie", "lang=%s; Path=/; Max-Age=31536000; SameSite=Lax", request_lang(rq));
    return reply_send(rq, status, REPLY_PAGE, r);
}

static void row_open(struct buf *out, const char *label)
{
    buf_addf(out, "<div><dt>%s</dt><dd>", label);
}

static void row_close(struct buf *out)
{
    buf_adds(out, "</dd></div>\n");
}

static void row_text(struct buf *out, const char *label, const char *value)
{
    row_open(out, label);
    buf_adds(out, "<bdi dir=\"auto\">");
    buf_add_html(out, value);
    buf_adds(out, "</bdi>");
    row_close(out);
}

static void row_time(struct buf *out, const char *label, int64_t wall)
{
    row_open(out, label);
    page_time(out, wall);
    row_close(out);
}

static void size_words(struct buf *out, int64_t bytes)
{
    buf_addf(out, "<span title=\"%lld B\">", (long long)bytes);
    size_text(out, bytes);
    buf_adds(out, "</span>");
}

static void facts(struct request *rq, struct buf *out, const struct transfer *t)
{
    buf_adds(out, "<dl class=\"facts\">\n");
    row_open(out, SAY(rq, SIZE));
    size_words(out, t->size);
    row_close(out);
    row_open(out, SAY(rq, TYPE));
    struct buf words = {0};
    lang_type(&words, transfer_type(t), request_lang(rq));
    buf_add_html(out, words.data);
    buf_free(&words);
    row_close(out);
    if (t->owner[0])
        row_text(out, SAY(rq, FROM), t->owner);
    if (t->desc[0])
        row_text(out, SAY(rq, NOTE), t->desc);
    row_time(out, SAY(rq, RECEIVED), t->stored);
    if (t->expires) {
        row_open(out, SAY(rq, EXPIRES));
        page_time(out, t->expires);
        buf_addf(out, " <span class=\"quiet\">%s</span>", SAY(rq, EXPIRES_NOTE));
        row_close(out);
    }
    buf_adds(out, "</dl>\n");
}

static void checksum(struct request *rq, struct buf *out, const struct transfer *t)
{
    char hex[2 * SHA256_BYTES + 1];

    if (!t->has_sha256)
        return;
    hex_encode(hex, t->sha256, SHA256_BYTES);
    buf_addf(out,
             "<details><summary>%s</summary><p><code id=\"sha256\">%s</code> <button type=\"button\" "
             "class=\"copy\" data-copy=\"sha256\" data-done=\"%s\" hidden>%s</button></p>"
             "<p class=\"quiet\">%s</p></details>\n",
             SAY(rq, CHECKSUM), hex, SAY(rq, COPIED), SAY(rq, COPY), SAY(rq, CHECKSUM_NOTE));
}

/* A link; or, where a fetch has a consequence, a form that posts to the page's own address. */
static void download(struct request *rq, struct buf *out, const struct transfer *t)
{
    if (t->once) {
        buf_addf(out, "<form method=\"post\"><button class=\"button\" type=\"submit\">%s", SAY(rq, DOWNLOAD));
    } else {
        buf_addf(out, "<p><a class=\"button\" href=\"%s/d/%s/", page_root(rq), t->id.text);
        percent_encode(out, t->name);
        buf_addf(out, "\" download>%s", SAY(rq, DOWNLOAD));
    }
    buf_adds(out, " <span class=\"size\">");
    size_text(out, t->size);
    buf_addf(out, "</span>%s\n", t->once ? "</button></form>" : "</a></p>");
    if (t->once)
        buf_addf(out, "<p>%s</p>\n", SAY(rq, WORKS_ONCE));
    buf_addf(out, "<p class=\"quiet\">%s</p>\n", SAY(rq, SAVES_HINT));
}

static int page_ready(struct request *rq, const struct transfer *t)
{
    struct buf out = {0}, description = {0};
    int ok;

    buf_addf(&description, "%s, ", SAY(rq, A_FILE_FOR_YOU));
    size_text(&description, t->size);
    page_open(rq, &out,
              &(struct page_look){.title = SAY(rq, A_FILE_FOR_YOU), .description = description.data});
    buf_adds(&out, "<h1 class=\"name\"><bdi dir=\"auto\">");
    buf_add_html(&out, t->name);
    buf_adds(&out, "</bdi></h1>\n");
    download(rq, &out, t);
    facts(rq, &out, t);
    checksum(rq, &out, t);
    buf_addf(&out, "<p class=\"quiet\">%s</p>\n", SAY(rq, NOT_ENCRYPTED));
    page_close(rq, &out);
    ok = page_send(rq, MHD_HTTP_OK, &out);
    buf_free(&description);
    return ok;
}

static void reference(struct request *rq, struct buf *out)
{
    if (rq->uri.n < 2)
        return;
    buf_addf(out, "<p class=\"quiet\">%s: <code>", SAY(rq, REFERENCE));
    char *id = arena_strndup(rq->arena, rq->uri.seg[1].p, rq->uri.seg[1].n < 12 ? rq->uri.seg[1].n : 12);
    buf_add_html(out, id);
    buf_adds(out, "</code></p>\n");
}

static const char *who_removed(struct request *rq, const char *reason)
{
    if (strcmp(reason, "owner") == 0)
        return SAY(rq, BY_OWNER);
    if (strcmp(reason, "receiver") == 0)
        return SAY(rq, BY_RECEIVER);
    if (strncmp(reason, "operator", 8) == 0)
        return SAY(rq, BY_OPERATOR);
    return reason[0] ? SAY(rq, BY_RULE) : NULL;
}

struct state_words {
    const char *title, *text; /* the same: there is no more to say than the title */
};

static bool was_used(const struct transfer *t)
{
    return t->reason && strcmp(t->reason, "once") == 0;
}

static struct state_words state_words(struct request *rq, enum refuse why, const struct transfer *t)
{
    switch (why) {
    case REFUSE_NOT_YET:
        return (struct state_words){SAY(rq, NOT_YET_TITLE), SAY(rq, NOT_YET_TEXT)};
    case REFUSE_EXPIRED:
        return (struct state_words){SAY(rq, EXPIRED_TITLE), SAY(rq, EXPIRED_TEXT)};
    case REFUSE_REMOVED:
        if (was_used(t))
            return (struct state_words){SAY(rq, ONCE_TITLE), SAY(rq, ONCE_TEXT)};
        return (struct state_words){SAY(rq, REMOVED_TITLE), SAY(rq, REMOVED_TEXT)};
    case REFUSE_DAMAGED:
        return (struct state_words){SAY(rq, DAMAGED_TITLE), SAY(rq, DAMAGED_TEXT)};
    case REFUSE_NOT_FOUND:
        return (struct state_words){SAY(rq, NOTHING_TITLE), SAY(rq, NOTHING_TEXT)};
    default: {
        const char *text = refuse_text(why, request_lang(rq));
        return (struct state_words){text, text};
    }
    }
}

/* When it ended, and by whom. */
static void state_facts(struct request *rq, struct buf *out, enum refuse why, const struct transfer *t)
{
    const char *who = NULL;

    if (why == REFUSE_EXPIRED && t->expires) {
        buf_adds(out, "<dl class=\"facts\">");
        row_time(out, SAY(rq, EXPIRED_ON), t->expires);
    } else if (why == REFUSE_REMOVED && t->removed) {
        buf_adds(out, "<dl class=\"facts\">");
        row_time(out, was_used(t) ? SAY(rq, ONCE_ON) : SAY(rq, REMOVED_ON), t->removed);
        who = t->reason && !was_used(t) ? who_removed(rq, t->reason) : NULL;
    } else {
        return;
    }
    if (who)
        row_text(out, SAY(rq, REMOVED_BY), who);
    buf_adds(out, "</dl>\n");
}

/* The states without bytes: heading, what happened, what to do, and when. */
static int page_state(struct request *rq, enum refuse why, const struct transfer *t)
{
    struct buf out = {0};
    struct state_words say = state_words(rq, why, t);
    /* For people waiting is no error; programs get 404 and Retry-After. */
    bool waits = why == REFUSE_NOT_YET;

    page_open(rq, &out, &(struct page_look){.title = say.title, .refresh = waits ? 10 : 0});
    buf_addf(&out, "<h1>%s</h1>\n", say.title);
    if (say.text != say.title)
        buf_addf(&out, "<p>%s</p>\n", say.text);
    state_facts(rq, &out, why, t);
    if (why != REFUSE_NOT_FOUND)
        reference(rq, &out);
    page_close(rq, &out);
    return page_send(rq, waits ? MHD_HTTP_OK : (unsigned)refuse_get(why)->http, &out);
}

int page_transfer(struct request *rq, enum refuse why, const struct transfer *t)
{
    return why == REFUSE_OK ? page_ready(rq, t) : page_state(rq, why, t);
}

void page_problem(struct request *rq, struct buf *out, enum refuse why, const char *detail)
{
    const char *text = refuse_text(why, request_lang(rq));

    page_open(rq, out, &(struct page_look){.title = text, .no_switch = true});
    buf_addf(out, "<h1>%s</h1>\n", text);
    if (detail) {
        buf_adds(out, "<p>");
        buf_add_html(out, detail);
        buf_adds(out, "</p>\n");
    }
    if (refuse_get(why)->http >= 500)
        buf_addf(out, "<p>%s</p>\n", SAY(rq, PROBLEM_NEXT));
    page_close(rq, out);
}

int root_end(struct request *rq)
{
    struct buf out = {0};

    if (rq->conn->kind == LISTEN_ADMIN)
        return reply_redirect(rq, "/admin/");
    page_open(rq, &out, &(struct page_look){.title = SAY(rq, ROOT_TITLE)});
    buf_addf(&out, "<h1>%s</h1>\n<p>%s</p>\n", SAY(rq, ROOT_TITLE), SAY(rq, ROOT_TEXT));
    page_close(rq, &out);
    return page_send(rq, MHD_HTTP_OK, &out);
}
