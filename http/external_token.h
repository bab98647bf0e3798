/* external_token.h: what another server signed when it granted an upload slot here (doc/HTTP.md, "Slots that
 * another server grants"). Four forms; the path is DIR/NAME, decoded, without the place it stands below:
 *
 *   ?v=HEX       HMAC-SHA-256 of "DIR/NAME SIZE": Prosody's mod_http_upload_external, ejabberd
 *   ?v2=HEX      HMAC-SHA-256 of "DIR/NAME" NUL "SIZE" NUL "TYPE": the same of Prosody, protocol v2
 *   ?token=HEX   as v2: Metronome
 *   Authorization: Bearer JWT    HS256: Prosody's mod_http_file_share
 *
 * A pure function of its arguments; any thread.
 */
#ifndef FERRY_HTTP_EXTERNAL_TOKEN_H
#define FERRY_HTTP_EXTERNAL_TOKEN_H

#include "base/arena.h"
#include "base/refuse.h"

struct external_ask {          /* what the request says */
    const char *path;          /* "DIR/NAME", "USER/DIR/NAME" */
    const char *v, *v2;        /* the query's parameters; NULL: absent */
    const char *authorization; /* NULL: absent */
    const char *type;          /* Content-Type; NULL: absent */
    int64_t size;              /* Content-Length */
};

struct external_slot { /* what was signed; texts in the arena or the ask's own */
    int64_t size;      /* exact */
    const char *type;  /* "": any */
    const char *owner; /* bare JID; "": not told */
    int64_t deadline;  /* wall clock; 0: not told */
    int64_t expires;   /* wall clock: when the other server forgets the file; 0: not told */
};

/* BAD_TOKEN: nothing signed, not signed with this secret, or for another path, size (v, v2) or type (v2). One
 * refusal for all, compared in constant time: who forges learns nothing. Neither deadline nor, for a JWT, the
 * size is judged here. */
enum refuse external_token_open(const struct external_ask *ask, const void *secret, size_t n,
                                struct arena *arena, struct external_slot *out);

#endif
