/* retry.c: see retry.h. The oldest is tried each RETRY_MS; when one comes through, so do the others. */
#include "xmpp/retry.h"

#include "base/log.h"

#define RETRY_MS 2000

static struct retry *take(struct retry_list *list)
{
    struct retry *one = list->first;
    list->first = one->next;
    if (!list->first)
        list->end = &list->first;
    one->next = NULL;
    list->n--;
    return one;
}

static void keep(struct retry_list *list, struct retry *one, enum refuse why)
{
    if (!one->late)
        log_warn("%s waits: %s", list->what, refuse_get(why)->name);
    one->late = true;
    *list->end = one;
    list->end = &one->next;
    if (++list->n > RETRY_MAX)
        list->over(take(list));
    if (!loop_timer_pending(&list->clock))
        loop_timer_set(&list->clock, RETRY_MS);
}

void retry_answer(struct retry_list *list, struct retry *one, enum refuse r)
{
    if (r != REFUSE_OK && !list->stopped) {
        keep(list, one, r);
        return;
    }
    list->over(one);
    while (list->first)
        list->write(take(list));
}

static void on_clock(void *arg)
{
    struct retry_list *list = arg;
    if (!list->first)
        return;
    list->write(take(list));
    loop_timer_set(&list->clock, RETRY_MS);
}

void retry_start(struct retry_list *list, struct loop *loop)
{
    list->end = &list->first;
    loop_timer_init(&list->clock, loop, on_clock, list);
}

void retry_stop(struct retry_list *list)
{
    list->stopped = true;
    loop_timer_clear(&list->clock);
    while (list->first)
        list->over(take(list));
}
