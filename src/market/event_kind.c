#include "market/event_kind.h"

#include <string.h>

/* clang-format off */
static const struct {
    const char *name, *meaning;
} kinds[EVENT_KINDS] = {
    [EVENT_STARTED]         = {"started", "The service started recording."},
    [EVENT_STOPPED]         = {"stopped", "The service was stopped and wrote all pending data."},
    [EVENT_KILLED]          = {"killed", "The previous run did not stop cleanly (it was killed, or the machine lost power), and data that was not committed is lost."},
    [EVENT_CLOCK_JUMPED]    = {"clock_jumped", "The wall clock was set, or the machine slept or was paused: coverage ends before the jump and starts again after it."},
    [EVENT_CONFIG_RELOADED] = {"config_reloaded", "The configuration was read again after a signal and is in effect."},
    [EVENT_API_FAILED]      = {"api_failed", "The local API cannot listen at its address: recording continues, and it tries again."},
    [EVENT_API_RECOVERED]   = {"api_recovered", "The local API listens again."},
    [EVENT_DEMAND_TAKEN]    = {"demand_taken", "A client of the local API wants an instrument that is not configured, and the broker has it: it is recorded as long as a client wants it (serve.on_demand)."},
    [EVENT_DEMAND_DROPPED]  = {"demand_dropped", "No client of the local API wants this instrument any more, which is not configured: it is no longer recorded."},
    [EVENT_DEMAND_FULL]     = {"demand_full", "Clients of the local API want more instruments that are not configured than serve.on_demand allows: further ones are refused."},
    [EVENT_CONFIG_REFUSED]  = {"config_refused", "The configuration was read again and has an error: the previous one stays in effect."},
    [EVENT_INSTRUMENTS_CHANGED] = {"instruments_changed", "The list of recorded instruments changed: some were added or removed."},
    [EVENT_MATURED]         = {"matured", "This instrument has matured: it is not recorded any more, and that is no gap."},
    [EVENT_FEED_FAILED]     = {"feed_failed", "The feed could not be started because memory or sockets ran out."},
    [EVENT_SESSION_OPEN]    = {"session_open", "Session hours began."},
    [EVENT_SESSION_CLOSED]  = {"session_closed", "Session hours ended: each instrument is polled at most once a minute."},
    [EVENT_SESSION_WAKING]  = {"session_waking", "A session begins in some minutes: token, list of instruments and stream are made ready for it."},
    [EVENT_SESSION_PRE_OPEN] = {"session_pre_open", "The pre-open began: data are expected, and a stream without any is not considered mute."},
    [EVENT_SESSION_CLOSING] = {"session_closing_auction", "The closing auction began: data are expected, and a stream without any is not considered mute."},
    [EVENT_HOLIDAYS_UNKNOWN] = {"holidays_unknown", "Not all holidays of a year are built in yet: a day without a session would count as one with gaps. Add them to session.holidays."},

    [EVENT_LOGIN]           = {"login", "The broker issued a token."},
    [EVENT_LOGIN_REFUSED]   = {"login_refused", "The broker refused the user or the password, which must be corrected."},
    [EVENT_LOGIN_FAILED]    = {"login_failed", "The login failed for another reason than user or password; it is retried."},
    [EVENT_UNAUTHORIZED]    = {"unauthorized", "The broker refused a token that should be valid; a new one is requested."},
    [EVENT_TOKEN_CACHE]     = {"token_cache", "The token could not be saved: the next start will have to log in."},

    [EVENT_BROKER_DOWN]     = {"broker_down", "The broker does not answer REST requests: one request at a time is sent until it does."},
    [EVENT_BROKER_UP]       = {"broker_up", "The broker answers REST requests again."},
    [EVENT_PAGE]            = {"page", "A page, a redirect or an empty body was received instead of the broker's JSON: no instrument is dropped, and one request at a time is sent until the broker answers."},
    [EVENT_MASS_REFUSAL]    = {"mass_refusal", "The broker refused most instruments within a short time: none is dropped, and one request at a time is sent until the broker accepts one."},
    [EVENT_RATE_LIMITED]    = {"rate_limited", "The broker asked for fewer requests: the service waits as long as the broker asks and halves its rate."},
    [EVENT_FULL_SPEED]      = {"full_speed", "The request rate is the configured one again."},
    [EVENT_POLL_FAILED]     = {"poll_failed", "Polls of this instrument get no complete answer; reported once, when that begins."},
    [EVENT_POLL_RECOVERED]  = {"poll_recovered", "Polls of this instrument are answered again."},
    [EVENT_AUTH]            = {"auth", "The broker answered that the token is not valid."},
    [EVENT_UNKNOWN_SYMBOL]  = {"unknown_symbol", "The broker does not know this instrument, or this account has no permission for its market; it is not requested again today."},
    [EVENT_NO_DATA]         = {"no_data", "The broker knows this instrument but has no market data for it; it is requested again from time to time."},
    [EVENT_UNKNOWN_SEGMENT] = {"unknown_segment", "The broker does not know the segment, or this account has no permission for it; it is not requested again today."},
    [EVENT_ACCESS]          = {"access", "The broker denies this account access; the request is not repeated today."},
    [EVENT_BAD_PATH]        = {"bad_path", "The broker does not know the requested URL."},
    [EVENT_BAD_REQUEST]     = {"bad_request", "The broker rejected the request as invalid."},
    [EVENT_SERVER]          = {"server", "The broker's server failed to answer the request (5xx)."},
    [EVENT_MALFORMED]       = {"malformed", "A message was discarded because it is not JSON, is nested too deep, or has no instrument or no market data; the present state is requested."},
    [EVENT_UNREADABLE]      = {"unreadable", "A value in a message was not a number, not finite or negative, and is treated as absent; reported once per instrument and entry, then only counted."},
    [EVENT_OTHER]           = {"other", "The broker refused the request with an unknown error text."},
    [EVENT_NO_MATCH]        = {"no_match", "A configured pattern matches no instrument of the broker's list."},
    [EVENT_LIST_FAILED]     = {"list_failed", "The broker's list of instruments could not be read; it is retried."},
    [EVENT_LIST_CUT]        = {"list_cut", "More than a tenth of the recorded instruments are missing from the broker's list; they are still recorded until a second list confirms it."},
    [EVENT_INSTRUMENT_CHANGED] = {"instrument_changed", "The broker changed reference data: the tick, limits or other terms of an instrument, or which instruments it lists."},
    [EVENT_LIST_CACHE]      = {"list_cache", "The list of instruments could not be saved for the next start."},
    [EVENT_CROSSED_BOOK]    = {"crossed_book", "The best bid is above the best offer; the book is recorded as received."},
    [EVENT_TAPE_COMPLETED]  = {"tape_completed", "Trades that were not recorded when they were made were added from the broker's lists of the day's trades, and recorded ones without a size got it from them."},
    [EVENT_TAPE_FAILED]     = {"tape_failed", "The broker's list of the trades of this instrument could not be read, for the reason in the detail."},

    [EVENT_STREAM_OPEN]     = {"stream_open", "The WebSocket is connected and data was requested; none has arrived yet."},
    [EVENT_STREAMING]       = {"streaming", "The stream delivered its first data; each instrument is polled until the stream delivers it."},
    [EVENT_STREAM_CLOSED]   = {"stream_closed", "The stream ended, for the reason in the detail; its instruments are polled."},
    [EVENT_STREAM_REFUSED]  = {"stream_refused", "The broker refused the WebSocket handshake, with the answer in the detail; all instruments are polled."},
    [EVENT_STREAM_DENIED]   = {"stream_denied", "The stream refused most instruments: this account has no permission for market data by WebSocket."},
    [EVENT_STREAM_ALLOWED]  = {"stream_allowed", "After stream_denied, the stream delivered one instrument; all are requested again."},
    [EVENT_STREAM_SHORT]    = {"stream_short", "The stream delivers fewer instruments than requested, without an error; the others are polled."},
    [EVENT_STREAM_COMPLETE] = {"stream_complete", "After stream_short, the stream delivers every requested instrument."},
    [EVENT_STREAM_ERROR]    = {"stream_error", "The stream sent an error that names no instrument."},
    [EVENT_STALE]           = {"stale", "The stream is connected but mute: its instruments are subscribed again, and polled until it delivers data."},
    [EVENT_DIALECT_CHANGED] = {"dialect_changed", "Another of the streams in stream.dialects delivers the data from now on, for the reason in the detail."},
    [EVENT_STREAM_RECOVERED] = {"stream_recovered", "A stream that was mute delivers data again."},
    [EVENT_FILLED_IN]       = {"filled_in", "After the loss of a stream, all its instruments have been observed again; the detail has how long they were not."},
    [EVENT_DIVERGENCE]      = {"divergence", "REST had newer values than the stream for this instrument, twice in a row; the REST values are recorded."},
    [EVENT_OUTDATED]        = {"outdated", "The stream sends frames older than the recorded data; they are discarded and counted."},

    [EVENT_STORE_DELAYED]   = {"store_delayed", "The database cannot be written (locked by another program, a long read at the limit of the -wal file, disk full, file missing): changes wait in memory."},
    [EVENT_STORE_RECOVERED] = {"store_recovered", "The database can be written again; the detail has how long it could not be. Nothing was lost, unless dropped says so."},
    [EVENT_DROPPED]         = {"dropped", "More changes waited to be written than memory can hold: the oldest were lost, with their number and time in the detail."},
    [EVENT_WAL_STUCK]       = {"wal_stuck", "A long read by a program keeps the -wal file from being reset, so that it grows; the detail names the program where possible."},
    [EVENT_WAL_FREED]       = {"wal_freed", "The long read ended; the -wal file has its usual size again."},
    [EVENT_STORE_REOPENED]  = {"store_reopened", "The database file was deleted, moved or replaced while the service ran: recording continues in a file of the same name, which begins with the present state of each instrument."},
    [EVENT_MERGED]          = {"merged", "The databases of several recorders were united into this one; in coverage: another recorder continues."},
    [EVENT_TRIMMED]         = {"trimmed", "Data older than store.keep_days was deleted; once a day, with the number of rows in the detail."},

    [EVENT_EXPORT_DONE]     = {"export_done", "The daily export wrote its files, or found nothing new."},
    [EVENT_EXPORT_FAILED]   = {"export_failed", "The daily export failed, for the reason in the detail; it is retried, and no data is left out."},
    [EVENT_ALERT_FAILED]    = {"alert_failed", "The program of alert.command cannot be started, failed or was ended at its time limit, for the reason in the detail; the alert is retried three times."},
    [EVENT_SINK_UP]         = {"sink_up", "What is recorded is published to NATS; the detail has the server and from where on."},
    [EVENT_SINK_DOWN]       = {"sink_down", "Nothing can be published to NATS, for the reason in the detail; the changes wait in the database, and all of them are published later."},
    [EVENT_SINK_LOST]       = {"sink_lost", "Changes were deleted by store.keep_days before they could be published to NATS, with their number in the detail."},
    [EVENT_SINK_RENAMED]    = {"sink_renamed", "The database does not have the change that was published last, as after a restore: publishing goes on after the time of that change, as another recorder."},
    [EVENT_SINK_WITHHELD]   = {"sink_withheld", "Changes that were recorded while another recorder had the lease are not published, because that one published them; they stay in the database, with their number in the detail."},
    [EVENT_LEASE_TAKEN]     = {"lease_taken", "This recorder has the lease: it asks the broker, records and publishes."},
    [EVENT_LEASE_STANDBY]   = {"lease_standby", "Another recorder has the lease: this one asks the broker for nothing, and takes over when the other one does not renew it."},
    [EVENT_LEASE_LOST]      = {"lease_lost", "Another recorder has taken the lease, or it was given up: this one asks the broker for nothing from now on."},
    [EVENT_LEASE_ISOLATED]  = {"lease_isolated", "The lease could not be renewed in time, for the reason in the detail: another recorder may have taken it. This one records on, or stops (lease.isolated)."},
    [EVENT_LEASE_FAILED]    = {"lease_failed", "The lease cannot be read or written, for the reason in the detail: while that lasts this recorder cannot take over."},
    [EVENT_REPLICA_UP]      = {"replica_up", "This replica reads what recorders have published to NATS; the detail has the server and from where on."},
    [EVENT_REPLICA_DOWN]    = {"replica_down", "This replica can read nothing from NATS, for the reason in the detail; it goes on later where it had got to."},
    [EVENT_REPLICA_GAP]     = {"replica_gap", "Messages were deleted from the stream before this replica had read them, with their number in the detail: what they said is missing here."},
    [EVENT_REPLICA_REFUSED] = {"replica_refused", "The stream has messages that this replica cannot store, for the reason in the detail: they are skipped."},

    [EVENT_OVERDUE]         = {"overdue", "No answer arrived within three times the usual wait, for an unknown reason."},
    [EVENT_DAY_END]         = {"day_end", "The interval was split at midnight in Argentina; coverage continues, and nothing was lost."},
    [EVENT_UNSEEN]          = {"unseen", "The instrument was to be recorded, but no data of it had been received yet."},
};
/* clang-format on */

const char *event_kind_name(enum event_kind kind)
{
    return kinds[kind].name;
}

int event_kind_find(const char *name)
{
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        if (strcmp(kinds[kind].name, name) == 0)
            return kind;
    }
    return -1;
}

const char *event_kind_meaning(enum event_kind kind)
{
    return kinds[kind].meaning;
}
