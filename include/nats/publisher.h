/*
 * publisher: publishes messages into a stream without waiting for each one's acknowledgement.
 *
 * Each message says which number and id it expects the last message in the stream to have, so that
 * it is stored only directly after the one before it: when one is lost (a server stops, a leader
 * changes, another program publishes too), all that follow are refused too, and none is stored out
 * of order.
 */
#ifndef NATS_PUBLISHER_H
#define NATS_PUBLISHER_H

#include "nats/link.h"

#include <stddef.h>

struct nats_publisher;

/* `last_seq`: the number of the last message in the stream. The link must outlive it. */
int nats_publisher_create(struct nats_publisher **out, struct nats_link *link, uint64_t last_seq,
                          struct err *err);
void nats_publisher_destroy(struct nats_publisher *publisher);

struct nats_header {
    const char *name, *value;
};

struct nats_outgoing {
    const char *subject, *id; /* id: for the de-duplication */
    const struct nats_header *headers;
    size_t headers_count;
    const char *data;
    size_t len_bytes;
};
/* Copied. Errors of the connection. */
int nats_publisher_send(struct nats_publisher *publisher, const struct nats_outgoing *message,
                        struct err *err);

/* The messages that were sent and are not acknowledged yet. */
size_t nats_publisher_waiting(const struct nats_publisher *publisher);

/*
 * Waits for the next acknowledgement; they come in the order of sending. 1: the message was stored
 * with the number *seq; 0: none came within `wait_ms`. Errors of nats_ack_read() and of the
 * connection. After an error, destroy it: whether the messages that wait were stored is unknown.
 */
int nats_publisher_ack(struct nats_publisher *publisher, int64_t wait_ms, uint64_t *seq,
                       struct err *err);

#endif
