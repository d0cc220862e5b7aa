/*
 * feed_state: whether the source is the stream or polling. A pure state machine.
 *
 * It must detect a stream that is connected but mute. Therefore polling continues until the first
 * data of the stream, silence in session hours counts as a failure, and so do two REST answers that
 * are newer than the stream. Probes that agree with the stream distinguish a quiet market from a
 * mute stream. While no session is open, silence is expected and the connection is held. The stream
 * is retried without end, with growing waits and jitter; every close counts as a failure, clean or
 * not (protocol section 10.5).
 *
 * Only feed_step() changes the mode of a feed; `cinta check --graph` prints all transitions.
 */
#ifndef MARKET_FEED_STATE_H
#define MARKET_FEED_STATE_H

#include "base/rng.h"
#include "market/session_clock.h"

#include <stdbool.h>
#include <stdint.h>

enum feed_mode {
    FEED_NO_TOKEN,    /* no requests possible */
    FEED_POLLING,     /* all by REST; the stream is disabled or waits for its next try */
    FEED_CONNECTING,  /* all by REST */
    FEED_SUBSCRIBING, /* open, no data yet: all by REST */
    FEED_STREAMING,   /* instruments that the stream delivers are not polled */
    FEED_STALE,       /* connected but not trusted: all by REST, subscribed again */
};
#define FEED_MODES 6

enum feed_event_kind {
    FEED_EV_TICK,       /* time has passed; also the first event of all */
    FEED_EV_TOKEN,      /* there is a token, or a new one */
    FEED_EV_NO_TOKEN,   /* there is none any more */
    FEED_EV_OPENED,     /* the handshake succeeded */
    FEED_EV_DATUM,      /* market data of a requested instrument */
    FEED_EV_CHANGE,     /* the same, and it changed a streamed instrument: the market is active */
    FEED_EV_CLOSED,     /* the connection ended, or could not be made */
    FEED_EV_REFUSED,    /* the handshake was refused by the broker */
    FEED_EV_PAGE,       /* the handshake was answered with a page, not by the broker */
    FEED_EV_LOGIN_PAGE, /* the handshake was answered with a login page: the token may be invalid */
    FEED_EV_AGREED,     /* during silence, a probe of an active instrument agreed with the stream */
    FEED_EV_DIVERGED,   /* two probes of an instrument were newer than the stream */
    FEED_EV_DENIED,     /* the broker refused to deliver most instruments on this connection */
    FEED_EV_UNWANTED,   /* this stream is not needed now; limits.enabled is false from now on */
};
#define FEED_EVENTS 14

struct feed_event {
    enum feed_event_kind kind;
    enum session_level session; /* now, of what this stream delivers */
    int64_t retry_after_ms;     /* CLOSED, REFUSED, pages: Retry-After; 0 = none */
};

struct feed_limits {
    bool enabled;       /* this stream is wanted */
    int64_t stale_ms;   /* so much silence while SESSION_OPEN means that the stream is mute */
    int64_t replace_ms; /* age of a connection that is replaced as a precaution; 0 = never */
};

struct feed_state {
    enum feed_mode mode;
    int64_t since_ms; /* start of this mode; all times monotonic */
    bool has_token;
    enum session_level session; /* at the last event */
    bool active;                /* changes were received in this session, on this connection */
    int failures;               /* failed connections in a row */
    int64_t retry_ms;           /* POLLING: no connection before this time */
    int64_t renewed_ms;         /* when a new token was last requested; INT64_MIN = never */
    bool renewing;              /* and has not arrived yet */
    bool denied;                /* on this connection; no data is expected before it is allowed */
    int64_t opened_ms;          /* when this connection, or the last one, opened */
    int64_t heard_ms;           /* last data, opening or agreement of a probe */
    int repairs;                /* of the present series of failures */
    int64_t repaired_ms;
    int64_t replace_ms; /* STREAMING: the connection is to be replaced then; INT64_MAX = never */
    bool replacing;     /* as soon as the login is renewed */
    struct rng rng;
};

/* What to do: bits. */
enum feed_act {
    FEED_ACT_CONNECT = 1,
    FEED_ACT_DISCONNECT = 2,
    FEED_ACT_RESUBSCRIBE = 4,     /* all instruments, on the same connection */
    FEED_ACT_RESUBSCRIBE_ONE = 8, /* the one that diverged */
    FEED_ACT_POLL_ALL = 16,       /* no instrument is streamed */
    FEED_ACT_RENEW_TOKEN = 32,    /* the present one stays in use until the new one arrives */
    FEED_ACT_REPLACE = 64, /* open another connection; this one ends when that one delivers */
};

struct feed_step {
    struct feed_state next;
    unsigned act;
    int64_t wake_ms; /* send TICK again then; INT64_MAX = not needed */
    const char *why; /* of a change of mode or an act, for messages; NULL = none */
};

struct feed_state feed_state_init(int64_t now_ms, uint64_t seed);
struct feed_step feed_step(struct feed_state state, struct feed_event event, int64_t now_ms,
                           const struct feed_limits *limits);

const char *feed_mode_name(enum feed_mode mode); /* "no token", "polling", ... */
const char *feed_mode_key(enum feed_mode mode);  /* the same for programs: "no_token", ... */

#endif
