/* reader.c: expat for streams: its handlers build a stanza's tree; the pool of idle parsers.
 *
 * Promises: nothing is buffered beyond the limits of depth, attributes, tag and tree; restricted XML ends the
 * stream with the construct that is not allowed. From inside expat's handlers only XML_StopParser and the
 * position calls are made. A reader is never reset, only retired: its tables and buffers only grow.
 */
#include "xmpp/reader.h"

#include <stdlib.h>
#include <string.h>

#include "xmpp/ns.h"

#define SEPARATOR '\1'   /* no XML character, so no namespace can hold it */
#define DEPTH_MAX 64     /* the stream header is 1 */
#define ATTRS_MAX 64     /* with namespace declarations */
#define TREE_FACTOR 8    /* bytes of tree for a byte of stanza; a message needs about 4 */
#define TREE_FLOOR 16384 /* which small stanzas may always use */
#define READER_RETIRE (256 * 1024)
#define READERS_MAX 8  /* pooled: as many as can be in use at once on one thread, with room */
#define TEXT_KEEP 4096 /* text buffer kept with a pooled reader */
#define ARENA_CHUNK 4096
#define ARENA_CHUNKS_FREE 64

static const char usual_header[] = "<stream:stream xmlns='" NS_CLIENT "' xmlns:stream='" NS_STREAM "'>";

/* --- ends --- */
void reader_stop(struct reader *r)
{
    if (r->stopped)
        return;
    r->stopped = true;
    XML_StopParser(r->parser, XML_FALSE);
}

void reader_fault(struct stream *s, enum stream_fault f, const char *detail)
{
    if (s->reader)
        reader_stop(s->reader);
    if (s->dead || s->freed)
        return;
    s->dead = true;
    s->events->fault(s->owner, f, detail);
}

/* --- expat's handlers --- */
/* The end of the token that is being reported. */
static uint64_t token_end(struct reader *r)
{
    uint64_t end =
        (uint64_t)XML_GetCurrentByteIndex(r->parser) + (uint64_t)XML_GetCurrentByteCount(r->parser);
    r->seen = end;
    return end;
}

static void flush_text(struct reader *r)
{
    if (!r->text.len)
        return;
    stanza_add_text(r->at, r->text.data, r->text.len);
    r->text.len = 0;
}

/* "ns SEPARATOR name" of expat; the namespace is shared with `like` where it is the same. */
static void split_name(struct arena *arena, const char *full, const char *like, const char **ns,
                       const char **name)
{
    const char *cut = strchr(full, SEPARATOR);
    if (!cut) {
        *ns = NULL;
        *name = arena_strdup(arena, full);
        return;
    }
    size_t n = (size_t)(cut - full);
    if (like && !strncmp(like, full, n) && !like[n])
        *ns = like;
    else
        *ns = arena_strndup(arena, full, n);
    *name = arena_strdup(arena, cut + 1);
}

/* A header that declares the two usual namespaces under their usual names, and nothing else, is forgotten:
 * any reader of the pool stands behind such a one. */
static void remember_header(struct reader *r)
{
    struct stream *s = r->stream;
    free(s->header);
    s->header = NULL;
    if (r->declared != 2 || strcmp(r->prefix, "stream")) {
        struct buf b = {0};
        buf_addf(&b, "<%s:stream%s>", r->prefix, r->declarations.data);
        s->header = buf_take(&b);
    }
    buf_free(&r->declarations);
    free(TAKE(r->prefix));
}

static void on_header(struct reader *r, const char *name, const char **attrs)
{
    struct stream *s = r->stream;
    struct stream_header h = {.default_ns = r->default_ns};
    static const char xml_lang[] = NS_XML "\1lang";
    static const char root[] = NS_STREAM "\1stream";

    if (strcmp(name, root)) {
        bool ours = !strncmp(name, NS_STREAM "\1", sizeof(NS_STREAM));
        reader_fault(s, ours ? STREAM_BAD_FORMAT : STREAM_INVALID_NAMESPACE, NULL);
        return;
    }
    if (!h.default_ns) {
        reader_fault(s, STREAM_INVALID_NAMESPACE, NULL);
        return;
    }
    if (r->ambiguous) {
        reader_fault(s, STREAM_BAD_FORMAT, "two prefixes for one namespace");
        return;
    }
    for (; *attrs; attrs += 2) {
        if (!strcmp(attrs[0], "to"))
            h.to = attrs[1];
        else if (!strcmp(attrs[0], "from"))
            h.from = attrs[1];
        else if (!strcmp(attrs[0], "version"))
            h.version = attrs[1];
        else if (!strcmp(attrs[0], xml_lang))
            h.lang = attrs[1];
    }
    remember_header(r);
    free(s->lang);
    s->lang = h.lang && *h.lang && strlen(h.lang) < 64 ? xstrdup(h.lang) : NULL;
    s->open = true;
    s->events->opened(s->owner, &h);
}

static void on_start(void *arg, const char *name, const char **attrs)
{
    struct reader *r = arg;
    struct stream *s = r->stream;
    if (r->stopped || (!s && !r->priming))
        return;
    uint64_t end = token_end(r);
    unsigned n = r->declared;
    for (const char **a = attrs; *a; a += 2)
        n++;
    if (++r->depth > DEPTH_MAX || n > ATTRS_MAX || XML_GetCurrentByteCount(r->parser) > TOKEN_MAX) {
        if (s)
            reader_fault(s, STREAM_POLICY_VIOLATION, "too deep, or too much in one element");
        return;
    }
    if (r->depth == 1) {
        r->boundary = end;
        if (s)
            on_header(r, name, attrs);
        r->declared = 0;
        return;
    }
    FERRY_ASSERT(s); /* what primes a reader is a header alone */
    r->declared = 0;
    if (r->depth == 2)
        r->arena = arena_get(s->pool->arenas);
    else
        flush_text(r);

    struct stanza *el = stanza_new(r->arena, NULL, NULL);
    split_name(r->arena, name, r->at ? r->at->ns : NS_CLIENT, &el->ns, &el->name);
    if (!el->ns)
        el->ns = ""; /* xmlns='' */
    struct attr **tail = &el->attrs;
    for (; *attrs; attrs += 2) {
        struct attr *a = arena_alloc(r->arena, sizeof(*a));
        a->next = NULL;
        split_name(r->arena, attrs[0], NULL, &a->ns, &a->name);
        a->value = arena_strdup(r->arena, attrs[1]);
        *tail = a;
        tail = &a->next;
    }
    if (r->at)
        stanza_add(r->at, el);
    r->at = el;
    if (r->depth == 2 && s->lang && !stanza_lang(el))
        stanza_set_ns(el, NS_XML, "lang", s->lang);
    if (arena_used(r->arena) > TREE_FLOOR + TREE_FACTOR * s->stanza_max)
        reader_fault(s, STREAM_POLICY_VIOLATION, "stanza too large");
}

static void give_stanza(struct reader *r)
{
    struct stream *s = r->stream;
    struct stanza *st = r->at;
    struct arena *arena = TAKE(r->arena);
    r->at = NULL;
    s->events->stanza(s->owner, st);
    arena_put(arena);
    /* The receiver may have freed the stream; r lives until stream_feed returns. A reader that has grown is
     * changed for a fresh one here too, lest a flood without pauses keeps it for ever. */
    if ((s->freed || s->stop || s->restart || r->fed > READER_RETIRE) && r->boundary < r->fed)
        reader_stop(r);
}

static void on_end(void *arg, const char *name)
{
    struct reader *r = arg;
    struct stream *s = r->stream;
    if (r->stopped || !s)
        return;
    uint64_t end = token_end(r);
    r->depth--;
    if (r->depth == 0) {
        r->boundary = end;
        s->open = false;
        s->events->closed(s->owner);
        if (s->freed)
            reader_stop(r);
        return;
    }
    flush_text(r);
    if (r->depth > 1) {
        r->at = r->at->parent;
        return;
    }
    bool too_large = end - r->boundary > s->stanza_max;
    r->boundary = end;
    if (too_large)
        reader_fault(s, STREAM_POLICY_VIOLATION, "stanza too large");
    else
        give_stanza(r);
}

static void on_text(void *arg, const char *text, int len)
{
    struct reader *r = arg;
    if (r->stopped || !r->stream)
        return;
    uint64_t end = token_end(r);
    if (r->depth > 1) {
        buf_add(&r->text, text, (size_t)len);
        return;
    }
    for (int i = 0; i < len; i++)
        if (!strchr(" \t\r\n", text[i])) {
            reader_fault(r->stream, STREAM_BAD_FORMAT, "text between stanzas");
            return;
        }
    r->boundary = end;
}

static void on_namespace(void *arg, const char *prefix, const char *uri)
{
    struct reader *r = arg;
    if (r->stopped || !r->stream)
        return;
    r->declared++;
    if (r->depth > 0)
        return;
    uri = uri ? uri : "";
    buf_addf(&r->declarations, " xmlns%s%s='", prefix ? ":" : "", prefix ? prefix : "");
    buf_add_xml(&r->declarations, uri, strlen(uri));
    buf_addc(&r->declarations, '\'');
    if (!prefix) {
        r->default_ns = !strcmp(uri, NS_CLIENT) ? NS_CLIENT : NULL;
    } else if (!strcmp(uri, NS_STREAM)) {
        r->ambiguous = r->prefix != NULL;
        free(r->prefix);
        r->prefix = xstrdup(prefix);
    }
}

static void restricted(struct reader *r)
{
    if (!r->stopped && r->stream)
        reader_fault(r->stream, STREAM_RESTRICTED_XML, NULL);
}

static void on_doctype(void *arg, const char *name, const char *sysid, const char *pubid, int internal)
{
    restricted(arg);
}

static void on_entity(void *arg, const char *name, int is_param, const char *value, int len, const char *base,
                      const char *sysid, const char *pubid, const char *notation)
{
    restricted(arg);
}

static void on_comment(void *arg, const char *text)
{
    restricted(arg);
}

static void on_instruction(void *arg, const char *target, const char *data)
{
    restricted(arg);
}

static void on_declaration(void *arg, const char *version, const char *encoding, int standalone)
{
    struct reader *r = arg;
    if (!r->stopped && r->stream && encoding && strcasecmp(encoding, "UTF-8"))
        reader_fault(r->stream, STREAM_UNSUPPORTED_ENCODING, NULL);
}

/* --- readers --- */
/* A parser is made for each stream restart and never reset (a reset forgets all of this). expat salts its
 * hash tables from the system's random source by itself, anew for each parser. */
static void reader_set_up(struct reader *r)
{
    XML_Parser p = r->parser;
    XML_SetUserData(p, r);
    XML_SetElementHandler(p, on_start, on_end);
    XML_SetCharacterDataHandler(p, on_text);
    XML_SetStartNamespaceDeclHandler(p, on_namespace);
    XML_SetStartDoctypeDeclHandler(p, on_doctype);
    XML_SetEntityDeclHandler(p, on_entity);
    XML_SetCommentHandler(p, on_comment);
    XML_SetProcessingInstructionHandler(p, on_instruction);
    XML_SetXmlDeclHandler(p, on_declaration);
    XML_SetParamEntityParsing(p, XML_PARAM_ENTITY_PARSING_NEVER);
    XML_SetReparseDeferralEnabled(p, XML_FALSE);
    XML_SetBillionLaughsAttackProtectionMaximumAmplification(p, 4.0f);
    XML_SetBillionLaughsAttackProtectionActivationThreshold(p, 64 * 1024);
    XML_SetAllocTrackerMaximumAmplification(p, 32.0f);
    XML_SetAllocTrackerActivationThreshold(p, 4 * 1024 * 1024);
}

struct reader *reader_new(struct stream *s)
{
    struct reader *r = xcalloc(1, sizeof(*r));
    r->parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
    FERRY_ASSERT(r->parser); /* memory is gone: as with xmalloc */
    r->stream = s;
    reader_set_up(r);
    return r;
}

void reader_free(struct reader *r)
{
    if (!r)
        return;
    arena_put(r->arena);
    buf_free(&r->text);
    buf_free(&r->declarations);
    free(r->prefix);
    XML_ParserFree(r->parser);
    free(r);
}

/* A reader for a stream that is open and between two stanzas. */
struct reader *reader_take(struct stream *s)
{
    struct stream_pool *pool = s->pool;
    struct reader *r = s->header ? NULL : pool->idle;
    if (r) {
        pool->idle = r->next;
        pool->n_idle--;
        r->next = NULL;
        r->stream = s;
        return r;
    }
    const char *header = s->header ? s->header : usual_header;
    size_t n = strlen(header);
    r = reader_new(NULL);
    r->priming = true;
    enum XML_Status st = XML_Parse(r->parser, header, (int)n, 0);
    FERRY_ASSERT(st == XML_STATUS_OK && r->depth == 1); /* it was read once, and written by us */
    r->priming = false;
    r->fed = r->seen = r->boundary = n;
    r->stream = s;
    return r;
}

/* Between two stanzas, every byte consumed, and nothing kept? */
bool reader_clean(const struct reader *r)
{
    return !r->stopped && r->depth == 1 && r->boundary == r->fed;
}

/* At a clean boundary. One that stands behind an odd header stays with its stream until it has grown. */
void reader_give_back(struct stream *s)
{
    struct stream_pool *pool = s->pool;
    struct reader *r = s->reader;
    FERRY_ASSERT(!r->arena && !r->at && !r->text.len);
    if (r->text.cap > TEXT_KEEP)
        buf_free(&r->text);
    if (r->fed > READER_RETIRE || (!s->header && pool->n_idle >= READERS_MAX)) {
        reader_free(TAKE(s->reader));
        return;
    }
    if (s->header)
        return;
    s->reader = NULL;
    r->stream = NULL;
    r->next = pool->idle;
    pool->idle = r;
    pool->n_idle++;
}

/* --- the pool --- */
struct stream_pool *stream_pool_new(void)
{
    struct stream_pool *p = xcalloc(1, sizeof(*p));
    p->arenas = arena_pool_new(ARENA_CHUNK, ARENA_CHUNKS_FREE);
    return p;
}

void stream_pool_free(struct stream_pool *p)
{
    if (!p)
        return;
    while (p->idle) {
        struct reader *r = p->idle;
        p->idle = r->next;
        reader_free(r);
    }
    arena_pool_free(p->arenas);
    free(p);
}

struct arena_pool *stream_pool_arenas(struct stream_pool *p)
{
    return p->arenas;
}
