/*
 * unpack: the inverse of packed, with the same results as the views of schema/008_level_text.sql.
 */
#ifndef STORE_UNPACK_H
#define STORE_UNPACK_H

#include "base/json.h"
#include "store/snapshot.h"

#include <stdint.h>

struct sqlite3_stmt;

/* A price column; NAN for NULL. */
double unpack_price(struct sqlite3_stmt *stmt, int column, int64_t unit);

/* The time `ago_ms` before ts_recv, in ns UTC, cut to whole milliseconds. */
int64_t unpack_ts(int64_t ts_recv, int64_t ago_ms);

/*
 * The levels of a side: `best` is the best one, `rest` holds "distance,size,..." of the others
 * ("" = none), after the best one's size in quotes if that is not an integer. Anything else in
 * `rest` ends the list.
 */
void unpack_side(struct side *out, struct level best, const char *rest, bool is_bid, int64_t unit);

/*
 * A whole row: PACKED_COLUMNS from the first column of `stmt` on. Sets all of *out except
 * `instrument`. `parser` reads the levels that could not be packed.
 */
void unpack_row(struct sqlite3_stmt *stmt, struct json_parser *parser, struct store_snapshot *out);

#endif
