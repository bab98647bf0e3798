/* stanza.h: XML elements as a tree in an arena. Built by the stream from what came, or by modules from
 * scratch; written out only by stanza_write (never copied raw: two parsers that disagree let stanzas be
 * smuggled).
 *
 * Texts are UTF-8, NUL-terminated, without NUL inside (XML has none), and live in the arena, as does the
 * tree: a module copies what it keeps. Names and namespaces compare by strcmp. A node is an element (name !=
 * NULL) or a text (name == NULL, text set).
 */
#ifndef FERRY_STANZA_H
#define FERRY_STANZA_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/refuse.h"

struct attr {
    struct attr *next;
    const char *ns; /* NULL: no namespace, as nearly always; NS_XML for xml:lang */
    const char *name, *value;
};

struct stanza {
    struct arena *arena;
    struct stanza *parent, *next, *first, *last;
    const char *ns, *name;
    struct attr *attrs;
    const char *text; /* text nodes only */
    size_t text_len;
};

/* --- building --- */
struct stanza *stanza_new(struct arena *arena, const char *ns,
                          const char *name); /* texts borrowed: literals or arena */
struct stanza *stanza_child(struct stanza *parent, const char *ns,
                            const char *name); /* ns NULL: the parent's */
struct stanza *stanza_child_text(struct stanza *parent, const char *ns, const char *name,
                                 const char *text);                      /* copies text */
void stanza_set(struct stanza *el, const char *name, const char *value); /* copies the value; NULL removes */
void stanza_set_ns(struct stanza *el, const char *ns, const char *name, const char *value);
void stanza_add_text(struct stanza *el, const char *text, size_t n); /* copies */
void stanza_add(struct stanza *parent, struct stanza *child);        /* of the same arena */
void stanza_unlink(struct stanza *el);
struct stanza *stanza_copy(struct arena *arena, const struct stanza *el); /* deep */

/* --- reading --- */
bool stanza_is(const struct stanza *el, const char *ns, const char *name); /* el may be NULL */
const char *stanza_get(const struct stanza *el, const char *name); /* attribute without namespace; NULL */
const char *stanza_lang(const struct stanza *el);                  /* xml:lang here or above; NULL */
struct stanza *stanza_find(const struct stanza *el, const char *ns,
                           const char *name); /* first child; ns NULL: el's */
struct stanza *stanza_next(const struct stanza *child, const char *ns,
                           const char *name); /* next sibling of that name */
struct stanza *stanza_first_element(const struct stanza *el);
struct stanza *stanza_next_element(const struct stanza *el);
const char *
stanza_text(const struct stanza *el); /* all direct text joined; "" for none or NULL; in the arena */

/* --- writing: namespace declarations only where they change from default_ns ("" at a document's root) --- */
void stanza_write(const struct stanza *el, const char *default_ns, struct buf *out);

/* --- answers: the iq's id, `to` = its from, `from` = exactly its `to` as written --- */
struct stanza *stanza_result(struct arena *arena, const struct stanza *iq);
bool stanza_is_result(const struct stanza *answer); /* NULL is none */
/* An error of the same kind (iq, message, presence) with the original's first child kept out; legacy code,
 * condition, text in the stanza's language, `detail` (NULL: none) added to the text. */
struct stanza *stanza_error(struct arena *arena, const struct stanza *of, enum refuse why,
                            const char *detail);

#endif
