/*
 * retry_after: the value of the header Retry-After (RFC 9110, section 10.2.3).
 *
 * Pure. libcurl reads this header too, but a number of too many digits differently in Debian 12 and
 * 13, and the answer to a WebSocket's handshake does not go through libcurl.
 */
#ifndef NET_RETRY_AFTER_H
#define NET_RETRY_AFTER_H

#include <stddef.h>
#include <stdint.h>

/* A longer wait is cut to this: who says a day, is asked with one request every 15 minutes. */
#define RETRY_AFTER_MAX_MS INT64_C(900000)

/*
 * Milliseconds to wait, of seconds or of an HTTP date; `wall_ns` is the time now, which only a date
 * needs. -1: empty, not understood, or a date that is past (which says that one of the clocks is
 * wrong).
 */
int64_t retry_after_ms(const char *text, size_t len_bytes, int64_t wall_ns);

#endif
