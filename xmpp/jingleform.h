/* jingleform.h: the words of a Jingle file transfer (XEP-0166, XEP-0234 versions 5 and 4, XEP-0260, XEP-0261,
 * XEP-0300): reading a session-initiate strictly where it matters and mildly where clients err, and the
 * elements of what Ferry says itself. Pure functions of stanzas.
 */
#ifndef FERRY_JINGLEFORM_H
#define FERRY_JINGLEFORM_H

#include "base/sums.h"
#include "xmpp/siform.h"

#define JINGLEFORM_CANDIDATES 8 /* of a list, so many are looked at (row 53) */
#define JINGLEFORM_BLOCK 4096   /* bytes of a block where none is named */

/* What is said of checksums (XEP-0300): functions that are not known here are passed over. */
struct jinglesum {
    struct sums sums;
    unsigned promised; /* a bit of each enum sum that is named, its value to come */
};
bool jingleform_sum_awaited(const struct jinglesum *sum); /* is any of those still to come? */

struct jingleform { /* texts live in the stanza's arena */
    const char *sid;
    const char *creator, *content; /* of the one content */
    const char *app;               /* the namespace of the description: a literal */
    struct siform file;            /* its sid is the transport's; `methods` holds one */
    const char *name;              /* as offered; "": none */
    int64_t offset;                /* the byte that he begins with */
    struct jinglesum sum;
    const struct stanza *transport;
    uint32_t block; /* IBB */
};

/* A session-initiate. BAD_PROFILE: this is no file transfer of a version that Ferry speaks; ONE_FILE: several
 * contents, or a part of a file that is not its end; FILE_ENCRYPTED; NO_REQUESTS: he asks for a file;
 * NO_VALID_STREAMS: then the file was read; BAD_REQUEST: `detail` says what. */
enum refuse jingleform_read(const struct stanza *jingle, struct jingleform *out, const char **detail);

/* Does a <propose/> (XEP-0353) announce a file, in a version that Ferry speaks? Its size; 1: not told. */
bool jingleform_proposed(const struct stanza *propose, int64_t *size);
/* Is the session, by its first content, about files, in whatever version? */
bool jingleform_is_file(const struct stanza *jingle);
/* The session's id; NULL: none that may be. */
const char *jingleform_sid(const struct stanza *jingle);
/* Is that content among those that it names? One of a creator that is not said is meant, whoever he is. */
bool jingleform_names(const struct stanza *jingle, const char *creator, const char *name);
/* The <transport/> of the first content; NULL: none. */
const struct stanza *jingleform_transport(const struct stanza *jingle);
/* The id, the method and the block size of a transport. NO_VALID_STREAMS, BAD_REQUEST. */
enum refuse jingleform_stream(const struct stanza *transport, const char **sid, unsigned *method,
                              uint32_t *block);
/* The checksums of a <file/> in either version. */
void jingleform_sum(const struct stanza *file, struct jinglesum *out);

/* --- what Ferry says --- */
struct jingleform_line { /* borrowed for the call */
    const char *from, *to;
    const char *initiator, *sid; /* of the session */
};
/* An iq with <jingle/> of that action; returns the <jingle/>. */
struct stanza *jingleform_say(struct arena *arena, const struct jingleform_line *line, const char *action);
/* A <content/> in it, without children. */
struct stanza *jingleform_content(struct stanza *jingle, const char *creator, const char *name);

/* Why a session ends, in XEP-0166's words. REFUSE_OK: success. */
const char *jingleform_reason(enum refuse why);
/* <reason/> with the condition, the sentence in `lang`, and what XEP-0234 adds. */
void jingleform_add_reason(struct stanza *jingle, enum refuse why, const char *lang);

#endif
