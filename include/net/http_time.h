/*
 * http_time: a date in a header (RFC 9110, section 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". Pure.
 */
#ifndef NET_HTTP_TIME_H
#define NET_HTTP_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All three formats of the RFC, in any locale, as wall clock; INT64_MAX if it is later than that
 * can hold. `out` is written on success only. */
bool http_time_ns(const char *text, size_t len_bytes, int64_t *out);

#endif
