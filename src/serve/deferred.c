#include "serve/deferred.h"

#include <stdlib.h>

struct deferred {
    struct web_answer answer;
    deferred_fn *completed; /* NULL: nobody wants the answer */
    void *arg;
};

struct deferred *deferred_create(struct web_answer *answer, deferred_fn *completed, void *arg)
{
    struct deferred *d = malloc(sizeof(*d));
    if (!d)
        return NULL;
    *d = (struct deferred){*answer, completed, arg};
    web_answer_init(answer);
    return d;
}

struct web_answer *deferred_answer(struct deferred *d)
{
    return &d->answer;
}

bool deferred_wanted(const struct deferred *d)
{
    return d->completed != NULL;
}

void deferred_cut(struct deferred *d)
{
    d->completed = NULL;
}

void deferred_complete(struct deferred *d, enum web_action action)
{
    if (d->completed)
        d->completed(d->arg, &d->answer, action);
    web_answer_finish(&d->answer);
    free(d);
}
