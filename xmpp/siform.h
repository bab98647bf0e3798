/* siform.h: the words of a file offer (XEP-0095, XEP-0096): reading one strictly, and writing the answer.
 * Pure functions of a stanza. */
#ifndef FERRY_SIFORM_H
#define FERRY_SIFORM_H

#include "base/codec.h"
#include "xmpp/stanza.h"

/* Stream methods, in the order in which an answer prefers nothing: the caller chooses. */
#define METHOD_IBB 1u
#define METHOD_S5B 2u
#define METHOD_OOB 4u

#define SIFORM_ID_MAX 512    /* bytes of a stream id */
#define SIFORM_NAME_MAX 1023 /* bytes of a file's name as offered */
#define SIFORM_DESC_MAX 4096 /* bytes of the description that are kept */

struct siform {       /* texts live in the stanza's arena */
    const char *sid;  /* the offer's id: the stream's sid (C6) */
    const char *type; /* as declared; "": none that may stand in a header */
    const char *name; /* as offered */
    const char *desc; /* "": none; cut at SIFORM_DESC_MAX on a character's edge */
    char clean[256];  /* the name as people may see it (C8) */
    int64_t size;
    bool unsized; /* Jingle: he does not say; size is 0 */
    bool ranged;  /* <range/>: he can send a part (C4) */
    bool has_md5;
    uint8_t md5[MD5_BYTES];
    const char *date; /* as written, cut; "": none */
    unsigned methods; /* METHOD_* that he offers */
};

/* BAD_PROFILE, BAD_REQUEST (no id, no or bad size or name: `detail` says which), NO_VALID_STREAMS when no
 * method is known at all. */
enum refuse siform_read(const struct stanza *si, struct siform *out, const char **detail);

/* The method that an answering <si/> chooses; 0: none that is known. */
unsigned siform_chosen(const struct stanza *si);

/* <si/> with the chosen method and nothing else (C2, C7), but for an offset above 0 (C4). */
#define SIFORM_OFFSET_MAX INT32_MAX /* what every sender can count to */
struct stanza *siform_answer(struct arena *arena, unsigned method, int64_t offset);

/* <si/> that offers: what siform_read would read as `form`. No hash, no range. */
struct stanza *siform_offer(struct arena *arena, const struct siform *form);

/* What an <error/> says, by its condition or, where it names none, by the code of old (XEP-0086). unknown:
 * the client has no stream initiation at all. cannot: his client, not he, refuses the offer; everything else
 * is no. unreachable: the stream hosts of a bytestream. */
bool siform_unknown(const struct stanza *error);
bool siform_cannot(const struct stanza *error);
bool siform_unreachable(const struct stanza *error);
bool siform_misread(const struct stanza *error); /* any bad-request */

/* A declared media type that may stand in a header later, else "": it is dropped, not judged. type NULL: "".
 */
const char *siform_type(const char *type);
/* The text of a file's <desc/>, cut at SIFORM_DESC_MAX. */
const char *siform_desc(const struct stanza *file);
/* A file's date, as written: it is compared and not read. NULL: "". */
#define SIFORM_DATE_MAX 64
const char *siform_date(const struct stanza *file, const char *date);
/* [storage] max_file_size in words that need no translation ("100M"), for a refusal. */
const char *siform_limit(struct arena *arena);

/* Decimal digits only, at most `max`; -1 else. For sizes, ports, block sizes, sequence numbers. */
int64_t siform_number(const char *text, int64_t max);

#endif
