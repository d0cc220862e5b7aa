#include "service/daily_export.h"

#include "base/clock.h"
#include "record/events.h"
#include "record/observers.h"
#include "support/store_fixture.h"

#define HOUR_NS (3600 * NS_PER_S)

static struct now present; /* T0 is 12:00 in Argentina */

struct now __wrap_clock_now(void);
struct now __wrap_clock_now(void)
{
    return present;
}

struct bench {
    struct fixture fixture;
    struct loop *loop;
    struct observers *observers;
    struct events *events;
    struct daily_export *export;
};

/* The database has an event export_done at this time; 0 = none. */
static struct bench begin(int64_t now_ns, int64_t done_ns)
{
    struct bench b = {.fixture = fixture_make()};
    struct err err;
    present = (struct now){.mono_ms = 5000, .wall_ns = now_ns};
    struct store *store = fixture_store(b.fixture.path, 0);
    if (done_ns)
        store_event(store, done_ns, EVENT_EXPORT_DONE, NULL, "done");
    fixture_close(store);
    b.loop = loop_create();
    b.observers = observers_create();
    b.events = events_create(b.observers);
    t_int(daily_export_create(&b.export, b.loop, b.events, b.fixture.path, &err), 0);
    return b;
}

static void end(struct bench *b)
{
    daily_export_destroy(b->export);
    events_destroy(b->events);
    observers_destroy(b->observers);
    loop_destroy(b->loop);
    fixture_remove(&b->fixture);
}

static struct daily_export_state configured(struct bench *b, char *at)
{
    const struct config config = {.file = "cinta.conf", .export = {.at = at}};
    daily_export_configure(b->export, &config);
    return daily_export_state(b->export);
}

static void when_the_next_run_is_due(void **state)
{
    (void)state;
    static const struct {
        const char *name, *at;
        int64_t now_h, done_h; /* hours after T0; done 0 = never */
        int64_t due_h;
        int due_min;
    } rows[] = {
        {"later today", "17:30", 0, 0, 5, 30},
        {"earlier today: tomorrow", "09:05", 0, 0, 21, 5},
        {"midnight", "00:00", 0, 0, 12, 0},
        {"the last minute of the day", "23:59", 0, 0, 11, 59},
        {"done today", "11:00", 0, -1, 23, 0},
        {"yesterday's was done, today's was missed", "11:00", 0, -24, -1, 0},
        {"days were missed: due since the first of them", "11:00", 0, -73, -49, 0},
        {"a run in the future is ignored", "17:30", 0, 1000, 5, 30},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char at[8];
        t_row(rows[i].name);
        snprintf(at, sizeof(at), "%s", rows[i].at);
        struct bench b = begin(T0 + rows[i].now_h * HOUR_NS,
                               rows[i].done_h ? T0 + rows[i].done_h * HOUR_NS + NS_PER_S : 0);
        struct daily_export_state s = configured(&b, at);
        t_true(s.wanted && !s.running);
        t_int(s.failures, 0);
        t_int((s.due_ns - T0) / (60 * NS_PER_S), rows[i].due_h * 60 + rows[i].due_min);
        end(&b);
    }
}

static void without_a_time_there_is_none(void **state)
{
    (void)state;
    struct bench b = begin(T0, 0);
    struct daily_export_state s = daily_export_state(b.export); /* not configured yet */
    t_true(!s.wanted);
    t_int(s.due_ns, 0);
    t_true(configured(&b, "17:30").wanted);
    s = configured(&b, "");
    t_true(!s.wanted);
    t_int(s.due_ns, 0);
    end(&b);
}

static void a_missing_database_is_an_error(void **state)
{
    (void)state;
    struct bench b = begin(T0, 0);
    struct daily_export *none = NULL;
    struct err err;
    t_true(daily_export_create(&none, b.loop, b.events, "/nonexistent/cinta.db", &err) < 0);
    t_true(none == NULL);
    t_true(strstr(err.text, "/nonexistent/cinta.db") != NULL);
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(when_the_next_run_is_due),
        cmocka_unit_test(without_a_time_there_is_none),
        cmocka_unit_test(a_missing_database_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
