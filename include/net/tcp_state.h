/*
 * tcp_state: what the kernel knows about a connected TCP or Unix socket.
 */
#ifndef NET_TCP_STATE_H
#define NET_TCP_STATE_H

#include <stdint.h>

int64_t tcp_idle_ms(int fd); /* since data was last received, of any kind; 0 on a Unix socket */
/* A number that changes when the peer has taken bytes that were sent to it. */
int64_t tcp_progress(int fd);

#endif
