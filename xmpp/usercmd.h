/* usercmd.h: what a user may ask of the service: one table for the words of a chat (mod/words.c) and for
 * ad-hoc commands (mod/adhoc.c). A command is a name, at most two arguments, and a function that answers once
 * with a text in the asker's language (English or Simplified Chinese). Everything on the loop.
 */
#ifndef FERRY_USERCMD_H
#define FERRY_USERCMD_H

#include "base/arena.h"
#include "base/refuse.h"

#define USERCMD_ARGS 2
#define USERCMD_ARG_MAX 128 /* bytes of an argument; what is longer is no argument of ours */

struct usercmd_word { /* one of the words an argument may be */
    const char *en, *zh, *label_en, *label_zh;
};

struct usercmd_arg {
    const char *var; /* of the form's field; NULL: no such argument */
    const char *en, *zh;
    const struct usercmd_word *words; /* ends with en NULL; NULL: any text */
    bool required;
};

struct usercall;
struct usercmd {
    const char *name, *zh; /* the words for it; name is the ad-hoc node too */
    const char *title_en, *title_zh;
    struct usercmd_arg args[USERCMD_ARGS];
    enum { USERCMD_PAGED = 1, USERCMD_ASKS = 2 } flags; /* the first argument is a page; a form asks again */
    void (*run)(struct usercall *c);
};

const struct usercmd *usercmd_table(size_t *n);
/* By a word of either language, ASCII letters in any case; *zh: it was the Chinese one. NULL: none. */
const struct usercmd *usercmd_find(const char *word, bool *zh);

struct usercmd_line { /* what somebody typed */
    char word[USERCMD_ARG_MAX + 1];
    char args[USERCMD_ARGS][USERCMD_ARG_MAX + 1]; /* "": not given */
    bool more;                                    /* there was something behind them, or too long */
};
/* Cuts at white space, the ideographic one too. false: there is no word. Pure. */
bool usercmd_split(const char *body, struct usercmd_line *out);
/* Puts an argument into its own form: a word of the argument's in English, the id out of a link. false: it is
 * none of the words, or missing and required. Pure. */
bool usercmd_normal(const struct usercmd_arg *a, const char *given, char out[USERCMD_ARG_MAX + 1]);

/* OK: the text is the answer. Else: it says why not. `more`: of a paged command, there is another page. */
struct usercmd_answer {
    enum refuse r;
    const char *text;
    bool more;
};
typedef void usercmd_answered(void *arg, const struct usercmd_answer *answer); /* valid during the call */
/* Answers once, now or later. jid: who asks, bare. args as given. */
void usercmd_run(const struct usercmd *cmd, const char *jid, bool zh, const char *const args[USERCMD_ARGS],
                 usercmd_answered *done, void *arg);

/* What the first argument is now, where it is a choice: one of its words; "" else. */
const char *usercmd_now(const struct usercmd *cmd, const char *jid);

/* One line that names the commands; the whole help. In the arena. */
const char *usercmd_short_help(struct arena *arena, bool zh);
const char *usercmd_usage(struct arena *arena, const struct usercmd *cmd, bool zh);

/* --- between usercmd.c and usercmd_run.c --- */
struct usercall {
    const struct usercmd *cmd;
    struct arena *arena;
    const char *jid;
    bool zh;
    const char *args[USERCMD_ARGS]; /* in their own form; "": not given */
    int64_t until;                  /* extend */
    const char *name;               /* delete: what is being deleted */
    usercmd_answered *done;
    void *arg;
};
void usercmd_answer(struct usercall *c, enum refuse r, const char *text, bool more); /* frees c */
void usercmd_help(struct usercall *c);
void usercmd_list(struct usercall *c);
void usercmd_link(struct usercall *c);
void usercmd_delete(struct usercall *c);
void usercmd_extend(struct usercall *c);
void usercmd_quota(struct usercall *c);
void usercmd_choose(struct usercall *c); /* deliver, mute, unmute, takeover, accept */

#endif
