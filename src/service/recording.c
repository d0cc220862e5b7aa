#include "service/recording.h"

#include "base/clock.h"
#include "broker/catalog.h"
#include "broker/reference_data.h"
#include "broker/token_keeper.h"
#include "market/demand.h"
#include "market/segment_names.h"
#include "market/source_table.h"
#include "primary/request.h"
#include "record/coverage_log.h"
#include "record/events.h"
#include "record/recorder.h"
#include "service/reference_parts.h"
#include "service/running.h"

#include <errno.h>
#include <stdlib.h>

#define SLICE 1000 /* instruments that are registered in one turn of the loop */

/* --- events ----------------------------------------------------------------------------------- */

static void tell_full(struct service *s)
{
    const struct demand_counts counts = demand_counts(s->demand);
    if (counts.taken < counts.max)
        s->full_told = false;
    if (!counts.is_full || s->full_told)
        return;
    s->full_told = true;
    events_report(s->events, LOG_LEVEL_WARN, EVENT_DEMAND_FULL, NULL,
                  "serve.on_demand: clients want more than %d instruments that are not configured; "
                  "further ones are refused until one of these is not wanted any more",
                  counts.max);
}

/* One that was never recorded leaves nothing to report. */
static void on_ended(void *arg, const struct demand_item *item, enum demand_end why)
{
    struct service *s = arg;
    if (item->stage != DEMAND_PROVED || item->configured)
        return;
    events_report(s->events, LOG_LEVEL_INFO, EVENT_DEMAND_DROPPED, item->symbol,
                  "no client of the local API wants it any more%s: it is not recorded any more",
                  why == DEMAND_REPLACED ? ", and another instrument takes its place" : "");
}

static void tell_taken(struct service *s, const char *symbol)
{
    const struct demand_counts counts = demand_counts(s->demand);
    events_report(s->events, LOG_LEVEL_INFO, EVENT_DEMAND_TAKEN, symbol,
                  "a client of the local API wants it: recorded as long as one does (%d of %d)",
                  (int)counts.taken, counts.max);
}

/* --- the list --------------------------------------------------------------------------------- */

struct list {
    int32_t *item;
    int32_t count;
};

static bool is_configured(const struct service *s, int32_t instrument)
{
    return instrument >= 0 && instrument < s->selected_size && s->selected[instrument];
}

/* Its clients have waited for its first data; now it is recorded whether they come or not. */
static void take_configured(struct service *s, int32_t at)
{
    const struct demand_item *item = demand_item(s->demand, at);
    if (item->stage == DEMAND_PROVED)
        return;
    demand_proved(s->demand, at);
    if (s->api)
        local_api_tried(s->api, item->instrument, true);
}

static void look_at_demand(struct service *s, struct list *list)
{
    for (int32_t i = 0; i < demand_count(s->demand); i++) {
        const struct demand_item *item = demand_item(s->demand, i);
        bool configured = is_configured(s, item->instrument);
        demand_configured(s->demand, i, configured);
        if (configured)
            take_configured(s, i);
        else if (item->stage != DEMAND_WAITS || demand_try(s->demand, i))
            list->item[list->count++] = item->instrument;
    }
}

static int make_list(struct service *s, struct list *list)
{
    int32_t size = market_count(s->market);
    list->count = 0;
    list->item = calloc((size_t)size + 1, sizeof(*list->item));
    if (!list->item)
        return -ENOMEM;
    for (int32_t k = 0; k < s->selected_count; k++)
        list->item[list->count++] = s->selection[k];
    look_at_demand(s, list);
    return s->feed ? feed_reserve(s->feed, size) : 0;
}

/* One that was recorded until now has no trial: its data have arrived. */
static void mark(struct service *s, int32_t at, int64_t now_ms)
{
    const struct demand_item *item = demand_item(s->demand, at);
    bool on_trial = item->stage == DEMAND_ON_TRIAL;
    const struct source_event event = {.kind = on_trial ? SOURCE_EV_DOUBTED : SOURCE_EV_TRUSTED,
                                       .now_ms = now_ms,
                                       .rest_first = !item->known};
    source_table_step(s->sources, item->instrument, &event);
    if (!on_trial || source_table_row(s->sources, item->instrument)->on_trial)
        return;
    demand_proved(s->demand, at);
    tell_taken(s, item->symbol);
}

static void mark_trials(struct service *s)
{
    for (int32_t i = 0; i < demand_count(s->demand); i++) {
        int32_t instrument = demand_item(s->demand, i)->instrument;
        if (instrument >= 0 && source_table_row(s->sources, instrument)->state != SOURCE_UNLISTED)
            mark(s, i, loop_now(s->loop).mono_ms);
    }
}

/* The calendar of each instrument is that of its segment. Returns whether one has another. */
static bool mark_segments(struct service *s)
{
    struct source_list list = source_table_listed(s->sources);
    int64_t now_ms = loop_now(s->loop).mono_ms;
    bool changed = false;
    for (int32_t k = 0; k < list.count; k++) {
        const char *symbol = market_symbol(s->market, list.item[k]);
        const struct instrument *known =
            instrument_list_find(s->reference, REQUEST_MARKET_ROFX, symbol);
        const char *segment = calendar_set_segment(known, symbol);
        const struct source_event event = {
            .kind = SOURCE_EV_SEGMENT,
            .now_ms = now_ms,
            .calendar = (uint8_t)calendar_set_find(&s->feed_config->sessions, segment)};
        changed |= source_table_row(s->sources, list.item[k])->calendar != event.calendar;
        source_table_step(s->sources, list.item[k], &event);
    }
    return changed;
}

/* Once for a configuration, when there are reference data to compare with. */
static void tell_unknown_segments(struct service *s)
{
    const struct calendar_set *sessions = &s->feed_config->sessions;
    char words[SEGMENT_DOUBT_BYTES];
    if (s->segments_told || instrument_list_count(s->reference) == 0)
        return;
    s->segments_told = true;
    for (int i = 1; i < sessions->count; i++) {
        if (segment_doubt(words, s->reference, sessions->each[i].segment))
            events_report(s->events, LOG_LEVEL_WARN, EVENT_NO_MATCH, NULL, "%s", words);
    }
}

void recording_resegmented(struct service *s)
{
    tell_unknown_segments(s);
    if (mark_segments(s) && s->feed)
        feed_resegmented(s->feed);
}

/* -ENOMEM: the list is the one before. */
static int apply(struct service *s, struct source_listing *change)
{
    struct list list;
    int rc = make_list(s, &list);
    if (rc == 0)
        rc =
            source_table_list(s->sources, list.item, list.count, loop_now(s->loop).mono_ms, change);
    free(list.item);
    if (rc)
        return rc;
    mark_trials(s);
    mark_segments(s);
    if (s->feed)
        feed_relisted(s->feed);
    coverage_log_relisted(s->coverage);
    if (s->api)
        local_api_relisted(s->api);
    return 0;
}

static void tell_no_memory(struct service *s)
{
    events_report(s->events, LOG_LEVEL_ERROR, EVENT_FEED_FAILED, NULL,
                  "out of memory: the list of recorded instruments stays as it is");
}

/* --- the demand ------------------------------------------------------------------------------- */

static void on_apply(void *arg)
{
    struct service *s = arg;
    struct source_listing change = {0};
    if (s->listed && apply(s, &change))
        tell_no_memory(s);
    tell_full(s);
    loop_timer_set(s->demand_look, DEMAND_LOOK_MS);
}

static void apply_soon(struct service *s)
{
    loop_timer_set(s->demand_apply, 0);
}

static void forget_refusals(struct service *s)
{
    demand_forgive(s->demand);
    s->demand_day = art_day(loop_now(s->loop).wall_ns);
}

static void on_look(void *arg)
{
    struct service *s = arg;
    int64_t now_ms = loop_now(s->loop).mono_ms;
    for (int32_t i = 0; i < demand_count(s->demand); i++) {
        int32_t instrument = demand_item(s->demand, i)->instrument;
        if (s->api && instrument >= 0 && local_api_wants(s->api, instrument))
            demand_wanted(s->demand, i, now_ms);
    }
    if (art_day(loop_now(s->loop).wall_ns) != s->demand_day)
        forget_refusals(s);
    if (demand_expire(s->demand, now_ms))
        apply_soon(s);
    tell_full(s);
    if (demand_count(s->demand))
        loop_timer_set(s->demand_look, DEMAND_LOOK_MS);
}

/* From the feed: the list is changed later. */
static void on_tried(void *arg, int32_t instrument, bool has_data)
{
    struct service *s = arg;
    int32_t at = demand_find(s->demand, market_symbol(s->market, instrument));
    if (at < 0)
        return;
    if (has_data) {
        demand_proved(s->demand, at);
        tell_taken(s, market_symbol(s->market, instrument));
    } else {
        demand_refused(s->demand, at);
    }
    if (s->api)
        local_api_tried(s->api, instrument, has_data);
    apply_soon(s);
}

/* Of the broker's list, as far as it is of today: an earlier one lacks what is new. */
static enum demand_listing listing(void *arg, const char *symbol)
{
    const struct service *s = arg;
    if (!reference_is_of_broker(s))
        return DEMAND_NO_LIST;
    const struct instrument *known =
        instrument_list_find(s->reference, REQUEST_MARKET_ROFX, symbol);
    if (known && known->listed)
        return DEMAND_LISTED;
    bool today = art_day(s->reference_ns) == art_day(loop_now(s->loop).wall_ns);
    return today ? DEMAND_UNLISTED : DEMAND_NO_LIST;
}

/* From the local API: -1 without memory. */
static int32_t take_up(void *arg, const char *symbol)
{
    struct service *s = arg;
    int32_t instrument = recorder_instrument(s->recorder, REQUEST_MARKET_ROFX, symbol);
    int32_t at = demand_find(s->demand, symbol);
    if (instrument < 0 || at < 0)
        return -1;
    demand_bind(s->demand, at, instrument);
    apply_soon(s);
    return instrument;
}

struct api_demand recording_demand(struct service *s)
{
    return (struct api_demand){s->demand, listing, take_up, s};
}

/* --- the configuration ------------------------------------------------------------------------ */

/* Takes `selection`. -ENOMEM: the one before stays. */
static int use_selection(struct service *s, int32_t *selection, int32_t count)
{
    int32_t size = market_count(s->market);
    bool *selected = calloc((size_t)size + 1, sizeof(*selected));
    if (!selected) {
        free(selection);
        return -ENOMEM;
    }
    for (int32_t k = 0; k < count; k++)
        selected[selection[k]] = true;
    free(s->selection);
    free(s->selected);
    s->selection = selection;
    s->selected_count = count;
    s->selected = selected;
    s->selected_size = size;
    return 0;
}

/* Nothing waits for the rest of a long back-off when a session begins. */
static void on_waking(void *arg)
{
    struct service *s = arg;
    token_keeper_hurry(s->keeper);
    catalog_hurry(s->catalog);
    reference_data_hurry(s->reference_data);
}

static void start_feed(struct service *s)
{
    const struct feed_parts parts = {
        .loop = s->loop,
        .config = s->feed_config,
        .keeper = s->keeper,
        .terminal = s->terminal,
        .recorder = s->recorder,
        .events = s->events,
        .sources = s->sources,
        .budget = &s->budget,
        .coverage = s->coverage,
        .store = s->store,
        .observers = s->observers,
        .tried = on_tried,
        .waking = on_waking,
        .arg = s,
    };
    struct err err;
    s->segments_told = false;
    tell_unknown_segments(s);
    if (feed_create(&s->feed, &parts, &s->learned, &err))
        events_report(s->events, LOG_LEVEL_ERROR, EVENT_FEED_FAILED, NULL,
                      "cannot start the feed: %s", err.text);
}

/* The clients of one that is not selected any more want it as if it had never been. */
static void demand_left(struct service *s, const bool *before, int32_t size)
{
    for (int32_t i = 0; i < size && s->api; i++) {
        const char *symbol = market_symbol(s->market, i);
        if (!before[i] || is_configured(s, i) || !local_api_wants(s->api, i))
            continue;
        bool yes = demand_want(s->demand, symbol, listing(s, symbol), loop_now(s->loop).mono_ms) ==
                   DEMAND_YES;
        demand_settle(s->demand, yes);
        if (yes)
            demand_bind(s->demand, demand_find(s->demand, symbol), i);
    }
}

/* Makes it the list that is recorded; takes `selection`. */
static void use_list(struct service *s, int32_t *selection, int32_t count)
{
    struct source_listing change = {0};
    bool *before = s->selected;
    int32_t size = s->selected_size;
    s->selected = NULL;
    int rc = use_selection(s, selection, count);
    if (rc == 0) {
        demand_left(s, before, size);
        free(before);
        rc = apply(s, &change);
    } else {
        s->selected = before;
    }
    if (rc)
        tell_no_memory(s);
    if (demand_count(s->demand))
        loop_timer_set(s->demand_look, DEMAND_LOOK_MS);
    if (s->listed && (change.added || change.removed))
        events_report(s->events, LOG_LEVEL_INFO, EVENT_INSTRUMENTS_CHANGED, NULL,
                      "%d instruments recorded from now on: %d added, %d removed",
                      (int)source_table_counts(s->sources)->listed, (int)change.added,
                      (int)change.removed);
    s->listed = true;
}

/* --- a selection, a step at a time ------------------------------------------------------------ */

static void register_slice(struct service *s)
{
    struct recording_list *list = &s->registering;
    size_t until = list->at + SLICE;
    for (; list->at < list->symbols->count && list->at < until; list->at++) {
        int32_t at =
            recorder_instrument(s->recorder, REQUEST_MARKET_ROFX, list->symbols->item[list->at]);
        if (at >= 0)
            list->item[list->count++] = at;
    }
}

static void use_registered(struct service *s)
{
    int32_t *item = s->registering.item;
    s->registering.item = NULL;
    use_list(s, item, s->registering.count);
}

/* Each step has a turn of the loop: with ten thousand instruments, the slices take 10 ms together,
 * the list 2 ms and the feed 3 ms. */
static void on_step(void *arg)
{
    struct service *s = arg;
    struct recording_list *list = &s->registering;
    if (!list->item) {
        start_feed(s);
        return;
    }
    if (list->at < list->symbols->count)
        register_slice(s);
    else
        use_registered(s);
    if (list->item || !s->feed)
        loop_timer_set(s->next_step, 0);
}

void recording_selected(struct service *s, const struct config_strings *symbols)
{
    recording_forget(s);
    s->registering = (struct recording_list){
        .symbols = symbols, .item = calloc(symbols->count + 1, sizeof(*s->registering.item))};
    if (s->registering.item)
        on_step(s);
    else
        tell_no_memory(s);
}

void recording_forget(struct service *s)
{
    loop_timer_stop(s->next_step);
    free(s->registering.item);
    s->registering = (struct recording_list){0};
}

void recording_restarts(struct service *s)
{
    forget_refusals(s);
}

/* --- the part of the service ------------------------------------------------------------------ */

int recording_start(struct service *s, struct err *err)
{
    s->demand = demand_create(on_ended, s);
    s->demand_apply = loop_timer_create(s->loop, on_apply, s);
    s->demand_look = loop_timer_create(s->loop, on_look, s);
    s->next_step = loop_timer_create(s->loop, on_step, s);
    if (!s->next_step || !s->demand || !s->demand_apply || !s->demand_look) {
        recording_stop(s);
        return err_set(err, -ENOMEM, "out of memory");
    }
    forget_refusals(s);
    recording_change(s);
    return 0;
}

void recording_stop(struct service *s)
{
    free(s->registering.item);
    loop_timer_destroy(s->next_step);
    loop_timer_destroy(s->demand_apply);
    loop_timer_destroy(s->demand_look);
    demand_destroy(s->demand);
    free(s->selection);
    free(s->selected);
}

void recording_change(struct service *s)
{
    demand_set_max(s->demand, s->config->serve.on_demand);
}
