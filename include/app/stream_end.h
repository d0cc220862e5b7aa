/*
 * stream_end: what the end of a stream means for the feed, and its words. Pure.
 *
 * A handshake is refused when the broker itself says no. A page in place of its answer is a lost
 * connection like any other; a login page may mean that the token is dead.
 */
#ifndef APP_STREAM_END_H
#define APP_STREAM_END_H

#include "market/feed_state.h"
#include "net/ws.h"

#define STREAM_END_WORDS 512

/* `words` holds STREAM_END_WORDS bytes. */
enum feed_event_kind stream_end(const struct ws_end *end, char *words);

#endif
