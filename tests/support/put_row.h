/*
 * put_row: queues a row in a store as the recorder does a change.
 */
#ifndef SUPPORT_PUT_ROW_H
#define SUPPORT_PUT_ROW_H

#include "store/write/store.h"

__attribute__((unused)) static struct market_quote present_of(const struct store_snapshot *row)
{
    return (struct market_quote){
        .quote = row->quote, .seq = row->seq, .ts_recv = row->ts_recv, .source = row->source};
}

__attribute__((unused)) static void put_row(struct store *store, const struct store_snapshot *row)
{
    const struct market_quote present = present_of(row);
    store_change(store, &(struct market_change){row->instrument, row->changed, &present});
}

#endif
