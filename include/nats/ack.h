/*
 * ack: a stream's answer to a message that was published.
 *
 * Pure.
 */
#ifndef NATS_ACK_H
#define NATS_ACK_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct json_parser;

/*
 * 0: the message is stored with the number `expected`. -ESTALE: the stream has other messages than
 * expected; -EEXIST: it is taken for the repeat of a message that is not stored: a cluster of
 * nats-server 2.10 remembers the id of a message also when it refuses to store it; -ENOSPC: a limit
 * of the stream or of the server is reached; -EHOSTUNREACH: nobody answers for the stream; -EIO.
 */
int nats_ack_read(struct json_parser *parser, const char *data, size_t len_bytes, uint64_t expected,
                  struct err *err);

#endif
