/*
 * digest: 128 bits that stand for some bytes (SipHash-2-4-128 with a key of zeros).
 *
 * To recognise the same bytes again without keeping them. It is no proof against somebody who makes
 * two texts of one digest on purpose.
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
