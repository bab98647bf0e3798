/* sniff_helper.h: one running ferry-sniff: its start, a question, its end. For sniff.c alone; a helper serves
 * one caller at a time. */
#ifndef FERRY_SNIFF_HELPER_H
#define FERRY_SNIFF_HELPER_H

#include <sys/types.h>

#include "base/base.h"
#include "sniff/wire.h"

struct helper {
    pid_t pid; /* 0: none runs */
    int pidfd; /* signals go here: the number of a process may be somebody else's by then */
    int fd;    /* our end of the pair */
    int asked; /* how many files it has seen */
};

enum helper_answer {
    HELPER_TYPE, /* here it is */
    HELPER_GONE, /* it had ended before the question was put: not the file's fault */
    HELPER_BAD,  /* too slow, ended while it looked, or nonsense: it must be ended */
};

#define HELPER_WHY 160

/* Starts the program and waits until it says that it stands in its sandbox, for ms at most. false: `why`. */
bool helper_start(struct helper *h, const char *program, int64_t ms, char why[HELPER_WHY]) MUST_USE;
/* Waits for ms at most. `why` is filled when it is HELPER_GONE or HELPER_BAD. */
enum helper_answer helper_ask(struct helper *h, const void *head, size_t n, int64_t ms, char type[SNIFF_MAX],
                              char why[HELPER_WHY]);
/* Kills it, if it still lives, and reaps it. */
void helper_end(struct helper *h);

#endif
