/* usercmd.c: the table of user commands, and how what somebody typed becomes one of them. What they do stands
 * in usercmd_run.c.
 */
#include "xmpp/usercmd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "storage/id.h"

#define THE_FILE                                                                                        \
    {                                                                                                   \
        "id", "ID of the file, 6 characters of it or more", "文件的编号（至少前 6 个字符）", NULL, true \
    }

/* In the order of the settings' own words (storage/settings.h): their place is the number. */
static const struct usercmd_word delivery_words[] = {{"link", "链接", "as a link", "以链接发送"},
                                                     {"transfer", "传输", "as a transfer", "以文件传输发送"},
                                                     {"both", "两者", "both", "两者都用"},
                                                     {0}};
static const struct usercmd_word switch_words[] = {{"off", "关", "off", "关"}, {"on", "开", "on", "开"}, {0}};
static const struct usercmd_word accept_words[] = {
    {"contacts", "联系人", "my contacts", "我的联系人"},
    {"domain", "本站", "everyone of my server", "本服务器的所有用户"},
    {"any", "任何人", "anyone", "任何人"},
    {0}};

static const struct usercmd table[] = {
    {"list",
     "列表",
     "List my files",
     "列出我的文件",
     {{"page", "Page", "页", NULL, false}},
     USERCMD_PAGED,
     usercmd_list},
    {"link", "链接", "Show the link of a file", "显示文件的链接", {THE_FILE}, 0, usercmd_link},
    {"delete", "删除", "Delete a file", "删除文件", {THE_FILE}, USERCMD_ASKS, usercmd_delete},
    {"extend",
     "延期",
     "Keep a file for longer",
     "延长文件的保存期",
     {THE_FILE, {"time", "How long from now: 12h, 7d, 2w", "从现在起多久：12h、7d、2w", NULL, true}},
     0,
     usercmd_extend},
    {"quota", "配额", "Show my space", "显示我的空间", {{0}}, 0, usercmd_quota},
    {"deliver",
     "投递",
     "How files reach me",
     "文件如何送达",
     {{"how", "How", "方式", delivery_words, true}},
     0,
     usercmd_choose},
    {"mute", "静音", "Only tell me of files that failed", "仅通知未能存储的文件", {{0}}, 0, usercmd_choose},
    {"unmute", "取消静音", "Send me every notice", "接收所有通知", {{0}}, 0, usercmd_choose},
    {"takeover",
     "代收",
     "Take files for me while I cannot",
     "在我无法接收时代收文件",
     {{"switch", "Take files", "代收", switch_words, true}},
     0,
     usercmd_choose},
    {"accept",
     "接受",
     "Whose files are taken for me",
     "代收谁的文件",
     {{"from", "From", "来自", accept_words, true}},
     0,
     usercmd_choose},
    {"help", "帮助", "Show what I understand", "显示可用的命令", {{0}}, 0, usercmd_help},
};

const struct usercmd *usercmd_table(size_t *n)
{
    *n = ARRAY_LEN(table);
    return table;
}

const struct usercmd *usercmd_find(const char *word, bool *zh)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        *zh = strcmp(table[i].zh, word) == 0;
        if (*zh || strcasecmp(table[i].name, word) == 0)
            return &table[i];
    }
    return NULL;
}

/* --- what somebody typed --- */

/* Bytes of white space that s begins with. */
static size_t blank(const char *s)
{
    if (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r')
        return 1;
    if (strncmp(s, "\u3000", 3) == 0) /* as input methods of Chinese make it */
        return 3;
    return strncmp(s, "\u00a0", 2) == 0 ? 2 : 0;
}

/* The next word into out, which is empty when there is none; false: it is too long. */
static bool cut(const char **at, char out[USERCMD_ARG_MAX + 1])
{
    size_t n = 0, b;
    while ((b = blank(*at)) > 0)
        *at += b;
    while ((*at)[n] && !blank(*at + n))
        n++;
    bool fits = n <= USERCMD_ARG_MAX;
    memcpy(out, *at, fits ? n : 0);
    out[fits ? n : 0] = '\0';
    *at += n;
    return fits;
}

/* The id in a link of ours ("…/f/ID/NAME"), which may be far longer than an argument; NULL: no link. */
static const char *id_in_link(const char *s, size_t n)
{
    for (size_t i = 0; i + 3 + ID_LEN <= n; i++)
        if (memcmp(s + i, "/f/", 3) == 0)
            return s + i + 3;
    return NULL;
}

static bool cut_arg(const char **at, char out[USERCMD_ARG_MAX + 1])
{
    const char *begin = *at;
    bool fits = cut(at, out);
    const char *id = id_in_link(begin, (size_t)(*at - begin));
    if (id) {
        memcpy(out, id, ID_LEN);
        out[ID_LEN] = '\0';
    }
    return fits || id;
}

bool usercmd_split(const char *body, struct usercmd_line *out)
{
    *out = (struct usercmd_line){0};
    bool good = cut(&body, out->word);
    for (size_t i = 0; i < USERCMD_ARGS; i++)
        good = cut_arg(&body, out->args[i]) && good;
    char rest[USERCMD_ARG_MAX + 1];
    out->more = !cut(&body, rest) || rest[0] || !good;
    return out->word[0] != '\0';
}

bool usercmd_normal(const struct usercmd_arg *a, const char *given, char out[USERCMD_ARG_MAX + 1])
{
    const char *s = given;
    if (!a->var || strlen(given) > 4096 || !cut_arg(&s, out))
        return false;
    if (!*out)
        return !a->required;
    for (const struct usercmd_word *w = a->words; w && w->en; w++)
        if (strcasecmp(w->en, out) == 0 || strcmp(w->zh, out) == 0) {
            memcpy(out, w->en, strlen(w->en) + 1);
            return true;
        }
    return !a->words;
}

/* --- help --- */

static void add_usage(struct buf *b, const struct usercmd *cmd, bool zh)
{
    buf_adds(b, zh ? cmd->zh : cmd->name);
    for (size_t i = 0; i < USERCMD_ARGS && cmd->args[i].var; i++) {
        const struct usercmd_arg *a = &cmd->args[i];
        buf_adds(b, a->required ? " " : " [");
        for (const struct usercmd_word *w = a->words; w && w->en; w++)
            buf_addf(b, "%s%s", w == a->words ? "" : "|", zh ? w->zh : w->en);
        if (!a->words && strcmp(a->var, "id") == 0)
            buf_adds(b, zh ? "编号" : "ID");
        else if (!a->words)
            buf_adds(b, strcmp(a->var, "time") == 0 ? "7d" : "2");
        if (!a->required)
            buf_addc(b, ']');
    }
}

static const char *kept(struct arena *arena, struct buf *b)
{
    const char *text = arena_strdup(arena, b->data);
    buf_free(b);
    return text;
}

const char *usercmd_usage(struct arena *arena, const struct usercmd *cmd, bool zh)
{
    struct buf b = {0};
    buf_adds(&b, zh ? "用法：" : "Write it so: ");
    add_usage(&b, cmd, zh);
    return kept(arena, &b);
}

const char *usercmd_short_help(struct arena *arena, bool zh)
{
    struct buf b = {0};
    buf_adds(&b, zh ? "我不懂这个词。我懂的有：" : "I do not know that word. I know: ");
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        buf_addf(&b, "%s%s", i == 0 ? "" : zh ? "、" : ", ", zh ? table[i].zh : table[i].name);
    buf_adds(&b, zh ? "。" : ".");
    return kept(arena, &b);
}

void usercmd_help(struct usercall *c)
{
    struct buf b = {0};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        add_usage(&b, &table[i], c->zh);
        buf_addf(&b, c->zh ? "：%s%s" : ": %s%s", c->zh ? table[i].title_zh : table[i].title_en,
                 i + 1 < ARRAY_LEN(table) ? "\n" : "");
    }
    usercmd_answer(c, REFUSE_OK, kept(c->arena, &b), false);
}

/* --- a call --- */

void usercmd_answer(struct usercall *c, enum refuse r, const char *text, bool more)
{
    struct usercmd_answer answer = {.r = r, .text = text, .more = more};
    c->done(c->arg, &answer);
    arena_put(c->arena);
}

void usercmd_run(const struct usercmd *cmd, const char *jid, bool zh, const char *const args[USERCMD_ARGS],
                 usercmd_answered *done, void *arg)
{
    struct arena *arena = arena_get(NULL);
    struct usercall *c = arena_zalloc(arena, sizeof *c);
    bool good = true;
    *c = (struct usercall){.cmd = cmd, .arena = arena, .zh = zh, .done = done, .arg = arg};
    c->jid = arena_strdup(arena, jid);
    for (size_t i = 0; i < USERCMD_ARGS; i++) {
        char own[USERCMD_ARG_MAX + 1] = "";
        good = good && (cmd->args[i].var ? usercmd_normal(&cmd->args[i], args[i], own) : !*args[i]);
        c->args[i] = arena_strdup(arena, own);
    }
    if (good)
        cmd->run(c);
    else
        usercmd_answer(c, REFUSE_USAGE, usercmd_usage(arena, cmd, zh), false);
}
