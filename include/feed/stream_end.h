/*
 * stream_end: translates the end of a stream of the Primary API into a feed event and a message.
 * Pure.
 *
 * A handshake counts as refused if the broker's API itself refuses it. A web page instead of its
 * answer counts as a lost connection; a login page may mean that the token is invalid.
 */
#ifndef FEED_STREAM_END_H
#define FEED_STREAM_END_H

#include "feed/dialect.h"

enum feed_event_kind stream_end(const struct ws_end *end, char words[DIALECT_END_WORDS]);

#endif
