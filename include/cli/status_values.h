/*
 * status_values: values of the service's status, from its JSON, as texts for a terminal.
 */
#ifndef CLI_STATUS_VALUES_H
#define CLI_STATUS_VALUES_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

#include <stdbool.h>
#include <stdint.h>

double status_number(const struct json *object, const char *key);    /* NAN: there is none */
double status_count(const struct json *object, const char *key);     /* 0: there is none */
const char *status_text(const struct json *object, const char *key); /* "": there is none */
bool status_flag(const struct json *object, const char *key);

#define STATUS_TITLE_WIDTH 10
/* The title of a line, in the first column. */
void status_title(struct buf *out, const char *name);

#define STATUS_AGE_TEXT 32
/* "0.3 s", "12 min 3 s", "3 h 5 min", "2 d 4 h"; "never" for NAN; "0.0 s" for a negative age.
 * Returns `out`. */
char *status_age_text(char *out, double seconds);
/* "512 B", "12.3 MB". */
char *status_size_text(char *out, double bytes);
/* "3.2 s ago", "never". */
const char *status_ago(char out[STATUS_AGE_TEXT], const struct json *object, const char *key);

/* Of an ISO 8601 time; "-" when there is none. "16:10:52 ART", with the date when it is not today.
 */
const char *status_moment(char out[CLOCK_TEXT], const char *iso, int64_t now_ns);
/* "Fri 2026-11-27 17:05 ART", for times that are to come. */
const char *status_future(char out[CLOCK_TEXT], const char *iso);
/* Only the date in Argentina. */
const char *status_day(char out[CLOCK_TEXT], const char *iso);

#endif
