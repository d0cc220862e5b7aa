/*
 * unmatched: reports a pattern that matches no symbol of the database, with similar symbols.
 */
#ifndef CLI_UNMATCHED_H
#define CLI_UNMATCHED_H

#include "base/buf.h"
#include "store/read/reader.h"

#include <stdbool.h>

/* Appends a line: "no symbol matches 'GGAL'; did you mean 'MERV - XMEV - GGAL - 24hs'?". Returns
 * false and appends nothing when a symbol matches. */
bool unmatched_put(struct buf *out, struct reader *reader, const char *pattern);

#endif
