/*
 * segment_decode: the answer of rest/segment/all (protocol section 6.1).
 *
 * Pure. A segment without a valid id or market is left out; an absent market is ROFX.
 */
#ifndef PRIMARY_SEGMENT_DECODE_H
#define PRIMARY_SEGMENT_DECODE_H

#include "base/json.h"
#include "market/instrument_list.h"
#include "primary/reply.h"

#define SEGMENT_LIST_BYTES (256 * 1024) /* the largest answer that is read; 19 segments take 1 kB  \
                                         */

/*
 * REPLY_OK: `out` has the segments, listed at `ts_read` (ns UTC). "segments" null or [] is an empty
 * list. Else the class of the answer, with the reason in `why`. Segments beyond SEGMENTS_MAX are
 * left out.
 */
enum reply_class segment_decode(struct json_parser *parser, const struct reply *reply,
                                int64_t ts_read, struct instrument_list *out, struct err *why);

#endif
