/*
 * log: the service's log, as logfmt lines on stderr. The only global state.
 *
 *   ts=2026-11-23T08:17:41.123Z level=info msg="logged in" user=alice
 *
 * Under systemd (stderr is the journal) lines begin with a priority instead of a time. Repeated
 * lines are counted, and written once with times=N before the next different line or after a
 * minute. Registered secrets are masked wherever they appear. Lines of all levels are kept in a
 * ring buffer for log_dump(). Thread-safe.
 *
 * Lower rooms return errors; whoever decides what to do about one logs it, once.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_field {
    const char *key;
    const char *text; /* NULL: use number */
    double number;
};

#define LOG_TEXT(k, v)   ((struct log_field){.key = (k), .text = (v)})
#define LOG_NUMBER(k, v) ((struct log_field){.key = (k), .number = (double)(v)})
#define LOG_END          ((struct log_field){.key = 0})

/* `fields` ends in LOG_END; NULL = none. The macros below need at least one field. */
void log_line(enum log_level level, const char *msg, const struct log_field *fields);

#define LOG_FIELDS(...)     ((const struct log_field[]){__VA_ARGS__, LOG_END})
#define log_error(msg, ...) log_line(LOG_LEVEL_ERROR, msg, LOG_FIELDS(__VA_ARGS__))
#define log_warn(msg, ...)  log_line(LOG_LEVEL_WARN, msg, LOG_FIELDS(__VA_ARGS__))
#define log_info(msg, ...)  log_line(LOG_LEVEL_INFO, msg, LOG_FIELDS(__VA_ARGS__))
#define log_debug(msg, ...) log_line(LOG_LEVEL_DEBUG, msg, LOG_FIELDS(__VA_ARGS__))

void log_init(enum log_level threshold); /* detects whether stderr is the journal */
void log_flush(void);                    /* writes a pending repeat count */
void log_dump(void);                     /* writes the recent lines of all levels, oldest first */

/*
 * Masks `secret` in every later line, and in the texts given to log_mask(). Copied into memory that
 * core dumps leave out. The latest 16 are kept; one shorter than 4 bytes is ignored.
 */
void log_secret(const char *secret);

/* Masks in place, as log lines are: secrets in any escaped form, and the values of credentials. */
void log_mask(char *text);

#endif
