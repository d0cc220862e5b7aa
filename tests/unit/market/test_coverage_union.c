#include "market/coverage_union.h"

#include "base/rng.h"
#include "support/t.h"

#include <stdlib.h>

#define MAX 12

/* Rows of a table: recorder, source, from, to. */
struct list {
    size_t count;
    struct coverage_part parts[MAX];
};

#define R SOURCE_REST
#define S SOURCE_STREAM
#define M SOURCE_MATRIZ
#define PART(of, by, from, to)                                                                     \
    {                                                                                              \
        .ts_from = from, .ts_to = to, .source = by, .recorder = of, .reason = "reason"             \
    }
#define LIST(...)                                                                                  \
    {                                                                                              \
        sizeof((struct coverage_part[]){__VA_ARGS__}) / sizeof(struct coverage_part),              \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

static void text_of(const struct coverage_part *parts, size_t count, char out[512])
{
    size_t used = 0;
    *out = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(out + used, 512 - used, "%s%c%c%lld-%lld%s%s", i ? " " : "",
                                 'A' + parts[i].recorder, "?RSM"[parts[i].source],
                                 (long long)parts[i].ts_from, (long long)parts[i].ts_to,
                                 parts[i].begun ? "" : "+", parts[i].reason ? "" : "...");
}

static void times_of(const struct coverage_part *parts, size_t count, char out[512])
{
    size_t used = 0;
    *out = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(out + used, 512 - used, "%s%lld-%lld", i ? " " : "",
                                 (long long)parts[i].ts_from, (long long)parts[i].ts_to);
}

/* A: recorder 0, B: recorder 1; S stream, R REST, M terminal; "+": it has begun before; "...": it
 * goes on. Missed: only the times. */
static void the_best_source_counts_at_each_moment(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct list given;
        const char *all, *missed_a, *missed_b;
    } rows[] = {
        {"one recorder", LIST(PART(0, S, 10, 20), PART(0, R, 20, 30)), "AS10-20 AR20-30", "",
         "10-30"},
        {"one after the other", LIST(PART(1, S, 30, 40), PART(0, S, 10, 20)), "AS10-20 BS30-40",
         "30-40", "10-20"},
        {"the same time", LIST(PART(0, S, 10, 20), PART(1, S, 10, 20)), "AS10-20", "", ""},
        {"the second goes on", LIST(PART(0, S, 10, 20), PART(1, S, 15, 30)), "AS10-20 BS20-30+",
         "20-30", "10-15"},
        {"a stream is better than REST", LIST(PART(0, R, 10, 40), PART(1, S, 20, 30)),
         "AR10-20... BS20-30 AR30-40+", "", "10-20 30-40"},
        {"the terminal is better than REST, not than a stream",
         LIST(PART(0, M, 10, 40), PART(1, S, 20, 30), PART(1, R, 30, 50)),
         "AM10-20... BS20-30 AM30-40+ BR40-50+", "40-50", "10-20"},
        {"the recorder is kept", LIST(PART(0, S, 10, 20), PART(1, S, 15, 30), PART(0, S, 22, 40)),
         "AS10-20 BS20-30+ AS30-40+", "20-22", "10-15 30-40"},
        {"a hole within", LIST(PART(0, S, 10, 20), PART(0, S, 25, 40), PART(1, S, 5, 50)), "BS5-50",
         "5-10 20-25 40-50", ""},
        {"midnight splits", LIST(PART(0, S, 10, 20), PART(0, S, 20, 30), PART(1, S, 10, 15)),
         "AS10-20 AS20-30", "", "15-30"},
        {"nothing", {0, {PART(0, S, 0, 0)}}, "", "", ""},
        {"no time", LIST(PART(0, S, 10, 10), PART(1, S, 10, 20)), "BS10-20", "10-20", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct list given = rows[i].given;
        struct coverage_part all[2 * MAX], missed[3 * MAX];
        char text[512];
        t_row(rows[i].name);
        size_t count = coverage_union(given.parts, given.count, all);
        const struct coverage_union_parts parts = {given.parts, given.count, all, count};
        text_of(all, count, text);
        t_str(text, rows[i].all);
        times_of(missed, coverage_union_missed(&parts, 0, missed), text);
        t_str(text, rows[i].missed_a);
        times_of(missed, coverage_union_missed(&parts, 1, missed), text);
        t_str(text, rows[i].missed_b);
    }
}

static void what_was_missed_has_the_reason_of_its_recorder(void **state)
{
    (void)state;
    struct list given = LIST(PART(0, S, 10, 20), PART(1, S, 5, 50));
    struct coverage_part all[2 * MAX], missed[3 * MAX];
    given.parts[0].reason = "broker_down";
    size_t count = coverage_union(given.parts, given.count, all);
    const struct coverage_union_parts parts = {given.parts, given.count, all, count};
    t_int(coverage_union_missed(&parts, 0, missed), 2);
    t_str(missed[0].reason, NULL);
    t_str(missed[1].reason, "broker_down");
}

/* --- any parts ---------------------------------------------------------------------------------
 */

#define TIME 64

static bool covers(const struct coverage_part *parts, size_t count, int recorder, int64_t ts)
{
    for (size_t i = 0; i < count; i++) {
        if ((recorder < 0 || parts[i].recorder == recorder) && parts[i].ts_from <= ts &&
            ts < parts[i].ts_to)
            return true;
    }
    return false;
}

static void the_union_covers_what_any_recorder_covers(void **state)
{
    (void)state;
    struct rng rng = {7};
    t_row("random parts");
    for (int run = 0; run < 20000; run++) {
        struct coverage_part given[MAX], all[2 * MAX], missed[3 * MAX];
        size_t count = (size_t)rng_below(&rng, MAX + 1);
        for (size_t i = 0; i < count; i++) {
            int64_t from = rng_below(&rng, TIME);
            given[i] = (struct coverage_part){.ts_from = from,
                                              .ts_to = from + rng_below(&rng, TIME - from),
                                              .source = (enum source)(1 + rng_below(&rng, 3)),
                                              .recorder = (int)rng_below(&rng, 3),
                                              .reason = "r"};
        }
        size_t made = coverage_union(given, count, all);
        t_true(made <= 2 * count);
        for (size_t i = 1; i < made; i++)
            t_true(all[i].ts_from >= all[i - 1].ts_to && all[i].ts_from < all[i].ts_to);
        const struct coverage_union_parts parts = {given, count, all, made};
        for (int of = 0; of < 3; of++) {
            size_t lost = coverage_union_missed(&parts, of, missed);
            t_true(lost <= count + made);
            for (int64_t ts = 0; ts < TIME; ts++) {
                t_int(covers(all, made, -1, ts), covers(given, count, -1, ts));
                t_int(covers(missed, lost, -1, ts),
                      covers(given, count, -1, ts) && !covers(given, count, of, ts));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_source_counts_at_each_moment),
        cmocka_unit_test(what_was_missed_has_the_reason_of_its_recorder),
        cmocka_unit_test(the_union_covers_what_any_recorder_covers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
