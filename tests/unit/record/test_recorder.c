#include "record/recorder.h"

#include "base/clock.h"
#include "record/events.h"
#include "record/observers.h"
#include "support/t.h"

#include <stdlib.h>

static struct now present = {.mono_ms = 5000, .wall_ns = INT64_C(1795446000000000000)};

struct now __wrap_clock_now(void);
struct now __wrap_clock_now(void)
{
    return present;
}

/* A recorder, and what its only observer heard last. */
struct bench {
    struct market *market;
    struct observers *observers;
    struct events *events;
    struct recorder *recorder;

    int instruments, changes, events_count;
    int32_t last_instrument;
    struct market_change change;
    struct market_quote present;
    enum event_kind kind;
    char symbol[64], detail[768];
};

static void on_instrument(void *arg, int32_t instrument, const char *market_id, const char *symbol)
{
    struct bench *b = arg;
    b->instruments++;
    b->last_instrument = instrument;
    t_str(market_id, "ROFX");
    t_str(symbol, market_symbol(b->market, instrument));
}

static void on_change(void *arg, const struct market_change *change)
{
    struct bench *b = arg;
    b->changes++;
    b->change = *change;
    b->present = *change->present;
    t_true(change->present == market_quote(b->market, change->instrument)); /* not a copy */
}

static void on_event(void *arg, const struct observed_event *event)
{
    struct bench *b = arg;
    b->events_count++;
    b->kind = event->kind;
    snprintf(b->symbol, sizeof(b->symbol), "%s", event->symbol);
    snprintf(b->detail, sizeof(b->detail), "%s", event->detail);
}

static struct bench *begin(void)
{
    struct bench *b = calloc(1, sizeof(*b));
    struct err err;
    log_init(LOG_LEVEL_ERROR);
    b->market = market_create(100);
    b->observers = observers_create();
    b->events = events_create(b->observers);
    t_true(observers_add(b->observers,
                         &(struct observer){b, on_instrument, on_change, on_event, NULL}) > 0);
    const struct recorder_parts parts = {b->market, b->observers, b->events};
    t_int(recorder_create(&b->recorder, &parts, &err), 0);
    return b;
}

static void end(struct bench *b)
{
    recorder_destroy(b->recorder);
    events_destroy(b->events);
    observers_destroy(b->observers);
    market_destroy(b->market);
    free(b);
}

static struct quote_update update_of(uint32_t entries, double bid, double offer)
{
    struct quote_update u = {.entries = entries, .quote = quote_none()};
    if (bid > 0) {
        u.quote.bids.count = 1;
        u.quote.bids.level[0] = (struct level){bid, 1};
    }
    if (offer > 0) {
        u.quote.offers.count = 1;
        u.quote.offers.level[0] = (struct level){offer, 1};
    }
    u.quote.last_price = 5;
    return u;
}

#define BOOK (ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF))

static struct market_result apply(struct bench *b, int32_t i, const struct quote_update *u,
                                  int64_t ts_recv)
{
    const struct market_stamp stamp = {
        .source = SOURCE_STREAM, .ts_recv = ts_recv, .recv_ms = ts_recv};
    return recorder_update(b->recorder, i, u, &stamp);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void a_new_instrument_is_told_once(void **state)
{
    (void)state;
    struct bench *b = begin();
    t_int(recorder_instrument(b->recorder, "ROFX", "A"), 0);
    t_int(recorder_instrument(b->recorder, "ROFX", "B"), 1);
    t_int(recorder_instrument(b->recorder, "ROFX", "A"), 0);
    t_int(b->instruments, 2);
    t_int(b->last_instrument, 1);
    end(b);
}

static void a_given_change_is_told_if_it_is_the_present_state(void **state)
{
    (void)state;
    struct bench *b = begin();
    int32_t i = recorder_instrument(b->recorder, "ROFX", "A");
    const struct quote_update u = update_of(BOOK, 12, 11); /* crossed: told by its recorder */
    struct market_quote quote = {
        .quote = u.quote, .seq = 700, .ts_recv = 9, .source = SOURCE_MATRIZ};
    t_int(recorder_give(b->recorder, i, &quote, BOOK), MARKET_PRESENT);
    t_int(b->changes, 1);
    t_int(b->change.changed, BOOK);
    t_int(b->present.seq, 700);
    t_int(b->events_count, 0);
    quote.seq = 650;
    t_int(recorder_give(b->recorder, i, &quote, BOOK), MARKET_PAST);
    t_int(b->changes, 1);
    end(b);
}

static void a_change_is_told_with_its_quote(void **state)
{
    (void)state;
    struct bench *b = begin();
    int32_t i = recorder_instrument(b->recorder, "ROFX", "A");
    struct quote_update u = update_of(BOOK | ENTRY_BIT(ENTRY_LA), 10, 11);
    struct market_result r = apply(b, i, &u, 1000);
    t_int(r.changed, u.entries);
    t_int(b->changes, 1);
    t_int(b->change.instrument, i);
    t_int(b->change.changed, u.entries);
    t_int(b->present.seq, 101);
    t_int(b->present.ts_recv, 1000);
    t_int(b->present.source, SOURCE_STREAM);
    t_double(b->present.quote.bids.level[0].price, 10);

    u = update_of(ENTRY_BIT(ENTRY_BI), 9, 0); /* only the bid: the rest is as before */
    r = apply(b, i, &u, 2000);
    t_int(b->changes, 2);
    t_int(b->change.changed, ENTRY_BIT(ENTRY_BI));
    t_int(b->present.seq, 102);
    t_double(b->present.quote.bids.level[0].price, 9);
    t_double(b->present.quote.offers.level[0].price, 11);
    t_double(b->present.quote.last_price, 5);
    end(b);
}

static void what_changes_nothing_is_not_told(void **state)
{
    (void)state;
    struct bench *b = begin();
    int32_t i = recorder_instrument(b->recorder, "ROFX", "A");
    struct quote_update u = update_of(BOOK, 10, 11);
    apply(b, i, &u, 1000);
    t_int(apply(b, i, &u, 2000).changed, 0);
    t_int(b->changes, 1);
    t_int(market_quote(b->market, i)->ts_seen, 2000); /* but it was confirmed */
    recorder_confirm(b->recorder, i, 3000);
    t_int(market_quote(b->market, i)->ts_seen, 3000);

    const struct market_stamp old = {
        .source = SOURCE_REST, .ts_recv = 4000, .recv_ms = 4000, .asked_ms = 2000};
    u = update_of(BOOK, 8, 11);
    t_true(recorder_update(b->recorder, i, &u, &old).outdated);
    t_int(b->changes, 1);
    t_double(market_quote(b->market, i)->quote.bids.level[0].price, 10);
    end(b);
}

static void a_crossed_book_is_reported_when_it_begins(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double bid, offer;
        int events; /* so far */
    } rows[] = {
        {"not crossed", 10, 11, 0}, {"equal is not crossed", 11, 11, 0},
        {"crossed", 12, 11, 1},     {"still crossed", 13, 11, 1},
        {"no longer", 10, 11, 1},   {"crossed again", 12, 11, 2},
        {"no offers", 12, 0, 2},
    };
    struct bench *b = begin();
    int32_t i = recorder_instrument(b->recorder, "ROFX", "A");
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        t_row(rows[r].name);
        struct quote_update u = update_of(BOOK, rows[r].bid, rows[r].offer);
        apply(b, i, &u, 1000 + (int64_t)r);
        t_int(b->events_count, rows[r].events);
    }
    t_int(b->kind, EVENT_CROSSED_BOOK);
    t_str(b->symbol, "A");
    t_str(b->detail, "best bid 12 is above best offer 11");
    t_int(b->changes, (int)T_COUNT(rows)); /* recorded as received */
    end(b);
}

static void a_change_of_other_entries_does_not_look_at_the_book(void **state)
{
    (void)state;
    struct bench *b = begin();
    int32_t i = recorder_instrument(b->recorder, "ROFX", "A");
    struct quote_update u = update_of(BOOK, 12, 11);
    const struct market_quote restored = {.quote = u.quote, .seq = 7};
    market_restore(b->market, i, &restored); /* crossed already, but in an earlier run */
    u = update_of(ENTRY_BIT(ENTRY_LA), 0, 0);
    u.quote.last_price = 6;
    apply(b, i, &u, 1000);
    t_int(b->changes, 1);
    t_int(b->events_count, 0);
    end(b);
}

static struct unreadable unreadable(uint32_t entries)
{
    struct unreadable u = {.entries = entries};
    for (int e = 0; e < ENTRY_COUNT; e++)
        snprintf(u.words[e], sizeof(u.words[e]), "%s is odd", entry_name((enum entry)e));
    return u;
}

static void unreadable_entries_are_reported_once_each(void **state)
{
    (void)state;
    struct bench *b = begin();
    int32_t i = recorder_instrument(b->recorder, "ROFX", "A");
    int32_t j = recorder_instrument(b->recorder, "ROFX", "B");
    struct unreadable two = unreadable(ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_CL));
    recorder_unreadable(b->recorder, i, "stream", &two);
    t_int(b->events_count, 1);
    t_int(b->kind, EVENT_UNREADABLE);
    t_str(b->symbol, "A");
    t_true(strstr(b->detail, "stream: LA is odd, CL is odd; recorded as NULL") == b->detail);
    recorder_unreadable(b->recorder, i, "stream", &two);
    t_int(b->events_count, 1);
    struct unreadable one = unreadable(ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_SE));
    recorder_unreadable(b->recorder, i, "REST", &one);
    t_int(b->events_count, 2);
    t_true(strstr(b->detail, "REST: SE is odd; recorded") == b->detail);
    recorder_unreadable(b->recorder, j, "REST", &one);
    t_int(b->events_count, 3);
    t_int(recorder_unreadable_count(b->recorder), 8);
    t_int(recorder_unreadable_entries(b->recorder, i), two.entries | one.entries);
    t_int(recorder_unreadable_entries(b->recorder, j), one.entries);
    end(b);
}

/* The allowance of events is used up: the next message of that instrument tries again. */
static void a_suppressed_report_is_tried_again(void **state)
{
    (void)state;
    struct bench *b = begin();
    struct unreadable one = unreadable(ENTRY_BIT(ENTRY_LA));
    int32_t i = recorder_instrument(b->recorder, "ROFX", "A");
    while (events_allowed(b->events, EVENT_UNREADABLE))
        events_report(b->events, LOG_LEVEL_WARN, EVENT_UNREADABLE, "other", "used up");
    int told = b->events_count;
    recorder_unreadable(b->recorder, i, "stream", &one);
    t_int(b->events_count, told);
    t_int(recorder_unreadable_count(b->recorder), 1);
    present.mono_ms += 1000;
    recorder_unreadable(b->recorder, i, "stream", &one);
    t_int(b->events_count, told + 1);
    t_str(b->symbol, "A");
    end(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_instrument_is_told_once),
        cmocka_unit_test(a_given_change_is_told_if_it_is_the_present_state),
        cmocka_unit_test(a_change_is_told_with_its_quote),
        cmocka_unit_test(what_changes_nothing_is_not_told),
        cmocka_unit_test(a_crossed_book_is_reported_when_it_begins),
        cmocka_unit_test(a_change_of_other_entries_does_not_look_at_the_book),
        cmocka_unit_test(unreadable_entries_are_reported_once_each),
        cmocka_unit_test(a_suppressed_report_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
