#include "record/store_observer.h"

#include "base/clock.h"
#include "record/events.h"
#include "record/observers.h"
#include "record/recorder.h"
#include "support/store_fixture.h"

/* The real loop, store, observer and recorder over a database in a temporary folder. */
struct bench {
    struct loop *loop;
    struct observers *observers;
    struct store *store;
    struct market *market;
    struct store_observer *observer;
    struct events *events;
    struct recorder *recorder;
};

static struct bench begin(const struct fixture *f)
{
    struct bench b = {.loop = loop_create(), .observers = observers_create()};
    struct err err;
    b.store = fixture_store(f->path, 0);
    b.market = market_create(0);
    b.events = events_create(b.observers);
    const struct store_observer_parts parts = {b.loop, b.observers, b.store, f->path, b.market};
    t_int(store_observer_create(&b.observer, &parts, &err), 0);
    const struct recorder_parts recorder = {b.market, b.observers, b.events};
    t_int(recorder_create(&b.recorder, &recorder, &err), 0);
    return b;
}

static void end(struct bench *b)
{
    recorder_destroy(b->recorder);
    events_destroy(b->events);
    store_observer_destroy(b->observer);
    market_destroy(b->market);
    fixture_close(b->store);
    observers_destroy(b->observers);
    loop_destroy(b->loop);
}

static void update(struct bench *b, int32_t i, double last, int64_t ts_recv)
{
    struct quote_update u = {.entries = ENTRY_BIT(ENTRY_LA), .quote = quote_none()};
    const struct market_stamp stamp = {.source = SOURCE_STREAM, .ts_recv = ts_recv, .recv_ms = 1};
    u.quote.last_price = last;
    recorder_update(b->recorder, i, &u, &stamp);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void what_is_observed_is_in_the_database(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct bench b = begin(&f);
    char text[128];
    int32_t a = recorder_instrument(b.recorder, "ROFX", "A");
    int32_t c = recorder_instrument(b.recorder, "ROFX", "C");
    update(&b, a, 5, T0);
    update(&b, c, 7, T0 + 1);
    update(&b, a, 6, T0 + 2);
    events_report(b.events, LOG_LEVEL_ERROR, EVENT_LOGIN, "A", "in");
    observers_event(b.observers, &(struct observed_event){.ts = T0,
                                                          .kind = EVENT_STORE_DELAYED,
                                                          .detail = "written by the store itself",
                                                          .by_store = true});
    end(&b);
    t_int(ask(&f, "SELECT count(*) FROM snapshots"), 3);
    t_int(ask(&f, "SELECT max(seq) FROM snapshots"), 3);
    t_double(ask(&f, "SELECT last_price FROM quotes WHERE symbol = 'A'"), 6);
    t_double(ask(&f, "SELECT last_price FROM quotes WHERE symbol = 'C'"), 7);
    t_int(ask(&f, "SELECT count(*) FROM feed_event"), 1);
    t_true(ask_text(&f, "SELECT kind || ' ' || symbol || ' ' || detail FROM feed_event", text,
                    sizeof(text)));
    t_str(text, "login A in");
    fixture_remove(&f);
}

static void the_next_run_continues(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct bench b = begin(&f);
    int32_t a = recorder_instrument(b.recorder, "ROFX", "A");
    int32_t c = recorder_instrument(b.recorder, "ROFX", "C");
    update(&b, a, 5, T0);
    update(&b, c, 7, T0 + 1);
    recorder_confirm(b.recorder, a, T0 + NS_PER_S);
    end(&b);

    b = begin(&f);
    t_int(market_count(b.market), 2);
    a = market_find(b.market, "ROFX", "A");
    c = market_find(b.market, "ROFX", "C");
    t_int(market_quote(b.market, a)->seq, 1);
    t_int(market_quote(b.market, a)->ts_recv, T0);
    t_int(market_quote(b.market, a)->ts_seen, T0 + NS_PER_S);
    t_double(market_quote(b.market, c)->quote.last_price, 7);
    t_int(recorder_instrument(b.recorder, "ROFX", "D"), 2);
    update(&b, a, 5, T0 + 10 * NS_PER_S); /* unchanged: no new row */
    update(&b, 2, 9, T0 + 11 * NS_PER_S);
    t_int(market_quote(b.market, 2)->seq, 3);
    end(&b);
    t_int(ask(&f, "SELECT count(*) FROM snapshots"), 3);
    t_double(ask(&f, "SELECT last_price FROM quotes WHERE symbol = 'D'"), 9);
    t_int(ask(&f, "SELECT max(seq) FROM snapshots"), 3);
    fixture_remove(&f);
}

#define SEEN "SELECT ts_seen - 1795446000000000000 FROM quotes WHERE symbol = 'A'"

/* The end stores what the timer has not stored yet. */
static void confirmations_are_stored(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t changed, confirmed; /* when, after T0; 0 = not */
        double seen;                /* in the view: the later of both times */
        double stored; /* in quote_seen: the time by the clock as it is now; -1 = no row */
    } rows[] = {
        {"a change", 5, 0, 5, -1},
        {"a change and a confirmation", 5, 9, 9, 9},
        {"only a confirmation", 0, 9, 9, 9},
        {"a confirmation after the clock was set back", 5, 3, 5, 3},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct fixture f = fixture_make();
        struct bench b = begin(&f);
        t_row(rows[i].name);
        int32_t a = recorder_instrument(b.recorder, "ROFX", "A");
        update(&b, a, 1, T0);
        if (rows[i].changed)
            update(&b, a, 2, T0 + rows[i].changed);
        if (rows[i].confirmed)
            recorder_confirm(b.recorder, a, T0 + rows[i].confirmed);
        end(&b);
        t_double(ask(&f, SEEN), rows[i].seen);
        t_double(ask(&f, "SELECT ifnull(max(ts_seen) - 1795446000000000000, -1) FROM quote_seen"),
                 rows[i].stored);
        fixture_remove(&f);
    }
}

/* A change after the clock was set back has a lower time than a confirmation before it. */
static void a_change_after_the_clock_was_set_back(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct bench b = begin(&f);
    int32_t a = recorder_instrument(b.recorder, "ROFX", "A");
    update(&b, a, 1, T0);
    recorder_confirm(b.recorder, a, T0 + 50);
    end(&b);
    b = begin(&f);
    update(&b, 0, 2, T0 + 20);
    end(&b);
    t_double(ask(&f, SEEN), 20);
    fixture_remove(&f);
}

/* The row of a change has its time: writing it a second time would cost as much as half a row. */
static void only_confirmations_after_a_change_are_stored(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct bench b = begin(&f);
    int32_t a = recorder_instrument(b.recorder, "ROFX", "A");
    update(&b, a, 1, T0);
    recorder_confirm(b.recorder, a, T0 + 50);
    end(&b);
    b = begin(&f);
    update(&b, 0, 2, T0 + 70);
    end(&b);
    t_double(ask(&f, "SELECT ts_seen - 1795446000000000000 FROM quote_seen"), 50);
    t_double(ask(&f, SEEN), 70);
    b = begin(&f);
    recorder_confirm(b.recorder, 0, T0 + 60); /* the clock was set back, and is set again */
    end(&b);
    t_double(ask(&f, "SELECT ts_seen - 1795446000000000000 FROM quote_seen"), 60);
    b = begin(&f);
    update(&b, 0, 3, T0 + 90);
    recorder_confirm(b.recorder, 0, T0 + 95);
    end(&b);
    t_double(ask(&f, "SELECT ts_seen - 1795446000000000000 FROM quote_seen"), 95);
    t_double(ask(&f, SEEN), 95);
    fixture_remove(&f);
}

struct waiting {
    struct bench *bench;
    struct loop_timer *timer;
    const struct fixture *fixture;
};

static void look(void *arg)
{
    struct waiting *w = arg;
    if (ask(w->fixture, SEEN) == 9)
        loop_stop(w->bench->loop);
    else
        loop_timer_set(w->timer, 20);
}

static void the_timer_stores_confirmations_while_running(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct bench b = begin(&f);
    struct waiting w = {&b, NULL, &f};
    int32_t a = recorder_instrument(b.recorder, "ROFX", "A");
    update(&b, a, 1, T0);
    recorder_confirm(b.recorder, a, T0 + 9);
    w.timer = loop_timer_create(b.loop, look, &w);
    loop_timer_set(w.timer, 20);
    loop_run(b.loop); /* until it is there; else the test's time-out ends it */
    loop_timer_destroy(w.timer);
    end(&b);
    fixture_remove(&f);
}

static void an_unreadable_database_is_an_error(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct bench b = {.loop = loop_create(), .observers = observers_create()};
    struct err err;
    char path[128];
    struct store_observer *observer = NULL;
    b.store = fixture_store(f.path, 0);
    b.market = market_create(0);
    snprintf(path, sizeof(path), "%s/none.db", f.dir);
    const struct store_observer_parts parts = {b.loop, b.observers, b.store, path, b.market};
    t_true(store_observer_create(&observer, &parts, &err) < 0);
    t_true(observer == NULL);
    t_true(strstr(err.text, "none.db") != NULL);
    observers_instrument(b.observers, 0, "ROFX", "A"); /* it does not observe */
    end(&b);
    t_int(ask(&f, "SELECT count(*) FROM instrument"), 0);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_observed_is_in_the_database),
        cmocka_unit_test(the_next_run_continues),
        cmocka_unit_test(confirmations_are_stored),
        cmocka_unit_test(a_change_after_the_clock_was_set_back),
        cmocka_unit_test(only_confirmations_after_a_change_are_stored),
        cmocka_unit_test(the_timer_stores_confirmations_while_running),
        cmocka_unit_test(an_unreadable_database_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
