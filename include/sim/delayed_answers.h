/*
 * delayed_answers: the answers that the simulated broker sends late.
 *
 * Owns the deferred answers and a timer for each. An answer whose client disconnects meanwhile is
 * discarded when its time has come.
 */
#ifndef SIM_DELAYED_ANSWERS_H
#define SIM_DELAYED_ANSWERS_H

#include "net/loop.h"
#include "serve/deferred.h"
#include "serve/http_connection.h"

struct delayed_answers;

struct delayed_answers *delayed_answers_create(struct loop *loop); /* NULL: no memory */
/* After the server is destroyed: the answers that remain have no client any more. */
void delayed_answers_destroy(struct delayed_answers *answers);

/* In a handler, when the answer is complete: it is sent after `delay_ms`. */
void delayed_answers_defer(struct delayed_answers *answers, struct http_connection *connection,
                           int64_t delay_ms);
/* Takes `deferred`, which is completed after `delay_ms`, at once if there is no memory. */
void delayed_answers_add(struct delayed_answers *answers, struct deferred *deferred,
                         int64_t delay_ms);

#endif
