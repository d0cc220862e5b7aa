/*
 * random_message: messages with market data as a broker may write them, and as none should: keys in
 * any order, repeated, escaped or unknown, values of every JSON type, numbers of every form. About
 * half of them are valid JSON.
 */
#ifndef FUZZ_RANDOM_MESSAGE_H
#define FUZZ_RANDOM_MESSAGE_H

#include "base/rng.h"

#include <stddef.h>

#define RANDOM_MESSAGE_BYTES 8192

/* Returns its length; not NUL-terminated. */
size_t random_message(struct rng *rng, char out[RANDOM_MESSAGE_BYTES]);
/* Edits a few bytes; returns the new length. */
size_t random_message_damage(struct rng *rng, char out[RANDOM_MESSAGE_BYTES], size_t len_bytes);

#endif
