/*
 * instrument_reader: reads the answer of rest/instruments/details, or of the other lists of
 * instruments, in steps (protocol sections 6.2 to 6.6).
 *
 * Pure. The answer of a broker has several megabytes: a step reads as much of it as takes about a
 * millisecond, so that the caller can do other work between two steps, and each item is parsed
 * alone, so that there is never a tree of the whole. Items may be nested or flat. What was read
 * counts only when the last step has returned REPLY_OK: the envelope may come after the items.
 */
#ifndef PRIMARY_INSTRUMENT_READER_H
#define PRIMARY_INSTRUMENT_READER_H

#include "base/json_items.h"
#include "primary/instrument_decode.h"

#define INSTRUMENT_READER_BYTES (32 * 1024 * 1024) /* the largest answer that is read */

struct instrument_reader; /* used by one thread at a time */

/* Borrowed until it returns. */
typedef void instrument_reader_fn(void *arg, const struct instrument *instrument);

/* Takes the text of `body`, which is empty afterwards. NULL: no memory, and it took nothing. */
struct instrument_reader *instrument_reader_create(struct buf *body, instrument_reader_fn *fn,
                                                   void *arg);
void instrument_reader_destroy(struct instrument_reader *reader);

/*
 * Reads the next items. True: there are more. False: this was the last step, *class is the result,
 * and `why` has the reason if it is not REPLY_OK.
 */
bool instrument_reader_step(struct instrument_reader *reader, enum reply_class *class,
                            struct err *why);

int instrument_reader_skipped(const struct instrument_reader *reader); /* unreadable items so far */

#endif
