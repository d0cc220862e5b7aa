/*
 * trade_list: reads the broker's list of the trades of one instrument and day
 * (rest/data/getTrades, protocol section 8), in steps.
 *
 * Pure. A busy instrument has thousands of trades a day: a step reads as much of the answer as
 * takes about a millisecond, so that the caller can do other work between two steps, and each trade
 * is parsed alone, so that there is never a tree of the whole. The time of a trade is "servertime",
 * ms UTC; where that is absent or not of the day, "datetime", a text in UTC. Trades without a time
 * of that day or without a price are left out and counted. Nothing is de-duplicated: two equal
 * lines are two trades. What was read counts only when the last step has returned REPLY_OK: the
 * envelope may come after the trades.
 */
#ifndef PRIMARY_TRADE_LIST_H
#define PRIMARY_TRADE_LIST_H

#include "base/json_items.h"
#include "market/trade.h"
#include "primary/reply.h"

#define TRADE_LIST_BYTES  ((size_t)32 * 1024 * 1024) /* the largest answer that is read */
#define TRADE_LIST_TRADES 250000                     /* the most trades that are read */

struct trade_list; /* used by one thread at a time */

/* Of this day in Argentina, in days since 1970-01-01. Takes the text of `body`, which is empty
 * afterwards. NULL: no memory, and it took nothing. */
struct trade_list *trade_list_create(struct buf *body, int64_t day);
void trade_list_destroy(struct trade_list *list);

/*
 * Reads the next trades. True: there are more. False: this was the last step, *class is the result,
 * and `why` has the reason if it is not REPLY_OK. More than TRADE_LIST_TRADES, and no memory, are
 * REPLY_MALFORMED.
 */
bool trade_list_step(struct trade_list *list, enum reply_class *class, struct err *why);

/* The trades so far, in the broker's order; all are TRADE_FROM_HISTORY. The array (malloc) belongs
 * to the caller afterwards; NULL when there are none. */
struct trade *trade_list_take(struct trade_list *list, size_t *count);

int trade_list_skipped(const struct trade_list *list); /* left out so far */

#endif
