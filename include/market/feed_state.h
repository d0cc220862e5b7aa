/*
 * feed_state: is the stream the source, or polling? A pure state machine.
 *
 * What users fear most is a feed that is connected but mute. So a socket that opened is not yet a
 * feed (polling goes on until the first datum), silence in session hours is not believed, and a
 * REST answer that knows more than the stream, twice, ends the stream's credit. A quiet market is
 * told from a mute feed by probes that agree. The stream is tried for ever, ever more slowly, with
 * jitter; every close counts as a failure, clean or not (protocol section 10.5).
 *
 * feed_step() is the only thing that moves a feed between modes; `cinta check --graph` prints it.
 */
#ifndef MARKET_FEED_STATE_H
#define MARKET_FEED_STATE_H

#include "base/buf.h"
#include "base/rng.h"

#include <stdbool.h>
#include <stdint.h>

enum feed_mode {
    FEED_NO_TOKEN,    /* nothing can be asked */
    FEED_POLLING,     /* all by REST; the stream is off or waits for its next try */
    FEED_CONNECTING,  /* all by REST */
    FEED_SUBSCRIBING, /* open, nothing heard yet: all by REST */
    FEED_STREAMING,   /* what the stream speaks of is not polled */
    FEED_STALE,       /* connected and not believed: all by REST, subscribed anew */
};
#define FEED_MODES 6

enum feed_event_kind {
    FEED_EV_TICK,     /* time has passed; also the first event of all */
    FEED_EV_TOKEN,    /* there is a token, or a new one */
    FEED_EV_NO_TOKEN, /* and no more */
    FEED_EV_OPENED,   /* the handshake succeeded */
    FEED_EV_DATUM,    /* market data of an instrument we asked for */
    FEED_EV_CHANGE,   /* the same, and a streamed instrument changed by it: the market is active */
    FEED_EV_CLOSED,   /* the connection ended, or could not be made */
    FEED_EV_REFUSED,  /* the handshake was answered with a no that will not change by itself */
    FEED_EV_PAGE,     /* the handshake was answered with a page: not the broker's word */
    FEED_EV_LOGIN_PAGE, /* the handshake was answered with a login page: the token may be dead */
    FEED_EV_AGREED,     /* in silence, an active instrument's probe said what the stream says */
    FEED_EV_DIVERGED,   /* two probes of an instrument were newer than the stream */
};
#define FEED_EVENTS 12

struct feed_event {
    enum feed_event_kind kind;
    bool in_session;        /* now */
    int64_t retry_after_ms; /* CLOSED, REFUSED, pages: what the broker asked for; 0 = it did not */
};

struct feed_limits {
    bool enabled;     /* stream.enable, and a dialect that can be spoken */
    int64_t stale_ms; /* so much silence in session hours is not believed */
};

struct feed_state {
    enum feed_mode mode;
    int64_t since_ms; /* of this mode; all times monotonic */
    bool has_token;
    bool in_session;    /* at the last event */
    bool active;        /* changes were heard in this session, on this connection */
    int failures;       /* connections in a row that came to nothing */
    int64_t retry_ms;   /* POLLING: no connection before */
    int64_t renewed_ms; /* a fresh token was last asked for; INT64_MIN = never */
    bool renewing;      /* and is awaited */
    int64_t opened_ms;  /* this connection, or the last one */
    int64_t heard_ms;   /* the last datum, or what stands for it: opening, agreement */
    int repairs;        /* of this stretch of trouble */
    int64_t repaired_ms;
    struct rng rng;
};

/* What to do: bits. */
enum feed_act {
    FEED_ACT_CONNECT = 1,
    FEED_ACT_DISCONNECT = 2,
    FEED_ACT_RESUBSCRIBE = 4,     /* all instruments, on the same connection */
    FEED_ACT_RESUBSCRIBE_ONE = 8, /* the one that diverged */
    FEED_ACT_POLL_ALL = 16,       /* no instrument is streamed any more */
    FEED_ACT_RENEW_TOKEN = 32,    /* the present one stays in use until the new one is there */
};

struct feed_step {
    struct feed_state next;
    unsigned act;
    int64_t wake_ms; /* TICK again then; INT64_MAX = not for time's sake */
    const char *why; /* of a change of mode or an act, in words; NULL = nothing to tell */
};

struct feed_state feed_state_init(int64_t now_ms, uint64_t seed);
struct feed_step feed_step(struct feed_state state, struct feed_event event, int64_t now_ms,
                           const struct feed_limits *limits);

const char *feed_mode_name(enum feed_mode mode); /* "no token", "polling", ... */
/* The whole machine as a graph in the DOT language, found by walking feed_step(). */
void feed_graph(struct buf *out);

#endif
