/*
 * message: a message that was received from NATS.
 *
 * Its texts are borrowed and last as long as the message does.
 */
#ifndef NATS_MESSAGE_H
#define NATS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

struct __natsMsg;

struct nats_message {
    struct __natsMsg *native;
    const char *subject;
    const char *data; /* not terminated */
    size_t len_bytes;
    uint64_t stream_seq;
    int64_t stored_ns; /* when the stream took it, ns UTC; 0 = unknown */
    uint64_t pending;  /* of a consumer: messages that the stream had behind it */
};

/* Takes it. */
struct nats_message nats_message_of(struct __natsMsg *native, uint64_t stream_seq);
void nats_message_finish(struct nats_message *message);

/* NULL: there is none. */
const char *nats_message_header(const struct nats_message *message, const char *name);

#endif
