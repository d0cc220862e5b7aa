/*
 * quotes_notes: what a look at the quotes has to say besides the quotes: patterns that matched
 * nothing and what may have been meant, instruments that are not shown and why, stamps of the
 * future.
 */
#ifndef CLI_QUOTES_NOTES_H
#define CLI_QUOTES_NOTES_H

#include "cli/quotes_view.h"

/* A sentence a line. */
void quotes_notes_put(struct buf *out, const struct quotes_view *view, struct reader *reader);

/* Whether each pattern, or without patterns anything, has a quote that is shown. */
bool quotes_notes_none_missing(const struct quotes_view *view);

#endif
