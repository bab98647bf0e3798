/* refuse.h: one table of refusals (refuse.def): both worlds refuse in the same words.
 *
 * REFUSE_OK is 0, so an enum refuse can be the result of any verb. Text in English and Chinese; the caller
 * may add a detail (a limit, a name). XMPP side: stanza error type and condition (RFC 6120 section 8.3), the
 * legacy code (XEP-0086), and an application condition with its namespace where a XEP defines one. HTTP side:
 * status and problem-details title (RFC 9457).
 */
#ifndef FERRY_REFUSE_H
#define FERRY_REFUSE_H

#include "base/base.h"

enum refuse {
    REFUSE_OK = 0,
#define REFUSE(name, type, cond, code, http, app, app_ns, title, en, zh) REFUSE_##name,
#include "base/refuse.def"
#undef REFUSE
    REFUSE_COUNT
};

struct refusal {
    const char *name;   /* "quota-full": for logs, commands' answers and problem types */
    const char *type;   /* cancel | modify | auth | wait */
    const char *cond;   /* RFC 6120 condition */
    int code;           /* XEP-0086 */
    int http;           /* status */
    const char *app;    /* application condition, or NULL */
    const char *app_ns; /* its namespace, or NULL */
    const char *title;  /* short, English: problem-details title */
    const char *en, *zh;
};

const struct refusal *refuse_get(enum refuse r); /* r != REFUSE_OK */
/* The sentence for people in a language tag (zh* -> Chinese, else English). */
const char *refuse_text(enum refuse r, const char *lang);
enum refuse refuse_by_name(const char *name); /* REFUSE_OK: unknown */

#endif
