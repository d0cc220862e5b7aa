/*
 * quotes_notes: notes about a query of the quotes: patterns without a match, with similar symbols;
 * instruments that are not shown, with the reason; time stamps in the future.
 */
#ifndef CLI_QUOTES_NOTES_H
#define CLI_QUOTES_NOTES_H

#include "cli/quotes_view.h"

/* One note per line. */
void quotes_notes_put(struct buf *out, const struct quotes_view *view, struct reader *reader);

/* Whether each pattern has a quote that is shown; without patterns, whether any quote is shown. */
bool quotes_notes_none_missing(const struct quotes_view *view);

#endif
