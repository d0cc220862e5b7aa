/*
 * trade: what a trade is, and when two reports are of the same one.
 *
 * Pure. With every message the broker repeats the last trade (entry LA), so a trade is a change of
 * LA to one with a price. The same trade is reported again after a restart and by the other source,
 * and trades have no number: a trade is identified by its instrument, its time in milliseconds, its
 * price and its size. BYMA sends whole seconds, so there two trades of the same price and size in
 * one second count as one. The broker's list of a day's trades has those that LA did not show, and
 * exact times: market/tape_merge finds the ones that ours lacks.
 *
 * The writer makes the rows of the table `trade` by this rule, unless the list has been merged up
 * to that time (store/write/tape_rows). The view trade_recent (schema/013_tape.sql) has the same
 * rules in SQL, for changes whose trades are not in that table yet;
 * tests/unit/store/write/test_trades.c compares the two.
 */
#ifndef MARKET_TRADE_H
#define MARKET_TRADE_H

#include "market/entry.h"
#include "market/quote.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a trade is from; stored in trade.origin. */
enum trade_origin {
    TRADE_FROM_REST = SOURCE_REST,
    TRADE_FROM_STREAM = SOURCE_STREAM,
    TRADE_FROM_MATRIZ = SOURCE_MATRIZ,
    TRADE_FROM_HISTORY = 4, /* the broker's list of a day's trades (data/getTrades) */
};

/* "rest", "stream", "matriz", "history"; NULL for other numbers, as in the view `trades`. */
const char *trade_origin_name(int64_t origin);

struct trade {
    int64_t ts_event; /* ns UTC, in whole milliseconds */
    double price;
    double size; /* NAN: unknown */
    enum trade_origin origin;
};

/* The entries of which one must have changed. */
#define TRADE_ENTRIES ENTRY_BIT(ENTRY_LA)

/* A change, as far as it can show a trade. Times are ns UTC, 0 = unknown. */
struct trade_report {
    uint32_t changed; /* entries */
    enum source source;
    int64_t ts_recv;
    int64_t ts_event;   /* of the message */
    int64_t ts_last;    /* of the last trade */
    double price, size; /* of the last trade; NAN: none */
};

/* True: the change shows *out. Its time is the most exact one known: of the trade, of the message,
 * or of its arrival. */
bool trade_shown(const struct trade_report *report, struct trade *out);

/* Whether two trades of one instrument are the same; their origins may differ. */
bool trade_same(const struct trade *a, const struct trade *b);

int64_t trade_minute(int64_t ts_event); /* the start of the one-minute bar it belongs to, ns UTC */

#endif
