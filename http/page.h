/* page.h: the HTML of our pages: one frame, and the pages of a transfer (ux c1). */
#ifndef FERRY_HTTP_PAGE_H
#define FERRY_HTTP_PAGE_H

#include "http/lang.h"
#include "storage/transfer.h"

struct page_look {
    const char *title;
    int refresh;             /* seconds; 0: none */
    bool admin;              /* wide, with the admin style sheet */
    bool no_switch;          /* no language switch (answers to a POST) */
    const char *description; /* NULL: the title */
};
/* What our own paths have before them on the listener that the request came by: "" or "/ferry", the path of
 * public_url. */
const char *page_root(const struct request *rq);
/* Everything up to <main>, and from </main> on. */
void page_open(struct request *rq, struct buf *out, const struct page_look *look);
void page_close(struct request *rq, struct buf *out);
void page_time(struct buf *out, int64_t wall); /* <time datetime=...>UTC text</time> */
int page_send(struct request *rq, unsigned status, struct buf *html);

/* The page of a transfer in any state: why is what the lookup said. */
int page_transfer(struct request *rq, enum refuse why, const struct transfer *t);
/* The page of a refusal (problem.c). */
void page_problem(struct request *rq, struct buf *out, enum refuse why, const char *detail);

#endif
