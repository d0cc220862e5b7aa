/*
 * status_view: the service's JSON as lines for people.
 */
#ifndef CLI_STATUS_VIEW_H
#define CLI_STATUS_VIEW_H

#include "base/buf.h"
#include "base/json.h"

void status_view_print(struct buf *out, const struct json *status);

#define STATUS_AGE_TEXT 32
/* "0.3 s", "12 min", "3 h 5 min", "2 d 4 h"; "never" for NAN. Returns `out`. */
char *status_age_text(char *out, double seconds);
/* "512 B", "12.3 MB". */
char *status_size_text(char *out, double bytes);

#endif
