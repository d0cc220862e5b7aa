#include "sim/delayed_answers.h"

#include <stdlib.h>

struct delayed {
    struct delayed_answers *all;
    struct delayed *next, **from; /* `from` points to the pointer to this one */
    struct deferred *deferred;
    struct loop_timer *timer;
};

struct delayed_answers {
    struct loop *loop;
    struct delayed *first;
};

static void finish(struct delayed *d)
{
    *d->from = d->next;
    if (d->next)
        d->next->from = d->from;
    loop_timer_destroy(d->timer);
    deferred_complete(d->deferred, WEB_SEND);
    free(d);
}

static void on_due(void *arg)
{
    finish(arg);
}

void delayed_answers_add(struct delayed_answers *answers, struct deferred *deferred,
                         int64_t delay_ms)
{
    struct delayed *d = malloc(sizeof(*d));
    struct loop_timer *timer = loop_timer_create(answers->loop, on_due, d);
    if (!d || !timer) {
        loop_timer_destroy(timer);
        free(d);
        deferred_complete(deferred, WEB_SEND);
        return;
    }
    *d = (struct delayed){answers, answers->first, &answers->first, deferred, timer};
    if (d->next)
        d->next->from = &d->next;
    answers->first = d;
    loop_timer_set(timer, delay_ms);
}

void delayed_answers_defer(struct delayed_answers *answers, struct http_connection *connection,
                           int64_t delay_ms)
{
    struct deferred *deferred = http_connection_defer(connection);
    if (deferred)
        delayed_answers_add(answers, deferred, delay_ms);
}

struct delayed_answers *delayed_answers_create(struct loop *loop)
{
    struct delayed_answers *answers = calloc(1, sizeof(*answers));
    if (answers)
        answers->loop = loop;
    return answers;
}

void delayed_answers_destroy(struct delayed_answers *answers)
{
    while (answers && answers->first)
        finish(answers->first);
    free(answers);
}
