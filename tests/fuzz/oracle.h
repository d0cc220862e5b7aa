/*
 * oracle: reads messages with market data from cJSON's tree, as a second opinion for
 * fuzz_market_data. Only its words may be taken from the program; what it reads is its own.
 */
#ifndef FUZZ_ORACLE_H
#define FUZZ_ORACLE_H

#include "primary/decode.h"
#include "primary/stream.h"

/* As decode_market_data(); the update is written on success only. */
enum reply_class oracle_market_data(struct json_parser *parser, const struct reply *reply,
                                    uint32_t asked, const struct decode_out *out);

/* As stream_decode(). */
void oracle_stream(struct stream_decoder *decoder, const struct stream_message *message,
                   struct stream_item *out);

#endif
