/*
 * deferred: an answer that is completed after its handler has returned.
 *
 * Owned by whoever deferred the answer, who completes it exactly once: also when the client has
 * disconnected or the server is destroyed meanwhile; then the answer is discarded. Used on the
 * loop's thread only.
 */
#ifndef SERVE_DEFERRED_H
#define SERVE_DEFERRED_H

#include "serve/web.h"

struct deferred;

struct web_answer *deferred_answer(struct deferred *deferred); /* to be filled in */
/* False: the client has disconnected, so that computing the answer can be given up. */
bool deferred_wanted(const struct deferred *deferred);
/* Hands over the answer and frees the handle. The answer is sent in a later turn of the loop. */
void deferred_complete(struct deferred *deferred, enum web_action action);

/* For the server. `completed` takes the content of the answer, which is empty afterwards. */
typedef void deferred_fn(void *arg, struct web_answer *answer, enum web_action action);
/* Takes the content of `answer`, which is empty afterwards. NULL: no memory, nothing is taken. */
struct deferred *deferred_create(struct web_answer *answer, deferred_fn *completed, void *arg);
void deferred_cut(
    struct deferred *deferred); /* nobody wants it any more: `completed` is not called */

#endif
