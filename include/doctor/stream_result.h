/*
 * stream_result: what the attempts with the WebSocket mean: handshake, subscription, pong, and the
 * negative controls (protocol sections 10 and 15).
 *
 * Pure: the caller connects, and hands over what it received.
 */
#ifndef DOCTOR_STREAM_RESULT_H
#define DOCTOR_STREAM_RESULT_H

#include "doctor/step.h"
#include "market/stream_item.h"
#include "net/ws.h"

#include <stdbool.h>

/* How a connection began. */
struct handshake_facts {
    const char *url;
    bool open;
    const struct ws_end *end; /* if it is not open */
    int64_t ms;
};
/* Writes the answer: "101, the connection is open", "302 to https://...". */
void handshake_came_back(struct step *step, const struct handshake_facts *facts);
struct step handshake_result(const struct handshake_facts *facts);

/* A control. API hosts refuse it: OK; FINDING_FORM_ACCEPTED, a warning: this server accepts it.
 * `with`: "the header X-Auth-Token". */
struct step control_result(enum step_id id, const char *with, const struct handshake_facts *facts);

enum first_frame {
    FRAME_NONE,      /* none in time */
    FRAME_DATA,      /* market data of a symbol that was asked for */
    FRAME_DENIED,    /* an error: this user may not have market data */
    FRAME_UNKNOWN,   /* an error: the symbol is unknown */
    FRAME_ERROR,     /* another error */
    FRAME_MALFORMED, /* unreadable */
    FRAME_PAGE,      /* a web page */
    FRAME_OTHER,     /* of another type */
};

/* The frame that item came in. */
enum first_frame first_frame_of(const struct stream_item *item);

struct subscription_facts {
    const char *symbol; /* the one that was asked for first */
    const char *second; /* asked for after silence; "" = none */
    enum first_frame frame;
    const char *words;        /* of an error frame, or of the first frame that is not data */
    const struct ws_end *end; /* NULL = still open */
    bool listed;              /* by the broker's list */
    bool quoted;              /* REST has data of it */
    bool market_open, index, asks_iv, sandbox;
    bool pong;
    int64_t ms; /* until the first frame, or how long it waited */
};
struct step subscription_result(const struct subscription_facts *facts);

/* round_trip_ms: -1 = no pong within `waited_ms`. */
struct step pong_result(int64_t round_trip_ms, int64_t waited_ms, const struct ws_end *end);

#endif
