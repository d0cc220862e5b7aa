/*
 * poll_answer: takes the answer to one poll: recognises an unchanged one, decodes it, records its
 * data, and says what it means for the planner.
 */
#ifndef FEED_POLL_ANSWER_H
#define FEED_POLL_ANSWER_H

#include "base/clock.h"
#include "base/json.h"
#include "config/config.h"
#include "feed/poll_memory.h"
#include "feed/poll_outcome.h"
#include "net/http.h"

struct recorder;

struct poll_answer_parts {
    struct recorder *recorder;
    const struct config *config;
    struct json_parser *parser;
    int32_t instrument;
    bool streamed;    /* the request is a probe */
    int64_t asked_ms; /* when the request was sent; monotonic */
    int64_t drop_ms;  /* for how long the instrument is dropped if it is refused */
    struct now now;
};

struct poll_answer {
    struct poll_outcome outcome;
    bool unchanged; /* the body is the same as before */
    bool changed;   /* it changed what was recorded before; not the first data */
    bool outdated;  /* not recorded: the stream sent data after the request was sent */
};

/* `memory`: what is kept of the instrument; its digest of the last body is updated. */
struct poll_answer poll_answer_take(const struct poll_answer_parts *parts,
                                    const struct http_reply *http, struct poll_memory *memory);

#endif
