/*
 * digest: a 128-bit hash (SipHash-2-4-128 with a key of zeros).
 *
 * Recognises equal bytes without keeping them. Not collision resistant: the key is public, so an
 * attacker can construct two texts with the same digest.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest {
    uint64_t half[2];
};

struct digest digest_of(const void *data, size_t len_bytes);
bool digest_equal(struct digest a, struct digest b);

#endif
