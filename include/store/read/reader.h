/*
 * reader: read-only queries of the database, whether the service runs or not.
 *
 * Owns one connection. Strings in rows are borrowed until the callback returns.
 */
#ifndef STORE_READ_READER_H
#define STORE_READ_READER_H

#include "base/err.h"
#include "store/snapshot.h"

#include <stdint.h>

struct reader;

/* -ENOENT: no such file; -EMEDIUMTYPE, -EPROTO as schema_apply; -EIO otherwise. */
int reader_open(struct reader **out, const char *path, struct err *err);
void reader_close(struct reader *reader);

/* Row of the table `quote`, to restore the market's state at a start. */
struct reader_quote {
    const char *market_id, *symbol;
    struct store_known known; /* `instrument` and `changed` of its state are 0 */
};
typedef void reader_quote_fn(void *arg, const struct reader_quote *row);
int reader_quotes(struct reader *reader, reader_quote_fn *fn, void *arg, struct err *err);

/* The highest seq ever assigned; 0 in an empty database. */
int reader_last_seq(struct reader *reader, int64_t *seq, struct err *err);

enum reader_type { READER_NULL, READER_NUMBER, READER_TEXT };

struct reader_value {
    const char *column;
    enum reader_type type;
    const char *text; /* "" for NULL; a number as the shortest text that parses to the same value */
};

/* Any statement; `ORDER BY symbol COLLATE symbol_order` sorts as symbol_order() does. */
struct reader_query {
    const char *sql;           /* must not come from the user */
    const char *const *params; /* bound as text */
    int params_count;
};
#define READER_QUERY(text) (&(const struct reader_query){.sql = (text)})

/* `fn` is called once per row and returns 0, or anything else to stop. */
typedef int reader_row_fn(void *arg, int columns, const struct reader_value *values);
int reader_select(struct reader *reader, const struct reader_query *query, reader_row_fn *fn,
                  void *arg, struct err *err);

#endif
