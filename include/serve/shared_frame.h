/*
 * shared_frame: a text message as the WebSocket frame in which it is sent.
 *
 * Made once for all clients that get it: their queues refer to the same bytes. Owned by whoever
 * holds a reference; freed with the last one. Not for several threads.
 */
#ifndef SERVE_SHARED_FRAME_H
#define SERVE_SHARED_FRAME_H

#include <stddef.h>

struct shared_frame;

/* With one reference, the caller's. NULL: no memory. `text` is copied. */
struct shared_frame *shared_frame_create(const char *text, size_t len_bytes);
struct shared_frame *shared_frame_ref(struct shared_frame *frame); /* one more; returns `frame` */
void shared_frame_unref(struct shared_frame *frame); /* one less; NULL: does nothing */

/* Header and text. */
const char *shared_frame_data(const struct shared_frame *frame);
size_t shared_frame_bytes(const struct shared_frame *frame);

#endif
