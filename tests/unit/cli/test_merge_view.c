#include "cli/merge_view.h"

#include "base/clock.h"
#include "support/t.h"

#define T INT64_C(1795446000000000000) /* 2026-11-23 12:00:00 in Argentina */

static const char *const from[] = {"a.db", "/srv/b.db"};
static const struct merge_parts parts = {.from = from, .from_count = 2, .to = "c.db"};

static struct merge_report report_of(struct outage *outages, size_t count)
{
    struct merge_report report = {
        .shares = {{100, 90, 20, 15, 3}, {80, 40, 18, 7, 4}},
        .instruments = 12,
        .changes = 130,
        .trades = 22,
        .events = 8,
    };
    report.outages.item = outages;
    report.outages.count = count;
    report.outages.missed_ns[1] = 90 * NS_PER_S;
    return report;
}

static void a_table_and_the_outages(void **state)
{
    (void)state;
    struct outage outages[] = {
        {0, T, T + 60 * NS_PER_S, "killed", 60 * NS_PER_S, 12},
        {1, T, T + 90 * NS_PER_S, NULL, 90 * NS_PER_S, 1},
    };
    struct merge_report report = report_of(outages, 2);
    struct buf out;
    buf_init(&out, 65536);
    merge_view_text(&out, &parts, &report);
    t_contains(buf_text(&out),
               "a.db                100           90          20         15  0.0 s");
    t_contains(buf_text(&out), "c.db                             130                     22  "
                               "12 instruments, 8 events");
    t_contains(buf_text(&out), "a.db missed, and another one has:\n"
                               "  2026-11-23 12:00:00 ART");
    t_contains(buf_text(&out), "12 instruments  killed");
    t_contains(buf_text(&out), "1 instrument   not recorded before");
    buf_finish(&out);
}

static void no_more_outages_than_fit(void **state)
{
    (void)state;
    struct outage outages[MERGE_VIEW_MOST + 5];
    struct buf out;
    for (int i = 0; i < MERGE_VIEW_MOST + 5; i++)
        outages[i] = (struct outage){0, T + i * NS_PER_S, T + (i + 1) * NS_PER_S, "stale", 1, 1};
    struct merge_report report = report_of(outages, MERGE_VIEW_MOST + 5);
    buf_init(&out, 65536);
    merge_view_text(&out, &parts, &report);
    t_contains(buf_text(&out), "and 5 earlier (--json has all)");
    buf_clear(&out);
    merge_view_json(&out, &parts, &report);
    t_contains(buf_text(&out), "{\"database\":\"a.db\",\"from\":\"2026-11-23T15:00:24.000Z\"");
    buf_finish(&out);
}

static void json(void **state)
{
    (void)state;
    struct outage outages[] = {{1, T, T + 90 * NS_PER_S, NULL, 90 * NS_PER_S, 1}};
    struct merge_report report = report_of(outages, 1);
    struct buf out;
    buf_init(&out, 65536);
    merge_view_json(&out, &parts, &report);
    t_str(buf_text(&out),
          "{\"database\":\"c.db\",\"instruments\":12,\"changes\":130,\"trades\":22,\"events\":8,"
          "\"from\":[{\"database\":\"a.db\",\"changes\":100,\"changes_taken\":90,\"trades\":20,"
          "\"trades_taken\":15,\"events\":3,\"missed_s\":0},{\"database\":\"/srv/b.db\","
          "\"changes\":80,\"changes_taken\":40,\"trades\":18,\"trades_taken\":7,\"events\":4,"
          "\"missed_s\":90}],\"outages\":[{\"database\":\"/srv/b.db\","
          "\"from\":\"2026-11-23T15:00:00.000Z\",\"to\":\"2026-11-23T15:01:30.000Z\","
          "\"instruments\":1,\"reason\":null}]}\n");
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_and_the_outages),
        cmocka_unit_test(no_more_outages_than_fit),
        cmocka_unit_test(json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
