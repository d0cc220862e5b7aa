/*
 * reference_json: lists of instruments and their details in the broker's format (protocol
 * section 6).
 */
#ifndef SERVE_REFERENCE_JSON_H
#define SERVE_REFERENCE_JSON_H

#include "base/buf.h"
#include "serve/source.h"

void reference_json_segments(struct buf *out, const struct market_source *source);
void reference_json_all(struct buf *out, const struct market_source *source); /* id and cficode */
void reference_json_details(struct buf *out, const struct market_source *source); /* all fields */
/* The same in steps of `max` instruments, from a zeroed progress on. False: it is complete. */
struct reference_progress {
    int32_t next, written;
};
bool reference_json_details_step(struct buf *out, const struct market_source *source,
                                 struct reference_progress *progress, int32_t max);
/* Flat items of one CFI code or one segment (NULL = any); returns how many. */
int reference_json_flat(struct buf *out, const struct market_source *source, const char *cfi_code,
                        const char *segment);

#endif
