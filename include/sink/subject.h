/*
 * subject: the NATS subjects of what is published.
 *
 * Pure. Below the prefix (sink.subject): `<market>.<segment>.<symbol>` for quotes,
 * `trade.<market>.<segment>.<symbol>` for trades, `instrument.<market>.<segment>.<symbol>` for
 * reference data, `event.<kind>` for events. Letters, digits, '-',
 * '_' and '/' stand for themselves; any other byte, and '_' alone, is %XX as in URLs. An unknown
 * segment is '_'.
 */
#ifndef SINK_SUBJECT_H
#define SINK_SUBJECT_H

#include "base/buf.h"

#include <stdbool.h>

/* With the longest symbol and segment, all bytes encoded. */
#define SINK_SUBJECT_BYTES 1024
#define SINK_PREFIX_BYTES  64

/* A prefix of tokens of letters, digits, '-' and '_', separated by dots. */
bool sink_prefix_valid(const char *prefix);

struct sink_instrument {
    const char *market_id, *symbol, *segment; /* segment: NULL = unknown */
};

/* They replace the contents of `out`. */
void sink_quote_subject(struct buf *out, const char *prefix, const struct sink_instrument *of);
void sink_trade_subject(struct buf *out, const char *prefix, const struct sink_instrument *of);
void sink_instrument_subject(struct buf *out, const char *prefix, const struct sink_instrument *of);
void sink_event_subject(struct buf *out, const char *prefix, const char *kind);

#endif
