#include "service/status.h"

#include "base/json.h"
#include "market/demand.h"
#include "record/observers.h"
#include "record/recent_events.h"
#include "replica/replica.h"
#include "service/lease_view.h"
#include "sink/sink.h"
#include "support/t.h"

#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define T0 INT64_C(1795446000000000000) /* 2026-11-23 15:00:00 UTC */

/* The facts of a service that has just started, and the document made of them. */
struct bench {
    struct status_facts facts;
    struct store_stats store;
    struct request_budget budget;
    struct observers *observers;
    struct recent_events *recent;
    struct demand *demand;
    struct buf text;
    struct json_parser *parser;
    const struct json *root;
};

static void on_ended(void *arg, const struct demand_item *item, enum demand_end why)
{
    (void)arg;
    (void)item;
    (void)why;
}

static struct bench *begin(void)
{
    struct bench *b = calloc(1, sizeof(*b));
    struct err err;
    b->observers = observers_create();
    t_int(recent_events_create(&b->recent, b->observers, &err), 0);
    b->demand = demand_create(on_ended, NULL);
    b->parser = json_parser_create();
    buf_init(&b->text, 1 << 20);
    b->store.bytes_per_day = NAN;
    b->budget = budget_init(2);
    b->facts = (struct status_facts){
        .now = {.mono_ms = 90000, .wall_ns = T0},
        .started = {.mono_ms = 30000, .wall_ns = T0 - 60 * NS_PER_S},
        .broker_url = "https://broker.test/",
        .store_path = "/",
        .token_state = "held",
        .budget = &b->budget,
        .store = &b->store,
        .recent = b->recent,
        .demand = b->demand,
    };
    return b;
}

static void put(struct bench *b)
{
    struct err err;
    buf_clear(&b->text);
    status_put(&b->text, &b->facts);
    b->root = json_parse(b->parser, buf_text(&b->text), b->text.len_bytes, &err);
    if (!b->root)
        fail_msg("not JSON: %s: %s", err.text, buf_text(&b->text));
}

static void end(struct bench *b)
{
    demand_destroy(b->demand);
    json_parser_destroy(b->parser);
    buf_finish(&b->text);
    recent_events_destroy(b->recent);
    observers_destroy(b->observers);
    free(b);
}

static const struct json *member(const struct bench *b, const char *section, const char *key)
{
    const struct json *at = section ? json_get(b->root, section) : b->root;
    const struct json *value = json_get(at, key);
    if (!value)
        fail_msg("%s: no %s.%s in %s", t_row_name, section ? section : "", key, buf_text(&b->text));
    return value;
}

static double number(const struct bench *b, const char *section, const char *key)
{
    double value = NAN;
    t_true(json_number(member(b, section, key), &value));
    return value;
}

static const char *text(const struct bench *b, const char *section, const char *key)
{
    return json_string(member(b, section, key));
}

static bool is_null(const struct bench *b, const char *section, const char *key)
{
    return json_type(member(b, section, key)) == JSON_NULL;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void what_clients_demand(void **state)
{
    (void)state;
    static const char *const symbols[] = {"A", "B", "C", "D"};
    struct bench *b = begin();
    demand_set_max(b->demand, 4);
    for (int32_t i = 0; i < 4; i++) {
        demand_want(b->demand, symbols[i], DEMAND_LISTED, 1);
        demand_bind(b->demand, i, i);
    }
    demand_settle(b->demand, true);
    demand_want(b->demand, "E", DEMAND_LISTED, 1);
    demand_want(b->demand, "F", DEMAND_UNLISTED, 1);
    for (int32_t i = 0; i < 3; i++) {
        demand_try(b->demand, i);
        demand_proved(b->demand, i);
    }
    demand_configured(b->demand, 1, true); /* recorded in any case */
    put(b);
    t_double(number(b, "on_demand", "allowed"), 4);
    t_double(number(b, "on_demand", "recorded"), 2);
    t_double(number(b, "on_demand", "waiting"), 1);
    t_double(number(b, "on_demand", "refused_full"), 1);
    t_double(number(b, "on_demand", "refused_unknown"), 1);
    const struct json *name = json_first(member(b, "on_demand", "symbols"));
    t_str(json_string(name), "A");
    t_str(json_string(json_next(name)), "C");
    t_true(!json_next(json_next(name)));
    end(b);
}

static void before_the_first_list(void **state)
{
    (void)state;
    struct bench *b = begin();
    put(b);
    t_str(text(b, NULL, "mode"), "starting");
    t_str(text(b, NULL, "broker"), "https://broker.test/");
    t_double(number(b, NULL, "uptime_s"), 60);
    t_double(number(b, NULL, "pid"), getpid());
    t_str(text(b, NULL, "started"), "2026-11-23T14:59:00.000Z");
    t_str(text(b, "token", "state"), "held");
    t_true(is_null(b, "token", "age_s"));
    t_true(json_get(b->root, "polling") == NULL);
    end(b);
}

static void requests(void **state)
{
    (void)state;
    struct bench *b = begin();
    budget_spend(&b->budget, BUDGET_LOGIN, 80000);
    budget_spend(&b->budget, BUDGET_POLL, 85000);
    budget_slow(&b->budget, 85000, 86000, 60000);
    put(b);
    t_double(number(b, "budget", "rate"), 1);
    t_double(number(b, "budget", "hold_s"), 56);
    const struct json *login = member(b, "budget", "login");
    double used, allowed, period_s, wait_s;
    t_true(json_number(json_get(login, "used"), &used) &&
           json_number(json_get(login, "allowed"), &allowed) &&
           json_number(json_get(login, "period_s"), &period_s) &&
           json_number(json_get(login, "wait_s"), &wait_s));
    t_double(used, 1);
    t_double(allowed, 1);
    t_double(period_s, 86400);
    t_double(wait_s, 0);
    t_true(json_number(json_get(member(b, "budget", "poll"), "used"), &used));
    t_double(used, 1);
    end(b);
}

static void ages(void **state)
{
    (void)state;
    struct bench *b = begin();
    b->facts.token_ns = T0 - 90 * NS_PER_S;
    put(b);
    t_double(number(b, "token", "age_s"), 90);
    b->facts.token_ns = T0 + NS_PER_S; /* the clock was set back */
    put(b);
    t_double(number(b, "token", "age_s"), 0);
    end(b);
}

static void the_store(void **state)
{
    (void)state;
    struct bench *b = begin();
    b->store = (struct store_stats){.snapshots_written = 7,
                                    .commits = 3,
                                    .snapshots_moved = 5,
                                    .snapshots_trimmed = 2,
                                    .backlog_rows = 4,
                                    .dropped = 6,
                                    .failing = true,
                                    .tapes_merged = 8,
                                    .trades_listed = 900,
                                    .tapes_waiting = 1,
                                    .used_bytes = 4096,
                                    .bytes_per_day = 1000};
    put(b);
    t_double(number(b, "store", "snapshots"), 7);
    t_double(number(b, "store", "commits"), 3);
    t_double(number(b, "store", "moved"), 5);
    t_double(number(b, "store", "trimmed"), 2);
    t_double(number(b, "store", "queue"), 4);
    t_double(number(b, "store", "dropped"), 6);
    t_true(json_is_true(member(b, "store", "failing")));
    t_double(number(b, "tape", "lists"), 8);
    t_double(number(b, "tape", "added"), 900);
    t_double(number(b, "tape", "waiting"), 1);
    t_double(number(b, "store", "used_bytes"), 4096);
    t_double(number(b, "store", "growth_bytes_per_day"), 1000);
    end(b);
}

/* Free space of the file system of "/"; other programs change it during the test. */
static double room(void)
{
    struct statvfs disk;
    t_int(statvfs("/", &disk), 0);
    return (double)disk.f_bavail * (double)disk.f_frsize;
}

#define LARGE 1e18 /* bytes: much more than any disk has */

static void when_the_disk_will_be_full(void **state)
{
    (void)state;
    const double here = room();
    const struct {
        const char *name;
        double free_bytes, per_day;
        double days; /* NAN = null */
    } rows[] = {
        {"the free space of the disk", 0, here / 5, 5},
        {"free pages of the file count too", LARGE, LARGE / 10, 10},
        {"almost a century", 0, here / 36000, 36000},
        {"more than a century", 0, here / 37000, NAN},
        {"it does not grow", 0, 0, NAN},
        {"it shrinks", 0, -here / 5, NAN},
        {"the growth is not known yet", 0, NAN, NAN},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct bench *b = begin();
        int64_t full_ns = 0;
        t_row(rows[i].name);
        b->store.free_bytes = (int64_t)rows[i].free_bytes;
        b->store.bytes_per_day = rows[i].per_day;
        put(b);
        t_true(fabs(number(b, "store", "disk_free_bytes") / here - 1) < 0.05);
        t_int(is_null(b, "store", "disk_full"), isnan(rows[i].days));
        if (!isnan(rows[i].days)) {
            t_true(clock_parse_text(text(b, "store", "disk_full"), &full_ns));
            double days = (double)(full_ns - T0) / (double)NS_PER_DAY;
            t_true(fabs(days / rows[i].days - 1) < 0.05);
        }
        end(b);
    }
}

static void a_disk_that_cannot_be_asked(void **state)
{
    (void)state;
    struct bench *b = begin();
    b->facts.store_path = "/nonexistent/cinta.db";
    b->store.bytes_per_day = 1000;
    put(b);
    t_true(is_null(b, "store", "disk_free_bytes"));
    t_true(is_null(b, "store", "disk_full"));
    t_true(is_null(b, "store", "bytes"));
    t_true(is_null(b, "store", "used_bytes")); /* not measured yet */
    end(b);
}

static void the_daily_export(void **state)
{
    (void)state;
    struct bench *b = begin();
    put(b);
    t_true(is_null(b, "export", "next"));
    b->facts.export = (struct daily_export_state){
        .wanted = true, .running = true, .failures = 2, .due_ns = T0 + 3600 * NS_PER_S};
    put(b);
    t_str(text(b, "export", "next"), "2026-11-23T16:00:00.000Z");
    t_true(json_is_true(member(b, "export", "running")));
    t_double(number(b, "export", "failures"), 2);
    end(b);
}

static void the_alerts(void **state)
{
    (void)state;
    struct bench *b = begin();
    b->facts.alerts = (struct alerter_state){.wanted = true, .sent = 4, .failures = 1};
    put(b);
    t_true(json_is_true(member(b, "alerts", "wanted")));
    t_true(!json_is_true(member(b, "alerts", "running")));
    t_double(number(b, "alerts", "sent"), 4);
    t_double(number(b, "alerts", "failures"), 1);
    end(b);
}

static void the_events(void **state)
{
    (void)state;
    struct bench *b = begin();
    put(b);
    t_true(json_first(json_get(b->root, "events")) == NULL);
    observers_event(b->observers, &(struct observed_event){.ts = T0,
                                                           .kind = EVENT_CROSSED_BOOK,
                                                           .symbol = "A \"B\"",
                                                           .detail = "line\\"});
    observers_event(b->observers, &(struct observed_event){
                                      .ts = T0 + NS_PER_S, .kind = EVENT_LOGIN, .detail = "in"});
    put(b);
    const struct json *first = json_first(json_get(b->root, "events"));
    const struct json *second = json_next(first);
    t_str(json_string(json_get(first, "time")), "2026-11-23T15:00:00.000Z");
    t_str(json_string(json_get(first, "kind")), "crossed_book");
    t_str(json_string(json_get(first, "symbol")), "A \"B\"");
    t_str(json_string(json_get(first, "detail")), "line\\");
    t_str(json_string(json_get(second, "kind")), "login");
    t_int(json_type(json_get(second, "symbol")), JSON_NULL);
    t_true(json_next(second) == NULL);
    end(b);
}

static void past_one_machine(void **state)
{
    const struct lease_facts lease = {
        .name = "market", .role = LEASE_ROLE_STANDBY, .state = {.host = "a.example", .term = 3}};
    const struct sink_state sink = {.phase = SINK_PUBLISHING, .stream = "CINTA", .behind = 7};
    const struct replica_state replica = {.phase = REPLICA_READING, .stream = "CINTA", .behind = 9};
    struct bench *b = begin();
    (void)state;
    b->facts.lease = &lease;
    b->facts.sink = &sink;
    put(b);
    t_str(text(b, NULL, "mode"), "standby");
    t_str(text(b, NULL, "why"), "a.example has the lease");
    t_str(text(b, "lease", "state"), "standby");
    t_double(number(b, "lease", "term"), 3);
    t_str(text(b, "sink", "state"), "publishing");
    t_double(number(b, "sink", "behind"), 7);

    b->facts.lease = NULL;
    b->facts.replica = &replica;
    put(b);
    t_str(text(b, NULL, "mode"), "replica");
    t_str(text(b, "replica", "state"), "reading");
    t_double(number(b, "replica", "behind"), 9);
    end(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_the_first_list),
        cmocka_unit_test(what_clients_demand),
        cmocka_unit_test(requests),
        cmocka_unit_test(ages),
        cmocka_unit_test(the_store),
        cmocka_unit_test(when_the_disk_will_be_full),
        cmocka_unit_test(a_disk_that_cannot_be_asked),
        cmocka_unit_test(the_daily_export),
        cmocka_unit_test(the_alerts),
        cmocka_unit_test(the_events),
        cmocka_unit_test(past_one_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
