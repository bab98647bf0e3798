/* help.c: what the registry knows, as help texts and as the COMMANDS section of ferryctl(8). */
#include <string.h>

#include "ctl/ctl.h"

static bool is_option(const struct command_arg *a)
{
    return strncmp(a->name, "--", 2) == 0;
}

static bool from_stdin(const struct command_arg *a)
{
    return strcmp(a->kind, "secret") == 0 || strcmp(a->kind, "lines") == 0;
}

static bool is_flag(const struct command_arg *a)
{
    return strcmp(a->kind, "flag") == 0;
}

/* "id" -> "ID" */
static void add_upper(struct buf *out, const char *s)
{
    for (; *s; s++)
        buf_addc(out, *s >= 'a' && *s <= 'z' ? (char)(*s - 'a' + 'A') : *s);
}

static void add_arg(struct buf *out, const struct command_arg *a)
{
    buf_adds(out, a->required ? " " : " [");
    if (is_option(a)) {
        buf_adds(out, a->name);
        if (!is_flag(a)) {
            buf_addc(out, ' ');
            add_upper(out, a->kind);
        }
    } else {
        add_upper(out, a->name);
        if (a->many)
            buf_adds(out, "...");
    }
    if (!a->required)
        buf_addc(out, ']');
}

void help_synopsis(const struct command *cmd, struct buf *out)
{
    buf_adds(out, cmd->name);
    for (int options = 0; options < 2; options++)
        for (const struct command_arg *a = cmd->args; a && a->name; a++)
            if (is_option(a) == options && !from_stdin(a))
                add_arg(out, a);
}

static void list(FILE *out, const char *noun)
{
    size_t n = noun ? strlen(noun) : 0;
    for (const struct command *c = argv_next(NULL); c; c = argv_next(c)) {
        struct buf line = {0};
        if (noun && (strncmp(c->name, noun, n) != 0 || c->name[n] != ' '))
            continue;
        help_synopsis(c, &line);
        if (line.len <= 34)
            fprintf(out, "  %-34s  %s\n", line.data, c->help);
        else
            fprintf(out, "  %s\n  %-34s  %s\n", line.data, "", c->help);
        buf_free(&line);
    }
}

void help_all(FILE *out)
{
    fputs("usage: ferryctl [-c FILE] [--json] COMMAND ...\n\n", out);
    list(out, NULL);
    fputs("\n`ferryctl COMMAND --help` says more; ferryctl(8) says all.\n", out);
}

void help_noun(FILE *out, const char *noun)
{
    list(out, noun);
}

void help_one(FILE *out, const struct command *cmd)
{
    struct buf line = {0};
    help_synopsis(cmd, &line);
    fprintf(out, "usage: ferryctl %s\n\n%s\n", line.data, cmd->help);
    buf_free(&line);
    if (cmd->args && cmd->args->name)
        fputc('\n', out);
    for (const struct command_arg *a = cmd->args; a && a->name; a++) {
        struct buf name = {0};
        if (is_option(a)) {
            buf_adds(&name, a->name);
        } else if (from_stdin(a)) {
            buf_adds(&name, "(stdin)");
        } else {
            add_upper(&name, a->name);
        }
        fprintf(out, "  %-18s  %s\n", name.data, a->help ? a->help : "");
        buf_free(&name);
    }
    if (cmd->flags & COMMAND_OFFLINE)
        fputs("\nRuns on the spool itself when no daemon answers.\n", out);
}

/* --- mdoc --- */

/* Text in a manual page: a backslash and a leading dot or quote would be requests; '-' a hyphen. */
static void man_text(FILE *out, const char *s)
{
    for (const char *at = s; *at; at++) {
        if (*at == '\\')
            fputs("\\e", out);
        else if (at == s && (*at == '.' || *at == '\''))
            fprintf(out, "\\&%c", *at);
        else
            fputc(*at, out);
        if (*at == '.' && at[1] == ' ' && at[2]) { /* a new sentence, a new line */
            fputc('\n', out);
            at++;
        }
    }
}

/* An argument as mdoc words; `op` stands before them. */
static void man_arg(FILE *out, const struct command_arg *a, const char *op)
{
    if (from_stdin(a)) {
        fputs("Standard input", out);
    } else if (is_option(a)) {
        fprintf(out, "%sFl \\-%s", op, a->name + 2);
        if (!is_flag(a))
            fprintf(out, " Ar %s", a->kind);
    } else {
        fprintf(out, "%sAr ", op);
        for (const char *c = a->name; *c; c++)
            fputc(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c, out);
        fputs(a->many ? " ..." : "", out);
    }
    fputc('\n', out);
}

static void man_one(FILE *out, const struct command *cmd)
{
    fprintf(out, ".It Xo\n.Cm %s\n", cmd->name);
    for (int options = 0; options < 2; options++) {
        for (const struct command_arg *a = cmd->args; a && a->name; a++) {
            if (is_option(a) != options || from_stdin(a))
                continue;
            fputc('.', out);
            man_arg(out, a, a->required ? "" : "Op ");
        }
    }
    fputs(".Xc\n", out);
    man_text(out, cmd->help);
    fputc('\n', out);
    if (!cmd->args || !cmd->args->name || !cmd->args->help)
        return;
    fputs(".Bl -tag -width Ds -compact\n", out);
    for (const struct command_arg *a = cmd->args; a && a->name; a++) {
        fputs(".It ", out);
        man_arg(out, a, "");
        man_text(out, a->help);
        fputc('\n', out);
    }
    fputs(".El\n", out);
}

void help_man(FILE *out)
{
    fputs(".Bl -tag -width Ds\n", out);
    for (const struct command *c = argv_next(NULL); c; c = argv_next(c))
        man_one(out, c);
    fputs(".El\n", out);
}
