#include "feed/feed_messages.h"

#include "base/clock.h"
#include "base/mask.h"
#include "base/words.h"
#include "record/events.h"

#include <stdio.h>
#include <string.h>

/* Tenths of a second below a minute, whole seconds above. */
static const char *seconds(char out[32], int64_t ms)
{
    snprintf(out, 32, ms < 60000 ? "%.1f s" : "%.0f s", (double)(ms > 0 ? ms : 0) / 1000);
    return out;
}

void feed_messages_open(struct feed_messages *messages, const char *url, int64_t took_ms)
{
    char took[32], shown[MASK_URL_BYTES];
    events_report(messages->events, LOG_LEVEL_INFO, EVENT_STREAM_OPEN, NULL,
                  "connected to %s in %s, subscribing %d instruments",
                  mask_url(shown, sizeof(shown), url), seconds(took, took_ms),
                  (int)messages->instruments);
}

void feed_messages_streaming(struct feed_messages *messages, bool was_stale)
{
    messages->lost[0] = '\0';
    if (was_stale)
        events_report(messages->events, LOG_LEVEL_INFO, EVENT_STREAM_RECOVERED, NULL,
                      "the stream delivers data again after resubscribing");
    else
        events_report(
            messages->events, LOG_LEVEL_INFO, EVENT_STREAMING, NULL,
            "the stream delivers data; each instrument is polled until its first message");
}

void feed_messages_stale(struct feed_messages *messages, const char *why, int64_t silence_ms,
                         int32_t polled)
{
    char silence[32];
    events_report(
        messages->events, LOG_LEVEL_WARN, EVENT_STALE, NULL,
        "connected but silent: %s; the last data arrived %s ago; resubscribing all %d instruments, "
        "polling %d",
        why, seconds(silence, silence_ms), (int)messages->instruments, (int)polled);
}

void feed_messages_lost(struct feed_messages *messages, const char *why, bool refused,
                        int32_t polled, int64_t next_try_ms)
{
    char wait[32], who[48] = "";
    bool again = polled == 0 && words_alike(why, messages->lost);
    snprintf(messages->lost, sizeof(messages->lost), "%s", why);
    seconds(wait, next_try_ms);
    if (polled)
        snprintf(who, sizeof(who), " %d instruments", (int)polled);
    if (again)
        log_debug("stream still unavailable", LOG_TEXT("why", why), LOG_TEXT("next_try_in", wait));
    else
        events_report(messages->events, LOG_LEVEL_WARN,
                      refused ? EVENT_STREAM_REFUSED : EVENT_STREAM_CLOSED, NULL,
                      "%s; polling%s; next try in %s", why, who, wait);
}

void feed_messages_seen(struct feed_messages *messages, const struct unobserved_summary *s)
{
    char shortest[32], longest[32];
    seconds(shortest, s->shortest_ms);
    seconds(longest, s->longest_ms);
    bool same = strcmp(shortest, longest) == 0;
    events_report(messages->events, LOG_LEVEL_INFO, EVENT_FILLED_IN, NULL,
                  "all instruments that the stream lost were read again: %d by polling, %d by the "
                  "stream; unobserved for %s%s%s",
                  (int)s->by_poll, (int)s->by_stream, shortest, same ? "" : " to ",
                  same ? "" : longest);
}

void feed_messages_diverged(struct feed_messages *messages, const char *symbol,
                            const struct quote *before, const struct market_quote *now,
                            int64_t now_ms)
{
    char entries[ENTRY_LIST_TEXT], ago[32];
    events_report(
        messages->events, LOG_LEVEL_WARN, EVENT_DIVERGENCE, symbol,
        "REST has newer values than the stream, twice (%s; last stream message %s ago); the values "
        "of REST are recorded",
        entry_list_text(entries, quote_diff(before, &now->quote, ENTRY_ALL)),
        seconds(ago, now_ms - now->streamed_ms));
}

void feed_messages_session(struct feed_messages *messages, const char *whose,
                           enum calendar_phase phase, int64_t until_ns)
{
    static const struct {
        enum event_kind kind;
        const char *words, *effect;
    } rows[CALENDAR_PHASES] = {
        [PHASE_CLOSED] = {EVENT_SESSION_CLOSED, "closed",
                          ": each instrument is polled once a minute at most"},
        [PHASE_PRE_OPEN] = {EVENT_SESSION_PRE_OPEN, "in the pre-open", ""},
        [PHASE_CLOSING] = {EVENT_SESSION_CLOSING, "in the closing auction", ""},
        [PHASE_OPEN] = {EVENT_SESSION_OPEN, "open", ""},
    };
    char until[CLOCK_TEXT] = "";
    if (until_ns != INT64_MAX)
        art_zone_text(until, until_ns);
    events_report(messages->events, LOG_LEVEL_INFO, rows[phase].kind, NULL, "%s is %s%s%s%s", whose,
                  rows[phase].words, *until ? " until " : "", until, rows[phase].effect);
}

void feed_messages_waking(struct feed_messages *messages, const char *whose, int64_t at_ns)
{
    char at[CLOCK_TEXT];
    events_report(messages->events, LOG_LEVEL_INFO, EVENT_SESSION_WAKING, NULL,
                  "%s opens at %s: token, list of instruments and stream are made ready", whose,
                  art_zone_text(at, at_ns));
}

void feed_messages_holidays(struct feed_messages *messages, int year)
{
    events_report(messages->events, LOG_LEVEL_WARN, EVENT_HOLIDAYS_UNKNOWN, NULL,
                  "session.holidays: not all days of %d without a session are built in; compare "
                  "`cinta calendar --year %d` with the market's notice, and add those missing",
                  year, year);
}
