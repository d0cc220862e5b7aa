#include "market/event_kind.h"

/* clang-format off */
static const struct {
    const char *name, *meaning;
} kinds[EVENT_KINDS] = {
    [EVENT_STARTED]         = {"started", "The service began to record."},
    [EVENT_STOPPED]         = {"stopped", "The service was told to stop and wrote everything out."},
    [EVENT_KILLED]          = {"killed", "The run before ended without a word: killed, or the machine lost its power; what had not been committed is lost."},
    [EVENT_CLOCK_JUMPED]    = {"clock_jumped", "The wall clock was set, or the machine slept or was paused: what is covered ends before, and begins anew after."},
    [EVENT_CONFIG_RELOADED] = {"config_reloaded", "A signal made the service read its configuration again, and it is in effect."},
    [EVENT_CONFIG_REFUSED]  = {"config_refused", "The configuration was read again and has a mistake: the old one stays in effect."},
    [EVENT_INSTRUMENTS_CHANGED] = {"instruments_changed", "Other instruments are recorded from now on: some came, or some are no longer wanted."},
    [EVENT_FEED_FAILED]     = {"feed_failed", "The feed could not be started for want of memory or sockets."},
    [EVENT_SESSION_OPEN]    = {"session_open", "The hours of the market began."},
    [EVENT_SESSION_CLOSED]  = {"session_closed", "The hours of the market ended: each instrument is polled once a minute at most."},

    [EVENT_LOGIN]           = {"login", "The broker gave a token."},
    [EVENT_LOGIN_REFUSED]   = {"login_refused", "The broker refused user or password; nothing else will help than to correct them."},
    [EVENT_LOGIN_FAILED]    = {"login_failed", "No token could be had, for another reason than user or password; it is tried again."},
    [EVENT_UNAUTHORIZED]    = {"unauthorized", "The broker refused a token that should be good; a new one is asked for."},
    [EVENT_TOKEN_CACHE]     = {"token_cache", "The token could not be kept for the next start, which will have to log in."},

    [EVENT_BROKER_DOWN]     = {"broker_down", "The broker does not answer REST; one request at a time tries it."},
    [EVENT_BROKER_UP]       = {"broker_up", "The broker answers REST again."},
    [EVENT_PAGE]            = {"page", "A page, a redirect or an empty body came instead of the broker's JSON. It says nothing about user, symbols or permissions: all requests wait, one at a time tries again."},
    [EVENT_MASS_REFUSAL]    = {"mass_refusal", "The broker refused most instruments within a short time: none of them is dropped, one request at a time tries again."},
    [EVENT_RATE_LIMITED]    = {"rate_limited", "The broker asked for fewer requests: it is asked at half the rate, after the pause it named."},
    [EVENT_FULL_SPEED]      = {"full_speed", "The rate of requests is the configured one again."},
    [EVENT_POLL_FAILED]     = {"poll_failed", "A poll of this instrument got no whole answer; told when it begins."},
    [EVENT_POLL_RECOVERED]  = {"poll_recovered", "Polls of this instrument are answered again."},
    [EVENT_AUTH]            = {"auth", "An answer said that the token is dead."},
    [EVENT_UNKNOWN_SYMBOL]  = {"unknown_symbol", "The broker does not know this instrument, or this account may not see its market; not asked again today."},
    [EVENT_NO_DATA]         = {"no_data", "The broker knows this instrument and has no market data of it; asked again from time to time."},
    [EVENT_UNKNOWN_SEGMENT] = {"unknown_segment", "The broker does not know the segment, or this account may not see it; not asked again today."},
    [EVENT_ACCESS]          = {"access", "The broker denies this account access; not asked again today."},
    [EVENT_BAD_PATH]        = {"bad_path", "The broker does not know the address that was asked."},
    [EVENT_BAD_REQUEST]     = {"bad_request", "The broker did not accept the request."},
    [EVENT_SERVER]          = {"server", "The broker's server failed to answer the request (5xx)."},
    [EVENT_MALFORMED]       = {"malformed", "A message could not be read: it is no JSON, is nested too deep, or has no instrument or no market data in it. Nothing of it was taken, the present state is asked for."},
    [EVENT_UNREADABLE]      = {"unreadable", "A value in a message was no number, not finite or negative: its entry is recorded as none, the rest of the message was taken. Told once per instrument and entry, then only counted."},
    [EVENT_OTHER]           = {"other", "The broker refused the request in words that are not known."},
    [EVENT_NO_MATCH]        = {"no_match", "A configured pattern matches no instrument of the broker's list."},
    [EVENT_LIST_FAILED]     = {"list_failed", "The broker's list of instruments could not be had; it is tried again."},
    [EVENT_LIST_CUT]        = {"list_cut", "The broker's list of instruments has lost more than a tenth of what is recorded; until a second list has not got it either, it goes on being recorded."},
    [EVENT_LIST_CACHE]      = {"list_cache", "The list of instruments could not be kept for the next start."},
    [EVENT_CROSSED_BOOK]    = {"crossed_book", "The best bid is above the best offer; recorded as the broker says."},

    [EVENT_STREAM_OPEN]     = {"stream_open", "The WebSocket is connected; data is asked for, none has come."},
    [EVENT_STREAMING]       = {"streaming", "The first data came by the stream; each instrument is polled until it is heard there."},
    [EVENT_STREAM_CLOSED]   = {"stream_closed", "The stream ended, with the reason; its instruments are polled."},
    [EVENT_STREAM_REFUSED]  = {"stream_refused", "The broker refused the WebSocket's handshake, with its answer; everything is polled."},
    [EVENT_STREAM_DENIED]   = {"stream_denied", "The stream refused most instruments: this account lacks the permission for market data by WebSocket."},
    [EVENT_STREAM_ALLOWED]  = {"stream_allowed", "After stream_denied one instrument was heard on the stream: all are asked for again."},
    [EVENT_STREAM_SHORT]    = {"stream_short", "The stream delivers fewer instruments than it was asked for, without an error; says how many. The others are polled."},
    [EVENT_STREAM_COMPLETE] = {"stream_complete", "After stream_short the stream delivers every instrument it was asked for."},
    [EVENT_STREAM_ERROR]    = {"stream_error", "The stream said an error that names no instrument."},
    [EVENT_STALE]           = {"stale", "The stream is connected but mute: its instruments are asked for anew and polled meanwhile."},
    [EVENT_STREAM_RECOVERED] = {"stream_recovered", "A stream that was mute delivers again."},
    [EVENT_FILLED_IN]       = {"filled_in", "After a loss of the stream each of its instruments has been seen again; says for how long nobody looked."},
    [EVENT_DIVERGENCE]      = {"divergence", "REST had newer values than the stream, twice: the stream is mute for this instrument; the newer values are taken."},
    [EVENT_OUTDATED]        = {"outdated", "The stream repeats frames that are older than what is known; they are dropped and counted."},

    [EVENT_STORE_DELAYED]   = {"store_delayed", "The database could not be written for a while (locked, disk full); it is again, nothing was lost."},
    [EVENT_DROPPED]         = {"dropped", "More changes waited for the disk than memory holds: the oldest were lost, with their number and time."},
    [EVENT_WAL_STUCK]       = {"wal_stuck", "A program's long read keeps the -wal file from being reset: it grows; says which program, where that can be seen."},
    [EVENT_WAL_FREED]       = {"wal_freed", "The long read ended; the -wal file has its usual size again."},
    [EVENT_STORE_REOPENED]  = {"store_reopened", "The database file was deleted, moved or replaced while the service ran: recording goes on in a file of the same name, which begins with the present state of each instrument."},
    [EVENT_TRIMMED]         = {"trimmed", "What is older than store.keep_days was deleted; once a day, with the number of rows."},

    [EVENT_EXPORT_DONE]     = {"export_done", "The daily export has written its files, or found nothing new."},
    [EVENT_EXPORT_FAILED]   = {"export_failed", "The daily export could not do its work, with the reason; it is tried again, and misses nothing."},

    [EVENT_OVERDUE]         = {"overdue", "No answer came within three times the usual wait, and nothing said why."},
    [EVENT_DAY_END]         = {"day_end", "Midnight in Argentina: intervals are cut there, and go on; nothing was lost."},
    [EVENT_UNSEEN]          = {"unseen", "It was to be recorded, and nothing had ever been seen of it."},
};
/* clang-format on */

const char *event_kind_name(enum event_kind kind)
{
    return kinds[kind].name;
}

const char *event_kind_meaning(enum event_kind kind)
{
    return kinds[kind].meaning;
}
