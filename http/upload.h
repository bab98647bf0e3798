/* upload.h: one request that brings bytes of a file, whatever its dialect: a plain PUT (XEP-0363), the IETF's
 * resumable uploads (draft-ietf-httpbis-resumable-upload, interop version 8), or tus 1.0. All of them move
 * the one offset that storage/ keeps.
 *
 * put.c (a file from its beginning) and resume.c (more of it) read the head and say in a struct upload what
 * the body is; from then on there is one machine: claim or resume, receive, commit or keep. A connection that
 * breaks keeps what has come. Runs on the request's thread; the struct lives in the request's arena.
 */
#ifndef FERRY_HTTP_UPLOAD_H
#define FERRY_HTTP_UPLOAD_H

#include <openssl/evp.h>

#include "http/problem.h"
#include "http/request.h"
#include "storage/transfer.h"

enum upload_dialect { UPLOAD_PLAIN, UPLOAD_DRAFT, UPLOAD_TUS };

struct upload {
    enum upload_dialect dialect;
    struct grant grant;
    const char *place; /* where the file will be fetched, a path; NULL: /f/ID/NAME */
    bool appends;      /* goes on at `at`; else a new attempt, from 0 */
    bool completes;    /* the end of the body is the end of the file; tus tells by the offset alone */
    int64_t at;        /* the offset: where the body begins, then how far it came */
    bool has_sha256;
    uint8_t sha256[SHA256_BYTES]; /* of the whole file, as the client says */

    /* upload.c's own */
    struct incoming *in;    /* ours between claim and commit */
    struct incoming *early; /* ours until the first bytes, or all of them: leave to bring them unclaimed */
    char *all;              /* early: what has come, up to `at` */
    bool judged;            /* all bytes were there: what is refused now is the file */
    int64_t expires;        /* of the stored file */
    EVP_MD_CTX *compare;    /* a repeated upload: hashed, not stored */
    uint8_t stored[SHA256_BYTES];
    struct grant_limit limit;
};

/* The slot that the URL names. GRANT_UP_TO: it is for a file of unknown size, and this request says none that
 * may be: no byte of it is to be taken. */
enum refuse upload_open(struct request *rq, struct grant *out);
enum refuse upload_unsettled(const struct request *rq); /* with that flag: what such a body is refused with */
bool upload_is_another(const struct request *rq);       /* by its If-Match: an upload has no tag */
/* Repr-Digest, if there is one, into u. */
enum refuse upload_read_digest(struct request *rq, struct upload *u, const char **detail);
/* Begins: the request is suspended; its begin step will be called again and has to call upload_begun. */
int upload_begin(struct request *rq, struct upload *u);
bool upload_begins(const struct request *rq); /* false: a call of the begin step after a wake */
bool upload_claiming(const struct request *rq);
int upload_begun(struct request *rq);
/* The steps upload_body and upload_end, and upload_options, are in route.h. */

/* --- upload_answer.c: the answers, in the dialect of the request --- */
int upload_refuse(struct request *rq, const struct upload *u, enum refuse why, const char *detail);
int upload_refuse_limit(struct request *rq, const struct upload *u, enum refuse why); /* u->limit explains */
/* 409: it goes on at `expected`. */
int upload_mismatch(struct request *rq, const struct upload *u, int64_t expected);
/* 400: the lengths that were given do not agree with each other or the slot. */
int upload_inconsistent(struct request *rq, const struct upload *u);
int upload_stored(struct request *rq, const struct upload *u); /* the file is durable */
int upload_kept(struct request *rq, const struct upload *u);   /* its bytes up to `at` are */
/* HEAD: where it stands. until: wall clock, when it has to go on; 0: it is complete. */
int upload_state(struct request *rq, const struct upload *u, int64_t until);
int upload_cancelled(struct request *rq, const struct upload *u);
/* 104, before the body, to a client that asked for it and has no proxy before us; false: the connection must
 * end. */
bool upload_announce(struct request *rq, const struct upload *u);

#endif
