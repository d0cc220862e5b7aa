/*
 * topics: the messages that subscribe instruments at the browser terminal (protocol section 12.3).
 *
 * {"_req":"S","topicType":"md","topics":["md.ID",...],"replace":false}: begin, one topic at a time,
 * end. Check the buf once at the end. Clients send up to 50 topics in a message, and such messages
 * 50 ms apart. Subscriptions add up, because `replace` is false; there is no acknowledgement. To
 * have the deeper levels of a book, subscribe both types, the books first: the quote that follows
 * then agrees with its book.
 */
#ifndef MATRIZ_TOPICS_H
#define MATRIZ_TOPICS_H

#include "base/buf.h"

#include <stdbool.h>

enum matriz_topic { MATRIZ_TOPIC_MD, MATRIZ_TOPIC_BOOK };

void matriz_topics_begin(struct buf *out, enum matriz_topic type);
void matriz_topics_add(struct buf *out, enum matriz_topic type, bool first, const char *id);
void matriz_topics_end(struct buf *out);

#endif
