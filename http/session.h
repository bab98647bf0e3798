/* session.h: who is logged in to the admin pages. In memory: a restart ends every session.
 *
 * A login begins with a one-time link (command `login-link`): its page is free to open (previews, scanners),
 * only the POST of its button spends it (C41). Any thread.
 */
#ifndef FERRY_HTTP_SESSION_H
#define FERRY_HTTP_SESSION_H

#include "base/arena.h"

#define SESSION_COOKIE "ferry_admin"
#define SESSION_TOKEN 32 /* characters of base64url */

struct login { /* a copy, in the asker's arena */
    const char *jid;
    const char *csrf; /* what every form must carry */
};

/* A new one-time token for jid: valid ten minutes, once. */
void session_link_new(const char *jid, char token[SESSION_TOKEN + 1]);
/* Whose link this is; NULL: unknown, used or too old. Does not spend it. */
const char *session_link_peek(const char *token, struct arena *arena);
/* Spends the link and makes a session: its cookie's value. false: as above. */
bool session_link_spend(const char *token, char cookie[SESSION_TOKEN + 1]);

const struct login *session_find(const char *cookie_header, struct arena *arena); /* NULL: nobody */
void session_end(const char *cookie_header);
size_t session_count(void);

#endif
