/*
 * retry_after: the value of the header Retry-After (RFC 9110, section 10.2.3).
 *
 * Pure. libcurl parses this header too, but its versions in Debian 12 and 13 differ for numbers
 * with too many digits, and the answer to a WebSocket handshake does not pass through libcurl.
 */
#ifndef NET_RETRY_AFTER_H
#define NET_RETRY_AFTER_H

#include <stddef.h>
#include <stdint.h>

/* Longer waits are cut to this: a server that says one day gets one request every 15 minutes. */
#define RETRY_AFTER_MAX_MS INT64_C(900000)

/*
 * Milliseconds to wait, from seconds or an HTTP date; `wall_ns` is the current time, used only
 * for a date. -1: empty, not understood, or a date in the past (one of the two clocks is wrong).
 */
int64_t retry_after_ms(const char *text, size_t len_bytes, int64_t wall_ns);

#endif
