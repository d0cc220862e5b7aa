/*
 * roll_call: which of the wanted instruments are in the broker's list.
 */
#ifndef APP_ROLL_CALL_H
#define APP_ROLL_CALL_H

#include "app/config.h"
#include "base/err.h"

struct roll_call {
    const struct config *config; /* borrowed */
    size_t listed;               /* instruments in the list */
    bool *present;               /* owned; of config->symbols, in that order */
    size_t *matching;            /* owned; of config->match */
    size_t selected;             /* listed instruments that at least one of them means */
};

/* `body`: the answer of rest/instruments/all. On failure there is nothing to finish. */
int roll_call_take(struct roll_call *roll, const struct config *config, const char *body,
                   size_t len_bytes, struct err *err);
void roll_call_finish(struct roll_call *roll);

#endif
