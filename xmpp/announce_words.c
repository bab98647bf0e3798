/* announce_words.c: the stanzas of announce.h.
 *
 * The receiver's message: the body is the link and nothing else, or clients do not show it as a file (C25);
 * the same link in jabber:x:oob; Stateless File Sharing (XEP-0447) with name, size, type and SHA-256, its
 * body marked as fallback (XEP-0428). The file is an "attachment": nobody's client fetches it unasked.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "xmpp/announce.h"
#include "xmpp/ns.h"

#define NAMES_MAX 10 /* of files in one sentence */

const char *announce_id(struct arena *arena, const struct outbox_item *item, size_t n)
{
    if (item->kind == OUTBOX_FILE)
        return arena_printf(arena, "ferry-%s", item->id.text);
    if (item->id.text[0] && n > 1)
        return arena_printf(arena, "ferry-%s-%s-%zu", item->id.text, outbox_kind_name(item->kind), n);
    if (item->id.text[0])
        return arena_printf(arena, "ferry-%s-%s", item->id.text, outbox_kind_name(item->kind));
    return arena_printf(arena, "ferry-%lld-%s", (long long)item->seq, outbox_kind_name(item->kind));
}

static struct stanza *chat(struct arena *arena, const struct outbox_item *item, size_t n, const char *from)
{
    struct stanza *m = stanza_new(arena, NS_CLIENT, "message");
    stanza_set(m, "type", "chat");
    stanza_set(m, "id", announce_id(arena, item, n));
    stanza_set(m, "from", from);
    stanza_set(stanza_child(m, NS_SID, "origin-id"), "id", stanza_get(m, "id"));
    return m;
}

static void add_end(struct stanza *m, const char *gateway, const char *stamp)
{
    stanza_child(m, NS_HINTS, "store");
    if (!stamp)
        return;
    struct stanza *delay = stanza_child(m, NS_DELAY, "delay");
    stanza_set(delay, "from", gateway);
    stanza_set(delay, "stamp", stamp);
}

static void add_file(struct stanza *m, const struct outbox_item *item, const char *link)
{
    struct buf hash = {0};
    struct stanza *sharing = stanza_child(m, NS_SFS, "file-sharing");
    stanza_set(sharing, "disposition", "attachment");
    struct stanza *file = stanza_child(sharing, NS_FILE_METADATA, "file");
    stanza_child_text(file, NULL, "media-type", *item->type ? item->type : "application/octet-stream");
    stanza_child_text(file, NULL, "name", item->name);
    stanza_child_text(file, NULL, "size", arena_printf(m->arena, "%lld", (long long)item->size));
    if (item->has_sha256) {
        base64_encode(&hash, item->sha256, SHA256_BYTES);
        stanza_set(stanza_child_text(file, NS_HASHES, "hash", hash.data), "algo", "sha-256");
        buf_free(&hash);
    }
    if (*item->desc)
        stanza_child_text(file, NULL, "desc", item->desc);
    stanza_set(stanza_child(stanza_child(sharing, NULL, "sources"), NS_URL_DATA, "url-data"), "target", link);
}

struct stanza *announce_file(struct arena *arena, const struct outbox_item *item, const char *link,
                             const char *gateway, const char *stamp)
{
    struct stanza *m = chat(arena, item, 1, *item->peer ? item->peer : gateway);
    stanza_child_text(m, NULL, "body", link);
    stanza_child_text(stanza_child(m, NS_OOB_X, "x"), NULL, "url", link);
    add_file(m, item, link);
    struct stanza *fallback = stanza_child(m, NS_FALLBACK, "fallback");
    stanza_set(fallback, "for", NS_SFS);
    stanza_child(fallback, NULL, "body");
    add_end(m, gateway, stamp);
    return m;
}

static const char *remind(struct arena *arena, const struct outbox_item *item, const char *link, bool zh)
{
    char until[21];
    clock_format_utc(item->expires, until);
    const char *from = !*item->peer ? "" : arena_printf(arena, zh ? "，来自 %s" : ", from %s", item->peer);
    return arena_printf(
        arena,
        zh ? "“%s”（%lld 字节%s）将于 %.10s %.5s（UTC）过期，您尚未下载：\n%s"
           : "\"%s\" (%lld bytes%s) expires on %.10s at %.5s UTC; you have not fetched it:\n%s",
        item->name, (long long)item->size, from, until, until + 11, link);
}

/* "3 files are stored for ...": the head of a sentence about several. */
static void count_words(struct buf *b, enum outbox_kind kind, size_t n, const char *peer, bool zh)
{
    if (kind == OUTBOX_FETCHED)
        buf_addf(b, zh ? "%zu 个文件已被 %s 取走：" : "%zu files were fetched by %s: ", n, peer);
    else if (kind == OUTBOX_UNREAD)
        buf_addf(b, zh ? "%zu 个文件已过期，%s 未曾读取：" : "%zu files expired before %s read them: ", n,
                 peer);
    else if (zh)
        buf_addf(b, "已为 %s 存储 %zu 个文件；对方上线后会收到链接：", peer, n);
    else
        buf_addf(b, "%zu files are stored for %s, with a link for each: ", n, peer);
}

/* All files of one notice are of the same receiver, or it says so without a name. */
static const char *many_words(struct arena *arena, const struct outbox_item *const *items, size_t n, bool zh)
{
    struct buf b = {0};
    const char *peer = *items[0]->peer ? items[0]->peer : items[0]->peer_raw;
    for (size_t i = 1; i < n; i++)
        if (strcmp(items[i]->peer, items[0]->peer) != 0)
            peer = zh ? "各自的接收者" : "their receivers";
    count_words(&b, items[0]->kind, n, peer, zh);
    for (size_t i = 0; i < n && i < NAMES_MAX; i++)
        buf_addf(&b, zh ? "%s“%s”" : "%s\"%s\"", i == 0 ? "" : zh ? "、" : ", ", items[i]->name);
    if (n > NAMES_MAX)
        buf_adds(&b, zh ? "……" : ", ...");
    const char *text = arena_strdup(arena, b.data);
    buf_free(&b);
    return text;
}

static const char *not_stored(struct arena *arena, const struct outbox_item *item, const char *peer,
                              const char *lang, bool zh)
{
    const char *why = refuse_text(item->why != REFUSE_OK ? item->why : REFUSE_INTERNAL, lang);
    if (item->size == 0) /* it had not been told */
        return arena_printf(arena, zh ? "“%s”未能为 %s 存储：%s" : "\"%s\" was not stored for %s: %s",
                            item->name, peer, why);
    return arena_printf(
        arena, zh ? "“%s”（%lld 字节）未能为 %s 存储：%s" : "\"%s\" (%lld bytes) was not stored for %s: %s",
        item->name, (long long)item->size, peer, why);
}

static const char *words(struct arena *arena, const struct outbox_item *item, const char *link,
                         const char *lang)
{
    bool zh = strncmp(lang, "zh", 2) == 0;
    long long size = (long long)item->size;
    const char *name = item->name, *peer = *item->peer ? item->peer : item->peer_raw;
    switch (item->kind) {
    case OUTBOX_STORED:
        return arena_printf(arena,
                            zh ? "“%s”（%lld 字节）已为 %s 存储；对方上线后会收到链接。"
                               : "\"%s\" (%lld bytes) is stored for %s, who gets the link.",
                            name, size, peer);
    case OUTBOX_NOT_STORED:
        return not_stored(arena, item, peer, lang, zh);
    case OUTBOX_FETCHED:
        return arena_printf(arena,
                            zh ? "“%s”（%lld 字节）已被 %s 取走。" : "\"%s\" (%lld bytes) was fetched by %s.",
                            name, size, peer);
    case OUTBOX_UNREAD:
        return arena_printf(arena,
                            zh ? "“%s”（%lld 字节）已过期，%s 未曾读取。"
                               : "\"%s\" (%lld bytes) expired before %s read it.",
                            name, size, peer);
    case OUTBOX_REMIND:
        return remind(arena, item, link, zh);
    case OUTBOX_FILE:
        break;
    }
    return name;
}

struct stanza *announce_notice(struct arena *arena, const struct outbox_item *const *items, size_t n,
                               const char *link, const char *gateway, const char *lang, const char *stamp)
{
    bool zh = strncmp(lang, "zh", 2) == 0;
    struct stanza *m = chat(arena, items[0], n, gateway);
    stanza_set_ns(m, NS_XML, "lang", zh ? "zh-Hans" : "en");
    stanza_child_text(m, NULL, "body",
                      n > 1 ? many_words(arena, items, n, zh) : words(arena, items[0], link, lang));
    for (size_t i = 0; i < n; i++) {
        struct stanza *t = stanza_child(m, NS_FERRY, "transfer");
        if (items[i]->id.text[0])
            stanza_set(t, "id", items[i]->id.text);
        stanza_set(t, "state", outbox_kind_name(items[i]->kind));
        if (items[i]->kind == OUTBOX_NOT_STORED && items[i]->why != REFUSE_OK)
            stanza_set(t, "why", refuse_get(items[i]->why)->name);
    }
    add_end(m, gateway, stamp);
    return m;
}
