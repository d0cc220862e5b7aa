/*
 * live_source: the market that is being recorded, as a source of the Primary API server.
 *
 * Instruments have their numbers of the market. Those recorded now are offered; others keep their
 * last quote but are unknown to clients, unless they can be taken up on demand (api/local_api).
 * Then a client that asks for one is registered in the demand. Keeps a share of the reference data;
 * borrows the rest.
 */
#ifndef API_LIVE_SOURCE_H
#define API_LIVE_SOURCE_H

#include "api/local_api.h"
#include "market/instrument_list.h"
#include "market/market.h"
#include "market/source_table.h"
#include "net/loop.h"
#include "serve/source.h"

struct live_source;

struct live_source_parts {
    const struct loop *loop;
    const struct market *market;
    const struct source_table *sources;
    struct api_demand demand;
};

struct live_source *live_source_create(const struct live_source_parts *parts); /* NULL: no memory */
void live_source_destroy(struct live_source *live);

const struct market_source *live_source_api(const struct live_source *live); /* borrowed */

/* What is known of the instruments from now on; takes a share. NULL: nothing. Returns whether the
 * prices of a recorded one have other decimals now. */
bool live_source_reference(struct live_source *live, struct instrument_list *list);

#endif
