/*
 * ws_input: what a WebSocket client sends, as far as it must be judged after libwebsockets: texts
 * in pieces, and close frames. Decides with which code the connection ends (RFC 6455 section 7.4).
 *
 * Owns the text that is being received. Pure.
 */
#ifndef SERVE_WS_INPUT_H
#define SERVE_WS_INPUT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct ws_input {
    struct buf text;
};

enum ws_input_state {
    WS_INPUT_PARTIAL = 0,
    WS_INPUT_COMPLETE = 1,     /* `text` is a message; to be cleared by ws_input_finish() */
    WS_INPUT_VIOLATION = 1000, /* this and above: the code to close with */
};

/* A piece of a data frame. */
struct ws_piece {
    const void *data;
    size_t len_bytes;
    size_t rest_bytes; /* of the same frame, still to come */
    bool binary, final;
};

void ws_input_init(struct ws_input *input, size_t max_bytes); /* of one message */
void ws_input_finish(struct ws_input *input);
int ws_input_take(struct ws_input *input,
                  const struct ws_piece *piece); /* an enum value or a code */

/* The code to answer a client's close frame with this payload, which is invalid; 0: with the same.
 */
int ws_input_close_code(const void *payload, size_t len_bytes);

#endif
