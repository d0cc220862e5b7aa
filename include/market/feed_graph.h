/*
 * feed_graph: the transitions of market/feed_state as a graph, for `cinta check --graph`.
 *
 * Pure.
 */
#ifndef MARKET_FEED_GRAPH_H
#define MARKET_FEED_GRAPH_H

#include "base/buf.h"

/* In the DOT language; made by calling feed_step() for every mode and event. */
void feed_graph(struct buf *out);

#endif
