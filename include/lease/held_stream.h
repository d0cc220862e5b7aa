/*
 * held_stream: what the stream of all messages has last, for a recorder that takes the lease.
 */
#ifndef LEASE_HELD_STREAM_H
#define LEASE_HELD_STREAM_H

#include "nats/stream.h"
#include "sink/position.h"

/* The position of its last message, whoever published it; zeros if there is none, or it has none.
 * Errors of the connection. */
int held_stream_last(struct nats_link *link, const struct nats_stream_wish *stream,
                     struct sink_position *out, struct err *err);

#endif
