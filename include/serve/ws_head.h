/*
 * ws_head: the header of a WebSocket frame that a server sends (RFC 6455 section 5.2).
 */
#ifndef SERVE_WS_HEAD_H
#define SERVE_WS_HEAD_H

#include <stddef.h>

#define WS_HEAD_BYTES 10   /* at most: servers do not mask */
#define WS_HEAD_TEXT  0x81 /* first byte of a whole text message */

/* Writes it with the shortest encoding of the length; returns its number of bytes. */
size_t ws_head_write(unsigned char out[WS_HEAD_BYTES], unsigned first, size_t len_bytes);

#endif
