/*
 * terminal_batch: lines of the simulated browser terminal that are sent as one message.
 *
 * Pure. A message is one line as it is, or a JSON array of lines (protocol section 12.4). A fault
 * may change the lines or the message.
 */
#ifndef SIM_TERMINAL_BATCH_H
#define SIM_TERMINAL_BATCH_H

#include "base/buf.h"
#include "sim/faults.h"

#include <stdbool.h>
#include <stdint.h>

#define TERMINAL_BATCH_MAX 50 /* lines in one message */

struct terminal_batch {
    struct buf lines;                        /* each followed by NUL */
    int32_t instruments[TERMINAL_BATCH_MAX]; /* of the lines */
    int count;
    bool array; /* an array even if it has one line only: snapshots */
};

void terminal_batch_init(struct terminal_batch *batch);
void terminal_batch_finish(struct terminal_batch *batch);
void terminal_batch_clear(struct terminal_batch *batch);
/* The line that was appended to `lines` is complete, and is of this instrument. */
void terminal_batch_end_line(struct terminal_batch *batch, int32_t instrument);

/* Appends the message. `fault` may be NULL; a kind that changes no content has no effect. */
void terminal_batch_put(struct buf *out, const struct terminal_batch *batch,
                        const struct fault *fault);
/* Whether terminal_batch_put() applies faults of this kind. */
bool terminal_batch_applies(enum fault_kind kind);

#endif
