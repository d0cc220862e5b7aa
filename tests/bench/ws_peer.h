/*
 * ws_peer: the client's side of a WebSocket, as far as the benchmarks of relays need it.
 *
 * Sockets are blocking. Whatever fails ends the program with a message.
 */
#ifndef BENCH_WS_PEER_H
#define BENCH_WS_PEER_H

#include <stddef.h>

/* Connects to this machine and upgrades; nothing may follow the head of the answer. */
int ws_peer_open(int port);
void ws_peer_send_all(int fd, const void *data, size_t len_bytes);
void ws_peer_send_frame(int fd, unsigned char opcode, const void *data, size_t len_bytes);

/* The key that ws_peer_open() sends, and the answer to it (RFC 6455 section 1.3). */
#define WS_PEER_KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define WS_PEER_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

#endif
