/*
 * unmatched: a pattern that matches no symbol of the database, and what may have been meant by it.
 */
#ifndef CLI_UNMATCHED_H
#define CLI_UNMATCHED_H

#include "base/buf.h"
#include "store/reader.h"

#include <stdbool.h>

/* "no symbol matches 'GGAL'; did you mean 'MERV - XMEV - GGAL - 24hs'?" as a line; false and
 * nothing when there is a symbol that it matches. */
bool unmatched_put(struct buf *out, struct reader *reader, const char *pattern);

#endif
