#include "feed/streamer.h"

#include "base/rate_meter.h"
#include "base/utf8.h"
#include "feed/stream_link.h"
#include "market/shortfall.h"
#include "market/source_table.h"
#include "market/stream_clock.h"
#include "record/events.h"
#include "record/recorder.h"
#include "store/write/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS    5000  /* interval of checking for instruments without data */
#define PRESSED_MS 10    /* pause of reading while the store's queue is long */
#define REPLACE_MS 30000 /* for the connection that replaces an old one to deliver */

struct streamer {
    struct loop *loop;
    const struct dialect *dialect;
    struct recorder *recorder;
    struct events *events;
    struct store *store;
    struct source_table *sources;
    struct streamer_handler handler;

    struct stream_link *link; /* the present connection */
    struct stream_link *next; /* replaces it: what this one has delivered is taken from it */
    struct loop_timer *replace_timer; /* the end of the replacement */
    struct loop_timer *look;          /* the next check for a shortfall */
    struct shortfall shortfall;
    int32_t outdated_before; /* the instrument of the last outdated message */
    bool denied_told;        /* that most instruments are refused; not yet that they are allowed */
    struct stream_clock clock;

    struct stream_stamp *stamps; /* by instrument */
    int32_t size;                /* length of stamps */

    int64_t messages, changes, outdated, malformed, other, heard_ms;
    struct rate_meter meter;
};

static const char *symbol_of(const struct streamer *s, int32_t instrument)
{
    return market_symbol(recorder_market(s->recorder), instrument);
}

static struct subscription_state state_of(struct stream_link *link)
{
    return subscription_state(stream_link_subscription(link));
}

/* --- replacing the connection ----------------------------------------------------------------- */

/* The link that delivers the instrument. */
static struct stream_link *link_of(const struct streamer *s, int32_t instrument)
{
    bool moved = stream_link_open(s->next) &&
                 subscription_live(stream_link_subscription(s->next), instrument);
    return moved ? s->next : s->link;
}

static void give_up_replacing(struct streamer *s)
{
    loop_timer_stop(s->replace_timer);
    stream_link_close(s->next);
}

/* Instruments that only the old connection delivered are not streamed any more. */
static void replace(struct streamer *s)
{
    struct source_list list = source_table_listed(s->sources);
    struct stream_link *old = s->link;
    s->link = s->next;
    s->next = old;
    for (int32_t k = 0; k < list.count; k++) {
        const struct source_row *row = source_table_row(s->sources, list.item[k]);
        if (row->stream == s->dialect->source &&
            !subscription_live(stream_link_subscription(s->link), list.item[k]))
            s->handler.left(s->handler.arg, list.item[k]);
    }
    give_up_replacing(s); /* closes the old one */
}

static void replace_if_complete(struct streamer *s)
{
    struct subscription_state next = state_of(s->next);
    if (next.live && !next.waiting && !next.asked)
        replace(s);
}

static void on_replace_timer(void *arg)
{
    struct streamer *s = arg;
    if (state_of(s->next).live)
        replace(s);
    else
        give_up_replacing(s);
}

int streamer_replace(struct streamer *s, struct err *err)
{
    loop_timer_set(s->replace_timer, REPLACE_MS);
    return stream_link_connect(s->next, err);
}

/* --- subscribing ------------------------------------------------------------------------------ */

int streamer_reserve(struct streamer *s, int32_t size)
{
    if (size <= s->size)
        return 0;
    struct stream_stamp *stamps = realloc(s->stamps, (size_t)size * sizeof(*stamps));
    if (!stamps)
        return -ENOMEM;
    s->stamps = stamps;
    if (subscription_reserve(stream_link_subscription(s->link), size) ||
        subscription_reserve(stream_link_subscription(s->next), size))
        return -ENOMEM;
    memset(stamps + s->size, 0, (size_t)(size - s->size) * sizeof(*stamps));
    s->size = size;
    return 0;
}

static void relist(struct stream_link *link)
{
    subscription_relisted(stream_link_subscription(link));
    stream_link_pump(link);
}

void streamer_relisted(struct streamer *s)
{
    relist(s->link);
    relist(s->next);
}

void streamer_subscribe(struct streamer *s)
{
    give_up_replacing(s);
    stream_link_subscribe(s->link);
}

void streamer_subscribe_one(struct streamer *s, int32_t instrument)
{
    stream_link_subscribe_one(link_of(s, instrument), instrument);
}

void streamer_forgive(struct streamer *s)
{
    stream_link_forgive(s->link);
}

/* --- the end of the connection ---------------------------------------------------------------- */

static void note_closed(struct streamer *s)
{
    loop_timer_stop(s->look);
    shortfall_closed(&s->shortfall);
}

static void on_ended(void *arg, struct stream_link *link, const struct ws_end *end)
{
    struct streamer *s = arg;
    if (link == s->next) {
        give_up_replacing(s);
        s->handler.not_replaced(s->handler.arg, end);
    } else if (state_of(s->next).live) {
        replace(s);
    } else {
        give_up_replacing(s);
        note_closed(s);
        s->handler.ended(s->handler.arg, end);
    }
}

/* --- messages --------------------------------------------------------------------------------- */

/* -1: not one of the listed instruments. */
static int32_t find(const struct streamer *s, const struct stream_item *item)
{
    if (!item->symbol.text)
        return -1;
    int32_t i = market_find_text(recorder_market(s->recorder), item->market_id, item->symbol);
    return i >= 0 && source_table_row(s->sources, i)->state != SOURCE_UNLISTED ? i : -1;
}

/* The first message of an instrument, on the connection that was denied or on a later one. */
static void look_for_allowed(struct streamer *s, int32_t instrument, bool was_denied)
{
    struct subscription_state state = state_of(s->link);
    int32_t count = source_table_listed(s->sources).count;
    bool allowed = was_denied && !state.denied;
    if (allowed)
        events_report(s->events, LOG_LEVEL_INFO, EVENT_STREAM_ALLOWED, symbol_of(s, instrument),
                      "the stream delivers an instrument that it had refused: all are subscribed "
                      "again");
    else if (state.live == count)
        events_report(s->events, LOG_LEVEL_INFO, EVENT_STREAM_ALLOWED, NULL,
                      "the stream delivers all %d instruments", (int)count);
    else
        return;
    s->denied_told = false;
}

/* A single old message arrived out of order. Several in a row, of this instrument or of all, may be
 * new ones, if the broker's clock was set back: the instrument is not observed then. */
static void take_outdated(struct streamer *s, int32_t instrument)
{
    if (s->outdated++ == 0)
        events_report(s->events, LOG_LEVEL_WARN, EVENT_OUTDATED, symbol_of(s, instrument),
                      "the stream repeats old messages; they are dropped and counted");
    if (s->stamps[instrument].old_in_row > 1 || s->clock.old_in_row > 1)
        s->handler.spoilt(s->handler.arg, instrument, EVENT_OUTDATED);
    if (s->clock.old_in_row == 2)
        s->handler.spoilt(s->handler.arg, s->outdated_before, EVENT_OUTDATED);
    s->outdated_before = instrument;
}

/* Whether to record a message of the link. Else another connection, or another stream, is the
 * source of the instrument: two of them may be different in time. */
static bool is_source(const struct streamer *s, const struct stream_link *link, int32_t instrument)
{
    return link_of(s, instrument) == link &&
           source_table_takes(s->sources, instrument, s->dialect->source);
}

/* Records the message, and returns whether it changed the quote. */
static bool record(struct streamer *s, struct stream_link *link, int32_t instrument,
                   const struct stream_item *item, struct now now)
{
    const struct market_stamp stamp = {
        .source = s->dialect->source, .ts_recv = now.wall_ns, .recv_ms = now.mono_ms};
    if (!recorder_update(s->recorder, instrument, &item->update, &stamp).changed)
        return false;
    if (store_pressed(s->store))
        stream_link_pause(link, PRESSED_MS);
    s->changes++;
    return true;
}

/* The message shows that the instrument is live on this link. */
static void hear(struct streamer *s, struct stream_link *link, struct stream_heard *heard)
{
    struct subscription *subscription = stream_link_subscription(link);
    bool waited = !subscription_live(subscription, heard->instrument);
    bool denied = subscription_denied(subscription);
    heard->first = subscription_heard(subscription, heard->instrument);
    heard->live = !waited || heard->first;
    s->heard_ms = heard->now_ms;
    s->handler.heard(s->handler.arg, heard);
    if (heard->first && s->denied_told)
        look_for_allowed(s, heard->instrument, denied);
    if (waited)
        stream_link_pump(link); /* it may have confirmed its batch, so that the next one is sent */
    if (heard->first && link == s->next)
        replace_if_complete(s);
}

static void take_data(struct streamer *s, struct stream_link *link, const struct stream_item *item,
                      struct now now)
{
    int32_t instrument = find(s, item);
    if (instrument < 0) {
        s->other++;
        return;
    }
    if (item->unreadable.entries)
        recorder_unreadable(s->recorder, instrument, "stream", &item->unreadable);
    if (!stream_clock_take(&s->clock, &s->stamps[instrument], item->ts_event, now.wall_ns)) {
        take_outdated(s, instrument);
        return;
    }
    bool first_of_next = link == s->next && link_of(s, instrument) != link;
    struct stream_heard heard = {.instrument = instrument,
                                 .entries = s->dialect->partial ? item->update.entries : ENTRY_ALL,
                                 .source = first_of_next || is_source(s, link, instrument),
                                 .now_ms = now.mono_ms};
    if (heard.source)
        heard.changed = record(s, link, instrument, item, now);
    hear(s, link, &heard);
}

static void tell_denied(struct streamer *s, const struct err *why)
{
    int32_t refused = state_of(s->link).refused;
    int32_t count = source_table_listed(s->sources).count;
    if (!refused) /* one error concerned all of them */
        refused = count;
    events_report(s->events, LOG_LEVEL_ERROR, EVENT_STREAM_DENIED, NULL,
                  "%d of %d instruments refused by the stream (%s): this account lacks the "
                  "permission for market data, or the session is broken; they are polled, and one "
                  "is retried every 5 to 60 min. If it continues, ask the broker",
                  (int)refused, (int)count, why->text);
}

/* A connection that is refused what the old one delivers does not replace it. */
static void take_error_of_next(struct streamer *s, const struct stream_item *item)
{
    int32_t named = find(s, item);
    if (subscription_error(stream_link_subscription(s->next), named, item->whole).denied)
        give_up_replacing(s);
    stream_link_pump(s->next);
}

static void take_error(struct streamer *s, const struct stream_item *item)
{
    struct subscription *subscription = stream_link_subscription(s->link);
    int32_t named = find(s, item);
    struct subscription_error error = subscription_error(subscription, named, item->whole);
    if (error.refused >= 0)
        events_report(s->events, LOG_LEVEL_WARN, item->event, symbol_of(s, error.refused),
                      "stream: %s; not subscribed again today, polled instead", item->why.text);
    else if (named < 0 && !subscription_denied(subscription))
        events_report(s->events, LOG_LEVEL_WARN, EVENT_STREAM_ERROR, NULL, "%s", item->why.text);
    if (error.denied) {
        if (!s->denied_told)
            tell_denied(s, &item->why);
        s->denied_told = true;
        s->handler.denied(s->handler.arg);
    }
    stream_link_pump(s->link);
}

/* The message may have contained a change; often its symbol can still be read. */
static void take_malformed(struct streamer *s, const struct stream_item *item)
{
    char begins[80];
    int32_t instrument = find(s, item);
    s->malformed++;
    utf8_clean(begins, sizeof(begins), item->text, item->len_bytes);
    events_report(s->events, LOG_LEVEL_WARN, EVENT_MALFORMED,
                  instrument < 0 ? NULL : symbol_of(s, instrument),
                  "stream: %s, in %s; requesting the present state again", item->why.text, begins);
    s->handler.spoilt(s->handler.arg, instrument, EVENT_MALFORMED);
}

/* A proxy or web server answers instead of the broker's API, so the connection is closed. */
static void take_page(struct stream_link *link, const struct stream_item *item)
{
    static const struct ws_answer none = {.retry_after_ms = -1};
    char begins[160], words[256];
    utf8_clean(begins, sizeof(begins), item->text, item->len_bytes);
    snprintf(words, sizeof(words), "a page instead of market data: %s", begins);
    stream_link_end(link, &(struct ws_end){.kind = WS_VIOLATION, .words = words, .answer = &none});
}

static void take(struct streamer *s, struct stream_link *link, const struct stream_item *item,
                 struct now now)
{
    switch (item->kind) {
    case STREAM_DATA:
        take_data(s, link, item, now);
        return;
    case STREAM_ERROR:
        if (link == s->next)
            take_error_of_next(s, item);
        else
            take_error(s, item);
        return;
    case STREAM_MALFORMED:
        take_malformed(s, item);
        return;
    case STREAM_PAGE:
        take_page(link, item);
        return;
    case STREAM_REPLY:
        stream_link_send(link, item->text, item->len_bytes);
        return;
    case STREAM_OTHER:
        s->other++;
        return;
    }
}

/* Each item may end the connection, or replace it. */
static void on_text(void *arg, struct stream_link *link, const char *text, size_t len_bytes)
{
    struct streamer *s = arg;
    int64_t connection = stream_link_connection(link);
    struct stream_message message = {text, len_bytes, 0};
    struct stream_item item;
    struct now now = stream_link_received(link);

    s->messages++;
    rate_meter_count(&s->meter, now.mono_ms);
    while (stream_link_connection(link) == connection &&
           s->dialect->decode(s->dialect->arg, &message, &item))
        take(s, link, &item, now);
}

/* --- the connection --------------------------------------------------------------------------- */

static void on_look(void *arg)
{
    struct streamer *s = arg;
    struct subscription_state state = state_of(s->link);
    int silent = shortfall_silent(&state);
    switch (shortfall_look(&s->shortfall, &state, loop_now(s->loop).mono_ms)) {
    case SHORTFALL_NO_NEWS:
        break;
    case SHORTFALL_BEGAN:
        events_report(s->events, LOG_LEVEL_WARN, EVENT_STREAM_SHORT, NULL,
                      "the stream delivers %d of the %d subscribed instruments, without an error; "
                      "%d have had no data for 30 s and are polled",
                      (int)state.live, (int)state.live + silent, silent);
        break;
    case SHORTFALL_ENDED:
        events_report(s->events, LOG_LEVEL_INFO, EVENT_STREAM_COMPLETE, NULL,
                      "the stream delivers all %d subscribed instruments", (int)state.live);
        break;
    }
    loop_timer_set(s->look, LOOK_MS);
}

static void on_opened(void *arg, struct stream_link *link)
{
    struct streamer *s = arg;
    if (link == s->next)
        return;
    loop_timer_set(s->look, LOOK_MS);
    s->handler.opened(s->handler.arg);
}

int streamer_connect(struct streamer *s, struct err *err)
{
    streamer_disconnect(s);
    return stream_link_connect(s->link, err);
}

void streamer_disconnect(struct streamer *s)
{
    give_up_replacing(s);
    stream_link_close(s->link);
    note_closed(s);
}

/* --- life ------------------------------------------------------------------------------------- */

static int open_parts(struct streamer *s, const struct config *config)
{
    const struct stream_link_parts link = {
        .loop = s->loop,
        .config = config,
        .dialect = s->dialect,
        .market = recorder_market(s->recorder),
        .sources = s->sources,
        .arg = s,
        .opened = on_opened,
        .text = on_text,
        .ended = on_ended,
    };
    s->clock = stream_clock_init();
    s->replace_timer = loop_timer_create(s->loop, on_replace_timer, s);
    s->look = loop_timer_create(s->loop, on_look, s);
    s->link = stream_link_create(&link);
    s->next = stream_link_create(&link);
    bool made = s->replace_timer && s->look && s->link && s->next;
    return made ? streamer_reserve(s, source_table_size(s->sources)) : -ENOMEM;
}

int streamer_create(struct streamer **out, const struct streamer_parts *parts,
                    const struct streamer_handler *handler, struct err *err)
{
    struct streamer *s = calloc(1, sizeof(*s));
    if (!s)
        return err_set(err, -ENOMEM, "out of memory");
    s->loop = parts->loop;
    s->dialect = parts->dialect;
    s->recorder = parts->recorder;
    s->events = parts->events;
    s->store = parts->store;
    s->sources = parts->sources;
    s->handler = *handler;
    if (open_parts(s, parts->config)) {
        streamer_destroy(s);
        return err_set(err, -ENOMEM, "out of memory");
    }
    *out = s;
    return 0;
}

void streamer_destroy(struct streamer *s)
{
    if (!s)
        return;
    stream_link_destroy(s->link);
    stream_link_destroy(s->next);
    loop_timer_destroy(s->replace_timer);
    loop_timer_destroy(s->look);
    free(s->stamps);
    free(s);
}

const char *streamer_url(const struct streamer *s)
{
    return s->dialect->url(s->dialect->arg);
}

struct streamer_state streamer_state(const struct streamer *s)
{
    struct streamer_state state = {
        .connected = stream_link_open(s->link),
        .messages = s->messages,
        .changes = s->changes,
        .outdated = s->outdated,
        .malformed = s->malformed,
        .other = s->other,
        .heard_ms = s->heard_ms,
        .per_second = rate_meter_per_second(&s->meter, loop_now(s->loop).mono_ms),
        .ws = stream_link_stats(s->link),
        .subscription = state_of(s->link),
    };
    state.clock_known = stream_clock_offset(&s->clock, &state.clock_ahead_ns);
    return state;
}
