/*
 * log: what the service tells its operator, as logfmt lines on stderr. The one global.
 *
 *   ts=2026-11-23T08:17:41.123Z level=info msg="logged in" user=alice
 *
 * Under systemd (stderr is the journal) lines begin with a priority instead of a time. A line that
 * repeats is counted and told with times=N when another one comes, or after a minute. Registered
 * secrets are masked wherever they turn up. Lines of all levels are kept in a ring for log_dump().
 * Safe from every thread.
 *
 * Only app and cli log: lower floors return errors, and whoever decides what to do logs once.
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

/* `fields` ends in LOG_END; NULL = none. The macros below want at least one field. */
void log_line(enum log_level level, const char *msg, const struct log_field *fields);

#define LOG_FIELDS(...)     ((const struct log_field[]){__VA_ARGS__, LOG_END})
#define log_error(msg, ...) log_line(LOG_LEVEL_ERROR, msg, LOG_FIELDS(__VA_ARGS__))
#define log_warn(msg, ...)  log_line(LOG_LEVEL_WARN, msg, LOG_FIELDS(__VA_ARGS__))
#define log_info(msg, ...)  log_line(LOG_LEVEL_INFO, msg, LOG_FIELDS(__VA_ARGS__))
#define log_debug(msg, ...) log_line(LOG_LEVEL_DEBUG, msg, LOG_FIELDS(__VA_ARGS__))

void log_init(enum log_level threshold); /* looks whether stderr is the journal */
void log_flush(void);                    /* tells a pending repeat count */
void log_dump(void);                     /* the recent lines of all levels, oldest first */

/*
 * From now on masks `secret` in every line, and in what log_mask() gets. Copied, into memory that is
 * kept out of core dumps; the 16 latest are known; one shorter than 4 bytes is ignored.
 */
void log_secret(const char *secret);

/* Masks in place, as lines of the log are: secrets in any escaped form, and credentials by name. */
void log_mask(char *text);

#endif
