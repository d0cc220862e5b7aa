/*
 * consumer: reads a stream in order from a message on, and waits for new ones.
 *
 * Blocks, therefore it is for threads other than the loop's; one thread at a time. The server keeps
 * nothing of it: it is an ordered consumer, which libnats creates again behind the last message
 * when one is missing or the server sends no heartbeats. Messages that have arrived and were not
 * asked for yet are bounded by the flow control of JetStream.
 */
#ifndef NATS_CONSUMER_H
#define NATS_CONSUMER_H

#include "nats/link.h"
#include "nats/message.h"

struct nats_consumer;

/* From the message `from` on; the stream may be a mirror. The link must outlive it. Errors of
 * nats_stream_get(). */
int nats_consumer_create(struct nats_consumer **out, struct nats_link *link, const char *stream,
                         uint64_t from, struct err *err);
void nats_consumer_destroy(struct nats_consumer *consumer);

/* Waits for the next message. 1: finish it; 0: none came within `wait_ms`. Errors of the
 * connection. */
int nats_consumer_next(struct nats_consumer *consumer, int64_t wait_ms, struct nats_message *out,
                       struct err *err);

#endif
