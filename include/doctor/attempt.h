/*
 * attempt: one WebSocket connection of the diagnosis, from its handshake to what it delivered.
 *
 * Runs the loop of the checkup until it is known: the handshake's answer, the first frame with
 * market data or an error, and a pong. It knows no dialect: that of the broker makes the messages
 * and reads the frames.
 */
#ifndef DOCTOR_ATTEMPT_H
#define DOCTOR_ATTEMPT_H

#include "doctor/checkup.h"
#include "doctor/stream_result.h"
#include "net/ws.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The messages of a dialect. */
struct attempt_dialect {
    void *arg;
    /* Appends the message that subscribes this symbol. */
    void (*subscribe)(void *arg, const char *symbol, struct buf *message);
    /* Reads a frame; `words` (STEP_TEXT bytes) say what it is if it is not data. */
    enum first_frame (*read)(void *arg, const char *text, size_t len_bytes, char *words);
};

/* All borrowed. */
struct attempt_parts {
    const char *url;
    const struct http_headers *headers;    /* may be NULL */
    const struct attempt_dialect *dialect; /* NULL: the handshake only */
};

struct attempt {
    struct checkup *checkup;
    const struct attempt_parts *parts;
    struct ws *ws;
    struct loop_timer *tick;
    int64_t began_ms, opened_ms, asked_ms;
    bool open, ended;
    bool second;       /* the second symbol was asked for */
    int refused;       /* how many of the two were refused as unknown */
    struct ws_end end; /* copied, with its texts below */
    struct ws_answer answer;
    char end_words[STEP_TEXT];
    enum first_frame frame;
    char words[STEP_TEXT]; /* of the first frame that is not data */
    int64_t frame_ms;      /* until the first frame; -1 = none */
};

/* Asks for the first symbol of the checkup, and for the second one if the first is refused or
 * silent. Call attempt_finish() in any case; the parts must stay until then. */
void attempt_run(struct attempt *attempt, struct checkup *checkup,
                 const struct attempt_parts *parts);
void attempt_finish(struct attempt *attempt);

struct handshake_facts attempt_handshake(const struct attempt *attempt);
/* What the connection delivered; the facts about the market are the checkup's. */
struct subscription_facts attempt_delivery(const struct attempt *attempt);
/* The round trip of the ping; -1: no pong. */
int64_t attempt_pong_ms(const struct attempt *attempt);

#endif
