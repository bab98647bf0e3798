/* usercmd_run.c: what the user commands do. Each asks storage, which answers on the loop, and says the
 * outcome in one text. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "storage/mine.h"
#include "storage/settings.h"
#include "xmpp/mod.h"
#include "xmpp/usercmd.h"

#define PAGE 10     /* files of one answer */
#define PAGES 10000 /* where skipping ends */
#define SHOWN 8     /* characters of an id: enough to tell one's own files apart */

static void answer(struct usercall *c, const char *text)
{
    usercmd_answer(c, REFUSE_OK, text, false);
}

static void refuse(struct usercall *c, enum refuse r)
{
    const char *text = refuse_text(r, c->zh ? "zh" : "en");
    if (r == REFUSE_NOT_FOUND)
        text = c->zh ? "您没有这样编号的文件；“列表”会显示您的文件。"
                     : "None of your files has that ID; \"list\" shows those you have.";
    else if (r == REFUSE_CONFLICT)
        text = c->zh ? "有多个文件的编号以此开头；请多写几个字符。"
                     : "Several of your files begin so; write more of the ID.";
    else if (r == REFUSE_BAD_REQUEST)
        text = usercmd_usage(c->arena, c->cmd, c->zh);
    usercmd_answer(c, r, text, false);
}

/* "12.3 MB" and "2026-12-01 08:00 UTC": readable in both languages. */
static const char *size_of(struct usercall *c, int64_t bytes)
{
    struct buf b = {0};
    size_text(&b, bytes);
    const char *text = arena_strdup(c->arena, b.data);
    buf_free(&b);
    return text;
}

static const char *moment(struct usercall *c, int64_t wall)
{
    char stamp[21];
    clock_format_utc(wall, stamp);
    return arena_printf(c->arena, "%.10s %.5s UTC", stamp, stamp + 11);
}

/* --- list --- */

static void add_row(struct usercall *c, struct buf *b, const struct transfer *t)
{
    bool out = strcmp(t->owner, c->jid) == 0;
    const char *peer = out ? t->to : t->owner;
    buf_addf(b, c->zh ? "\n%.*s “%s”，%s" : "\n%.*s \"%s\", %s", SHOWN, t->id.text, t->name,
             size_of(c, t->size));
    if (*peer && strcmp(peer, c->jid) != 0)
        buf_addf(b, c->zh ? (out ? "，发给 %s" : "，来自 %s") : (out ? ", to %s" : ", from %s"), peer);
    buf_addf(b, c->zh ? "，保存至 %s" : ", until %s", moment(c, t->expires));
}

static void on_list(void *arg, enum refuse r, const struct mine_page *page)
{
    struct usercall *c = arg;
    struct buf b = {0};
    if (r != REFUSE_OK) {
        refuse(c, r);
        return;
    }
    long at = strtol(*c->args[0] ? c->args[0] : "1", NULL, 10);
    if (page->n == 0)
        buf_adds(&b, at > 1 ? (c->zh ? "没有这一页。" : "There is no such page.")
                            : (c->zh ? "您没有文件。" : "You have no files."));
    else
        buf_addf(
            &b,
            c->zh ? "您的文件（第 %ld 页），最新的在前：" : "Your files, page %ld, the newest first:", at);
    for (size_t i = 0; i < page->n; i++)
        add_row(c, &b, &page->rows[i]);
    if (page->more)
        buf_addf(&b, c->zh ? "\n更多：列表 %ld" : "\nMore: list %ld", at + 1);
    usercmd_answer(c, REFUSE_OK, arena_strdup(c->arena, b.data), page->more);
    buf_free(&b);
}

void usercmd_list(struct usercall *c)
{
    char *end;
    long at = strtol(*c->args[0] ? c->args[0] : "1", &end, 10);
    if (*end || at < 1 || at > PAGES)
        refuse(c, REFUSE_BAD_REQUEST);
    else
        mine_list(mod_storage(), c->jid, (size_t)(at - 1) * PAGE, PAGE, mod_home(), on_list, c);
}

/* --- link --- */

static void on_link(void *arg, enum refuse r, const struct transfer *t)
{
    struct usercall *c = arg;
    struct buf link = {0};
    if (r != REFUSE_OK) {
        refuse(c, r);
        return;
    }
    link_get(&link, &t->id, t->name);
    answer(c, arena_printf(c->arena, c->zh ? "“%s”，%s，保存至 %s：\n%s" : "\"%s\", %s, until %s:\n%s",
                           t->name, size_of(c, t->size), moment(c, t->expires), link.data));
    buf_free(&link);
}

void usercmd_link(struct usercall *c)
{
    mine_find(mod_storage(), c->jid, c->args[0], mod_home(), on_link, c);
}

/* --- delete: who sent it, and who pays with his inbox --- */

static void on_deleted(void *arg, enum refuse r)
{
    struct usercall *c = arg;
    if (r != REFUSE_OK)
        refuse(c, r);
    else
        answer(c, arena_printf(c->arena, c->zh ? "“%s” 已删除。" : "\"%s\" is deleted.", c->name));
}

static void on_found_to_delete(void *arg, enum refuse r, const struct transfer *t)
{
    struct usercall *c = arg;
    if (r != REFUSE_OK) {
        refuse(c, r);
        return;
    }
    c->name = arena_strdup(c->arena, t->name);
    bool own = strcmp(t->owner, c->jid) == 0;
    transfer_remove(mod_storage(), &t->id, own ? "owner" : "receiver", mod_home(), on_deleted, c);
}

void usercmd_delete(struct usercall *c)
{
    mine_find(mod_storage(), c->jid, c->args[0], mod_home(), on_found_to_delete, c);
}

/* --- extend: never shortens; what the sender wanted gone by a time only he may keep longer --- */

static void on_found_again(void *arg, enum refuse r, const struct transfer *t)
{
    struct usercall *c = arg;
    if (r != REFUSE_OK)
        refuse(c, r);
    else
        answer(c, arena_printf(c->arena, c->zh ? "“%s” 保存至 %s。" : "\"%s\" is kept until %s.", t->name,
                               moment(c, t->expires)));
}

static void on_extended(void *arg, enum refuse r)
{
    struct usercall *c = arg;
    if (r != REFUSE_OK)
        refuse(c, r);
    else /* storage may have given less */
        mine_find(mod_storage(), c->jid, c->name, mod_home(), on_found_again, c);
}

static void on_found_to_extend(void *arg, enum refuse r, const struct transfer *t)
{
    struct usercall *c = arg;
    if (r != REFUSE_OK) {
        refuse(c, r);
    } else if (strcmp(t->owner, c->jid) != 0 && t->purpose == PURPOSE_EPHEMERAL) {
        refuse(c, REFUSE_NOT_ALLOWED);
    } else if (t->expires >= c->until) {
        on_found_again(c, REFUSE_OK, t);
    } else {
        c->name = arena_strdup(c->arena, t->id.text);
        transfer_owner_expires(mod_storage(), &t->id, c->until, mod_home(), on_extended, c);
    }
}

void usercmd_extend(struct usercall *c)
{
    int64_t ms;
    if (conf_parse_duration(c->args[1], &ms) != 0 || ms < 1000) {
        refuse(c, REFUSE_BAD_REQUEST);
        return;
    }
    c->until = clock_wall() + ms / 1000;
    mine_find(mod_storage(), c->jid, c->args[0], mod_home(), on_found_to_extend, c);
}

/* --- quota --- */

static void on_measured(void *arg, enum refuse r, const struct mine_usage *u)
{
    struct usercall *c = arg;
    if (r != REFUSE_OK) {
        refuse(c, r);
        return;
    }
    answer(c,
           arena_printf(c->arena,
                        c->zh ? "您存储的：%lld 个文件，%s，共 %s。\n别人留给您的：%lld 个文件，%s，共 %s。"
                              : "Stored by you: %lld files, %s of %s.\nLeft for you: %lld files, %s of %s.",
                        (long long)u->files, size_of(c, u->used), size_of(c, u->quota),
                        (long long)u->inbox_files, size_of(c, u->inbox_used), size_of(c, u->inbox_quota)));
}

void usercmd_quota(struct usercall *c)
{
    mine_measure(mod_storage(), c->jid, mod_home(), on_measured, c);
}

/* --- settings --- */

static const struct {
    const char *name;
    enum setting setting;
    int number; /* -1: the argument says it */
} choices[] = {
    {"deliver", SETTING_DELIVERY, -1},     {"mute", SETTING_MUTE, SETTING_ON},
    {"unmute", SETTING_MUTE, SETTING_OFF}, {"takeover", SETTING_TAKEOVER, -1},
    {"accept", SETTING_ACCEPT_FROM, -1},
};

static const char *label_of(const struct usercall *c, const struct usercmd_word *words, int number)
{
    return c->zh ? words[number].label_zh : words[number].label_en;
}

/* What holds now, in words: with takeover barred by the site, not what he chose. */
static const char *state(struct usercall *c, enum setting s, int number)
{
    const struct usercmd_word *words = c->cmd->args[0].words;
    switch (s) {
    case SETTING_MUTE:
        return number ? (c->zh ? "已静音：仅通知未能存储的文件。" : "Muted: only files that fail are told.")
                      : (c->zh ? "已取消静音。" : "Not muted: every notice is sent.");
    case SETTING_TAKEOVER:
        return number ? (c->zh ? "在您无法接收时代收文件。" : "Files are taken for you while you cannot.")
                      : (c->zh ? "不代收文件。" : "No files are taken for you.");
    case SETTING_DELIVERY:
        return arena_printf(c->arena, c->zh ? "文件送达方式：%s。" : "Files reach you: %s.",
                            label_of(c, words, number));
    case SETTING_ACCEPT_FROM:
        return arena_printf(c->arena, c->zh ? "代收来自%s的文件。" : "Files are taken for you from: %s.",
                            label_of(c, words, number));
    case SETTING_COUNT:
        break;
    }
    return "";
}

static size_t choice_of(const struct usercmd *cmd)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(choices) && strcmp(choices[i].name, cmd->name) != 0)
        i++;
    return i;
}

static void on_chosen(void *arg, enum refuse r)
{
    struct usercall *c = arg;
    enum setting s = choices[choice_of(c->cmd)].setting;
    if (r != REFUSE_OK)
        refuse(c, r);
    else
        answer(c, state(c, s, settings_get(mod_storage(), c->jid, s, NULL)));
}

void usercmd_choose(struct usercall *c)
{
    size_t i = choice_of(c->cmd);
    int number = choices[i].number;
    if (number < 0)
        number = setting_number(choices[i].setting, c->args[0]);
    settings_set(mod_storage(), c->jid, choices[i].setting, number, mod_home(), on_chosen, c);
}

const char *usercmd_now(const struct usercmd *cmd, const char *jid)
{
    const struct usercmd_word *words = cmd->args[0].words;
    if (!words)
        return "";
    return words[settings_get(mod_storage(), jid, choices[choice_of(cmd)].setting, NULL)].en;
}
