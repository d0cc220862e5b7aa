/*
 * tcp_try: whether a TCP connection can be made, and the system's reason if not.
 *
 * For a diagnosis: libcurl reports "Couldn't connect" for a refused, a filtered and an unreachable
 * address alike. Blocks; the connection is closed at once.
 */
#ifndef NET_TCP_TRY_H
#define NET_TCP_TRY_H

#include <stdint.h>

#define TCP_TRY_ADDRESS 64

/*
 * Tries the addresses (numeric, separated by commas, IPv6 in brackets or not) in their order until
 * one accepts, within `timeout_ms` for all. `tried` gets the one that accepted, or the last one
 * tried. 0; -ECONNREFUSED, -ETIMEDOUT, -EHOSTUNREACH, -ENETUNREACH or another -errno of the first
 * address that failed; -EINVAL: not an address.
 */
int tcp_try(const char *addresses, int port, int64_t timeout_ms, char tried[TCP_TRY_ADDRESS]);

#endif
