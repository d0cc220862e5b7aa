/*
 * status_view: the state of the running service as text for a terminal, from the JSON that the
 * service sends (`cinta status`).
 */
#ifndef CLI_STATUS_VIEW_H
#define CLI_STATUS_VIEW_H

#include "base/buf.h"
#include "base/json.h"

#include <stdint.h>

/* In lines of `width` characters, with local times of Argentina. */
void status_view_print(struct buf *out, const struct json *status, size_t width, int64_t now_ns);

#define STATUS_AGE_TEXT 32
/* "0.3 s", "12 min 3 s", "3 h 5 min", "2 d 4 h"; "never" for NAN; "0.0 s" for a negative age.
 * Returns `out`. */
char *status_age_text(char *out, double seconds);
/* "512 B", "12.3 MB". */
char *status_size_text(char *out, double bytes);

#endif
