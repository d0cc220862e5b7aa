/*
 * terminal_topics: the messages of the clients of the simulated browser terminal (protocol section
 * 12.3).
 *
 * Pure. As at the terminal, there is no answer: what is not understood is ignored.
 */
#ifndef SIM_TERMINAL_TOPICS_H
#define SIM_TERMINAL_TOPICS_H

#include "base/json.h"

#include <stdbool.h>
#include <stdint.h>

enum terminal_message {
    TERMINAL_MESSAGE_PING, /* the texts "ping" and "pong" */
    TERMINAL_MESSAGE_PONG,
    TERMINAL_MESSAGE_SUBSCRIBE,
    TERMINAL_MESSAGE_UNSUBSCRIBE,
    TERMINAL_MESSAGE_IGNORED, /* such as a subscription to orders */
};

struct terminal_topics {
    bool books;           /* "book.", else "md." */
    bool replace;         /* earlier topics of that kind end; true when the message does not say */
    int32_t *instruments; /* the caller's, room for `room` */
    int32_t room, count;
    int32_t unknown; /* topics that are none */
};

struct terminal_topics_reader {
    struct json_parser *parser;
    /* The instrument with this id, or -1. */
    int32_t (*find)(void *arg, const char *id);
    void *arg;
};

/* `topics` is filled in when the result is SUBSCRIBE or UNSUBSCRIBE. */
enum terminal_message terminal_topics_read(const struct terminal_topics_reader *reader,
                                           const char *text, size_t len_bytes,
                                           struct terminal_topics *topics);

#endif
