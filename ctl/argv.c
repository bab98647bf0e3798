/* argv.c: the words of the command line, by the tables of the registry. What a value means is judged where
 * the command runs (base/command.c); here words only find their places. */
#include <errno.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/codec.h"
#include "ctl/ctl.h"

#define NAME_MAX_ 64
#define SECRET_MAX 65536

/* --- all commands, the registry's and ferryctl's own, as one sorted list --- */

const struct command *argv_next(const struct command *after)
{
    const struct command *best = NULL;
    for (const struct command *c = command_next(NULL); c; c = command_next(c))
        if ((!after || strcmp(c->name, after->name) > 0) && (!best || strcmp(c->name, best->name) < 0))
            best = c;
    for (size_t i = 0; i < own_commands_count; i++) {
        const struct command *c = &own_commands[i].cmd;
        if ((!after || strcmp(c->name, after->name) > 0) && (!best || strcmp(c->name, best->name) <= 0))
            best = c;
    }
    return best;
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < own_commands_count; i++)
        if (strcmp(own_commands[i].cmd.name, name) == 0)
            return &own_commands[i].cmd;
    return command_find(name);
}

/* --- options that belong to no command --- */

static int take_global(struct ctl *ctl, int *i, int argc, char **argv)
{
    if (strcmp(argv[*i], "--json") == 0) {
        ctl->json = true;
    } else if (strcmp(argv[*i], "--help") == 0 || strcmp(argv[*i], "-h") == 0) {
        ctl->help = true;
    } else if (strcmp(argv[*i], "-c") == 0) {
        if (++*i == argc) {
            ctl_error("-c needs a file");
            return -1;
        }
        ctl->conf_file = argv[*i];
    } else {
        return 0;
    }
    return 1;
}

int argv_globals(struct ctl *ctl, int *argc, char **argv)
{
    int kept = 0;
    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            while (i < *argc)
                argv[kept++] = argv[i++];
            break;
        }
        char *word = argv[i];
        int r = take_global(ctl, &i, *argc, argv);
        if (r < 0)
            return -1;
        if (r == 0)
            argv[kept++] = word;
    }
    *argc = kept;
    return 0;
}

const struct command *argv_command(int argc, char **argv, int *used)
{
    char name[NAME_MAX_];
    const struct command *cmd = NULL;
    if (argc >= 2 && snprintf(name, sizeof name, "%s %s", argv[0], argv[1]) < NAME_MAX_)
        cmd = find(name);
    *used = cmd ? 2 : 1;
    if (!cmd)
        cmd = find(argv[0]);
    if (cmd)
        return cmd;
    size_t n = strlen(argv[0]);
    for (const struct command *c = argv_next(NULL); c; c = argv_next(c)) {
        if (strncmp(c->name, argv[0], n) != 0 || c->name[n] != ' ')
            continue;
        ctl_error(argc > 1 ? "there is no command \"%s %s\"; there are:" : "\"%s\" needs one more word:",
                  argv[0], argc > 1 ? argv[1] : "");
        help_noun(stderr, argv[0]);
        return NULL;
    }
    ctl_error("there is no command \"%s\"", argv[0]);
    ctl_hint("`ferryctl --help` lists them");
    return NULL;
}

/* --- values --- */

static struct termios terminal; /* as it was */

/* Ctrl-C ends the program, but leaves no terminal that shows nothing. Only async-signal-safe calls. */
static void on_interrupt(int signo)
{
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
    signal(signo, SIG_DFL);
    raise(signo);
}

static void no_echo(bool off)
{
    static const int signals[] = {SIGINT, SIGTERM};
    static struct sigaction old[ARRAY_LEN(signals)];
    struct sigaction catch = {.sa_handler = on_interrupt};
    static bool hidden;
    if (off)
        hidden = tcgetattr(STDIN_FILENO, &terminal) == 0;
    if (!hidden)
        return;
    for (size_t i = 0; i < ARRAY_LEN(signals) && off; i++) {
        sigaction(signals[i], NULL, &old[i]);
        if (old[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &catch, NULL);
    }
    struct termios t = terminal;
    if (off)
        t.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &t);
    for (size_t i = 0; i < ARRAY_LEN(signals) && !off; i++)
        sigaction(signals[i], &old[i], NULL);
}

/* One line of standard input without its end; NULL: none, or it holds a NUL. malloc'd. */
static char *read_line(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n = getline(&line, &cap, stdin);
    if (n < 0 || strlen(line) != (size_t)n) {
        free(line);
        return NULL;
    }
    if (n > 0 && line[n - 1] == '\n')
        line[--n] = '\0';
    if (n > 0 && line[n - 1] == '\r')
        line[--n] = '\0';
    return line;
}

static void wipe(char *s)
{
    if (s)
        OPENSSL_cleanse(s, strlen(s));
    free(s);
}

static char *ask(const char *prompt)
{
    fputs(prompt, stderr);
    char *line = read_line();
    fputc('\n', stderr);
    return line;
}

/* A password: asked twice on a terminal, the first line of standard input elsewhere. */
static json_t *read_secret(void)
{
    char *secret;
    if (isatty(STDIN_FILENO)) {
        no_echo(true);
        secret = ask("Password: ");
        char *again = ask("Once more: ");
        no_echo(false);
        if (!secret || !again || strcmp(secret, again) != 0) {
            ctl_error("the two are not the same");
            wipe(secret);
            wipe(again);
            return NULL;
        }
        wipe(again);
    } else {
        secret = read_line();
    }
    json_t *out = secret && strlen(secret) <= SECRET_MAX ? json_string(secret) : NULL;
    if (!out)
        ctl_error("no password on standard input (its first line, UTF-8)");
    wipe(secret);
    return out;
}

static json_t *read_lines(void)
{
    json_t *out = json_array();
    long number = 1;
    while (!feof(stdin)) {
        char *line = read_line();
        if (!line && feof(stdin))
            break;
        json_t *text = line ? json_string(line) : NULL;
        wipe(line);
        if (!text) {
            ctl_error("line %ld of standard input is not UTF-8 text", number);
            json_decref(out);
            return NULL;
        }
        json_array_append_new(out, text);
        number++;
    }
    return out;
}

/* The id in a link that somebody pasted: what stands behind /f/ or /d/. */
static json_t *id_value(const char *word)
{
    const char *at = strstr(word, "/f/");
    if (!at)
        at = strstr(word, "/d/");
    if (!at)
        return json_string(word);
    return json_stringn(at + 3, strcspn(at + 3, "/?#"));
}

static json_t *word_value(const struct command_arg *a, const char *word)
{
    json_t *out;
    if (strcasecmp(a->name, "id") == 0) {
        out = id_value(word);
    } else if (strcmp(a->kind, "file") == 0 && strcmp(word, "-") != 0 && word[0] != '/') {
        char *cwd = getcwd(NULL, 0); /* the daemon stands elsewhere */
        char *path = cwd ? xasprintf("%s/%s", cwd, word) : xstrdup(word);
        out = json_string(path);
        free(path);
        free(cwd);
    } else {
        out = json_string(word);
    }
    if (!out)
        ctl_error("%s is not UTF-8 text", a->name);
    return out;
}

/* --- places --- */

static bool is_option(const struct command_arg *a)
{
    return strncmp(a->name, "--", 2) == 0;
}

static bool from_stdin(const struct command_arg *a)
{
    return strcmp(a->kind, "secret") == 0 || strcmp(a->kind, "lines") == 0;
}

static const struct command_arg *option_named(const struct command *cmd, const char *word, size_t n)
{
    for (const struct command_arg *a = cmd->args; a && a->name; a++)
        if (is_option(a) && strlen(a->name) == n && strncmp(a->name, word, n) == 0)
            return a;
    return NULL;
}

static const struct command_arg *next_place(const struct command_arg *a)
{
    while (a && a->name && (is_option(a) || from_stdin(a)))
        a++;
    return a && a->name ? a : NULL;
}

static int take_option(const struct command *cmd, json_t *args, int *i, int argc, char **argv)
{
    const char *word = argv[*i], *equals = strchr(word, '=');
    const struct command_arg *a = option_named(cmd, word, equals ? (size_t)(equals - word) : strlen(word));
    bool flag = a && strcmp(a->kind, "flag") == 0;
    if (!a || (flag && equals)) {
        ctl_error("%s has no option %s", cmd->name, word);
        return -1;
    }
    if (!flag && !equals && *i + 1 == argc) {
        ctl_error("%s needs a value", word);
        return -1;
    }
    json_t *value = flag ? json_true() : word_value(a, equals ? equals + 1 : argv[++*i]);
    return value ? json_object_set_new(args, a->name + 2, value) : -1;
}

static int take_place(const struct command *cmd, json_t *args, const struct command_arg **place,
                      const char *word)
{
    const struct command_arg *a = *place;
    if (!a) {
        ctl_error("%s takes no further word: \"%s\"", cmd->name, word);
        return -1;
    }
    json_t *value = word_value(a, word);
    if (!value)
        return -1;
    if (!a->many) {
        *place = next_place(a + 1);
        return json_object_set_new(args, a->name, value);
    }
    json_t *list = json_object_get(args, a->name);
    if (!list) {
        list = json_array();
        json_object_set_new(args, a->name, list);
    }
    return json_array_append_new(list, value);
}

/* What comes on standard input, and what is missing: asked last, so that a wrong use asks for no password. */
static int complete(const struct command *cmd, json_t *args)
{
    for (const struct command_arg *a = cmd->args; a && a->name; a++) {
        if (!a->required || from_stdin(a) || json_object_get(args, is_option(a) ? a->name + 2 : a->name))
            continue;
        ctl_error("%s: %s is missing", cmd->name, a->name);
        return -1;
    }
    for (const struct command_arg *a = cmd->args; a && a->name; a++) {
        if (!from_stdin(a))
            continue;
        json_t *value = strcmp(a->kind, "secret") == 0 ? read_secret() : read_lines();
        if (!value || json_object_set_new(args, a->name, value) < 0)
            return -1;
    }
    return 0;
}

json_t *argv_args(const struct command *cmd, int argc, char **argv)
{
    json_t *args = json_object();
    const struct command_arg *place = next_place(cmd->args);
    bool options = true;
    int r = 0;
    for (int i = 0; i < argc && r == 0; i++) {
        if (options && strcmp(argv[i], "--") == 0)
            options = false;
        else if (options && strncmp(argv[i], "--", 2) == 0)
            r = take_option(cmd, args, &i, argc, argv);
        else
            r = take_place(cmd, args, &place, argv[i]);
    }
    if (r == 0)
        r = complete(cmd, args);
    if (r == 0)
        return args;
    struct buf line = {0};
    help_synopsis(cmd, &line);
    fprintf(stderr, "usage: ferryctl %s\n", line.data);
    buf_free(&line);
    json_decref(args);
    return NULL;
}
