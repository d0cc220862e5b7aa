/*
 * instrument_encode: the reference data of one instrument in the broker's format (protocol section
 * 6.4): the inverse of instrument_decode, for our servers and for what is published elsewhere.
 *
 * Pure.
 */
#ifndef PRIMARY_INSTRUMENT_ENCODE_H
#define PRIMARY_INSTRUMENT_ENCODE_H

#include "base/buf.h"
#include "market/instrument.h"

/* Appends the object. Without a description it has the symbol, because clients expect a text. */
void instrument_encode(struct buf *out, const struct instrument *instrument);

/* Appends "instrumentId":{...}. */
void instrument_encode_id(struct buf *out, const struct instrument *instrument);

#endif
