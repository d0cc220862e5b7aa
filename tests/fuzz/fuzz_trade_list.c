/*
 * Arbitrary answers with lists of trades, read in steps (primary/trade_list): what was read must be
 * a trade of the requested day.
 */
#include "primary/trade_list.h"

#include "base/clock.h"
#include "support/fuzz.h"

#include <math.h>
#include <stdlib.h>

#define DAY 20776 /* 2026-11-19, as in the corpus */

static void check_trade(const struct trade *trade)
{
    CHECK(isfinite(trade->price));
    CHECK(isnan(trade->size) || (isfinite(trade->size) && trade->size > 0));
    CHECK(trade->ts_event % NS_PER_MS == 0 && art_day(trade->ts_event) == DAY);
    CHECK(trade->origin == TRADE_FROM_HISTORY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf body;
    struct err why = {0};
    enum reply_class class;
    size_t count;
    buf_init(&body, TRADE_LIST_BYTES);
    buf_append(&body, (const char *)data, size);
    struct trade_list *list = trade_list_create(&body, DAY);
    if (!list)
        abort();
    while (trade_list_step(list, &class, &why))
        ;
    CHECK(class == REPLY_OK || (why.code < 0 && why.text[0]));
    CHECK(trade_list_skipped(list) >= 0);
    struct trade *trades = trade_list_take(list, &count);
    CHECK((count == 0) == (trades == NULL));
    for (size_t i = 0; i < count; i++)
        check_trade(&trades[i]);
    free(trades);
    trade_list_destroy(list);
    return 0;
}
