/*
 * stream_end: translates the end of a stream into a feed event and a message. Pure.
 *
 * A handshake counts as refused if the broker's API itself refuses it. A web page instead of its
 * answer counts as a lost connection; a login page may mean that the token is invalid.
 */
#ifndef FEED_STREAM_END_H
#define FEED_STREAM_END_H

#include "market/feed_state.h"
#include "net/ws.h"

#define STREAM_END_WORDS 512

/* `words` holds STREAM_END_WORDS bytes. */
enum feed_event_kind stream_end(const struct ws_end *end, char *words);

#endif
