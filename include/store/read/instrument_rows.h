/*
 * instrument_rows: the reference data in the database, as the last list of the broker left it.
 */
#ifndef STORE_READ_INSTRUMENT_ROWS_H
#define STORE_READ_INSTRUMENT_ROWS_H

#include "base/buf.h"
#include "market/instrument_list.h"
#include "store/read/reader.h"

/* When the last list was read that is stored completely (ns UTC; 0 = none), and from which broker:
 * appended to `broker`, its URL without secrets. */
int instrument_rows_last(struct reader *reader, int64_t *ts_read, struct buf *broker,
                         struct err *err);

/* Adds the instruments and segments that are listed, and those that were since `from_ns`. */
int instrument_rows_read(struct reader *reader, int64_t from_ns, struct instrument_list *out,
                         struct err *err);

/* Those with a higher revision, in its order, `limit` at most. Returns how many, or an error. */
struct instrument_since {
    int64_t revision;
    int limit;
};
typedef void instrument_row_fn(void *arg, int64_t revision, const struct instrument *instrument);
int instrument_rows_since(struct reader *reader, const struct instrument_since *since,
                          instrument_row_fn *fn, void *arg, struct err *err);

#endif
