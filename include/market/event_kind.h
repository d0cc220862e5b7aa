/*
 * event_kind: the closed list of the kinds of events of the service, its feed and its database.
 *
 * Pure. The name is the value in feed_event.kind and in the log, for programs; the meaning is one
 * sentence for people, stored in the database too (table event_kind). Names are a contract: add new
 * ones, never rename.
 */
#ifndef MARKET_EVENT_KIND_H
#define MARKET_EVENT_KIND_H

enum event_kind {
    /* the service */
    EVENT_STARTED,
    EVENT_STOPPED,
    EVENT_KILLED,
    EVENT_CLOCK_JUMPED,
    EVENT_CONFIG_RELOADED,
    EVENT_CONFIG_REFUSED,
    EVENT_INSTRUMENTS_CHANGED,
    EVENT_MATURED,
    EVENT_FEED_FAILED,
    EVENT_SESSION_OPEN,
    EVENT_SESSION_CLOSED,
    EVENT_SESSION_WAKING,
    EVENT_SESSION_PRE_OPEN,
    EVENT_SESSION_CLOSING,
    EVENT_HOLIDAYS_UNKNOWN,
    EVENT_API_FAILED,
    EVENT_API_RECOVERED,
    EVENT_DEMAND_TAKEN,
    EVENT_DEMAND_DROPPED,
    EVENT_DEMAND_FULL,
    /* the token */
    EVENT_LOGIN,
    EVENT_LOGIN_REFUSED,
    EVENT_LOGIN_FAILED,
    EVENT_UNAUTHORIZED,
    EVENT_TOKEN_CACHE,
    /* the broker, by REST */
    EVENT_BROKER_DOWN,
    EVENT_BROKER_UP,
    EVENT_PAGE,
    EVENT_MASS_REFUSAL,
    EVENT_RATE_LIMITED,
    EVENT_FULL_SPEED,
    EVENT_POLL_FAILED,
    EVENT_POLL_RECOVERED,
    EVENT_AUTH,
    EVENT_UNKNOWN_SYMBOL,
    EVENT_NO_DATA,
    EVENT_UNKNOWN_SEGMENT,
    EVENT_ACCESS,
    EVENT_BAD_PATH,
    EVENT_BAD_REQUEST,
    EVENT_SERVER,
    EVENT_MALFORMED,
    EVENT_UNREADABLE,
    EVENT_OTHER,
    EVENT_NO_MATCH,
    EVENT_LIST_FAILED,
    EVENT_LIST_CACHE,
    EVENT_LIST_CUT,
    EVENT_INSTRUMENT_CHANGED,
    EVENT_CROSSED_BOOK,
    EVENT_TAPE_COMPLETED,
    EVENT_TAPE_FAILED,
    /* the broker, by WebSocket */
    EVENT_STREAM_OPEN,
    EVENT_STREAMING,
    EVENT_STREAM_CLOSED,
    EVENT_STREAM_REFUSED,
    EVENT_STREAM_DENIED,
    EVENT_STREAM_ALLOWED,
    EVENT_STREAM_SHORT,
    EVENT_STREAM_COMPLETE,
    EVENT_STREAM_ERROR,
    EVENT_STALE,
    EVENT_STREAM_RECOVERED,
    EVENT_DIALECT_CHANGED,
    EVENT_FILLED_IN,
    EVENT_DIVERGENCE,
    EVENT_OUTDATED,
    /* the database */
    EVENT_STORE_DELAYED,
    EVENT_STORE_RECOVERED,
    EVENT_DROPPED,
    EVENT_WAL_STUCK,
    EVENT_WAL_FREED,
    EVENT_TRIMMED,
    EVENT_STORE_REOPENED,
    EVENT_MERGED,

    EVENT_EXPORT_DONE,
    EVENT_EXPORT_FAILED,
    EVENT_ALERT_FAILED,
    EVENT_SINK_UP,
    EVENT_SINK_DOWN,
    EVENT_SINK_LOST,
    EVENT_SINK_RENAMED,
    EVENT_SINK_WITHHELD,
    EVENT_LEASE_TAKEN,
    EVENT_LEASE_STANDBY,
    EVENT_LEASE_LOST,
    EVENT_LEASE_ISOLATED,
    EVENT_LEASE_FAILED,
    EVENT_REPLICA_UP,
    EVENT_REPLICA_DOWN,
    EVENT_REPLICA_GAP,
    EVENT_REPLICA_REFUSED,
    /* never reported as events; additional reasons in coverage and gaps */
    EVENT_OVERDUE,
    EVENT_DAY_END,
    EVENT_UNSEEN,

    EVENT_KINDS /* their number */
};

const char *event_kind_name(enum event_kind kind); /* "stream_open" */
/* The kind of that name, or -1. */
int event_kind_find(const char *name);
const char *event_kind_meaning(enum event_kind kind); /* one sentence, with its full stop */

#endif
