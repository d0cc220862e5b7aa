#include "store/write/coverage_cuts.h"

#include "support/t.h"

#include <string.h>

/* A new cut that begins earlier is of the database that replaced a lost one, or the clock was set
 * back. */
static void cuts_stay_in_order_and_apart(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct coverage_cut added[4];
        const char *expected;
    } rows[] = {
        {"one after the other", {{10, 20}, {30, 40}}, "10-20 30-40 "},
        {"the same one again", {{10, 20}, {10, 20}}, "10-20 "},
        {"goes on", {{10, 20}, {20, 40}}, "10-40 "},
        {"all before", {{10, 20}, {30, 40}, {0, 50}}, "0-50 "},
        {"all before, and the last one ends later", {{10, 20}, {30, 60}, {0, 50}}, "0-60 "},
        {"inside", {{10, 60}, {20, 30}}, "10-60 "},
        {"the clock was set back", {{100, 120}, {10, 20}}, "10-20 100-120 "},
        {"set back into the middle", {{10, 20}, {100, 120}, {50, 60}}, "10-20 50-60 100-120 "},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct coverage_cuts cuts = {0};
        char text[128] = "";
        t_row(rows[i].name);
        for (size_t k = 0; k < 4 && rows[i].added[k].ts_to; k++)
            coverage_cuts_add(&cuts, rows[i].added[k]);
        for (size_t k = 0; k < cuts.count; k++)
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "%lld-%lld ",
                     (long long)cuts.cut[k].ts_from, (long long)cuts.cut[k].ts_to);
        t_str(text, rows[i].expected);
    }
    t_row("");
}

/* When full, a cut is joined with its neighbour: more is cut, and nothing lost is covered. */
static void a_full_list_of_cuts_loses_none(void **state)
{
    (void)state;
    struct coverage_cuts cuts = {0};
    for (int i = 1; i <= COVERAGE_CUTS; i++)
        coverage_cuts_add(&cuts, (struct coverage_cut){i * 10, i * 10 + 5});
    coverage_cuts_add(&cuts, (struct coverage_cut){12345, 12350});
    t_int(cuts.count, COVERAGE_CUTS);
    t_int(cuts.cut[COVERAGE_CUTS - 1].ts_to, 12350);
    coverage_cuts_add(&cuts, (struct coverage_cut){2, 3});
    t_int(cuts.count, COVERAGE_CUTS);
    t_int(cuts.cut[0].ts_from, 2);
    t_int(cuts.cut[0].ts_to, 15);
}

/* The parts of an interval that remain, the last one in brackets when it is empty. */
static void an_interval_is_split_at_its_cuts(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t ts_from, ts_to;
        const char *expected;
    } rows[] = {
        {"before all", 0, 10, "0-10 stale"},
        {"after all", 60, 70, "60-70 stale"},
        {"begins with a cut", 10, 25, "10-10 dropped 20-25 stale"},
        {"ends in a cut", 5, 15, "5-10 dropped 20-15 stale"},
        {"inside a cut", 12, 15, "12-10 dropped 20-15 stale"},
        {"over both", 0, 70, "0-10 dropped 20-40 dropped 50-70 stale"},
        {"between both", 20, 40, "20-40 stale"},
    };
    struct coverage_cuts cuts = {.cut = {{10, 20}, {40, 50}}, .count = 2};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct store_span span = {
            .ts_from = rows[i].ts_from, .ts_to = rows[i].ts_to, .reason = EVENT_STALE};
        struct store_span piece;
        char text[128] = "";
        size_t used = 0;
        t_row(rows[i].name);
        while (coverage_cuts_split(&cuts, &span, &piece))
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%lld-%lld %s ",
                                     (long long)piece.ts_from, (long long)piece.ts_to,
                                     event_kind_name(piece.reason));
        snprintf(text + used, sizeof(text) - used, "%lld-%lld %s", (long long)span.ts_from,
                 (long long)span.ts_to, event_kind_name(span.reason));
        t_str(text, rows[i].expected);
    }
    t_row("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_stay_in_order_and_apart),
        cmocka_unit_test(a_full_list_of_cuts_loses_none),
        cmocka_unit_test(an_interval_is_split_at_its_cuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
