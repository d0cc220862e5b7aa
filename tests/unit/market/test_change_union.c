#include "market/change_union.h"

#include "base/clock.h"
#include "support/t.h"

#define MAX 8
#define R   SOURCE_REST
#define S   SOURCE_STREAM

/* Seconds; the last price is the state. */
struct span_row {
    int recorder;
    enum source source;
    int from, to;
};
struct row {
    int recorder, at, price;
};

struct output {
    char text[512];
    size_t used;
};

static void put(void *arg, const struct change_row *row)
{
    struct output *out = arg;
    out->used += (size_t)snprintf(out->text + out->used, sizeof(out->text) - out->used,
                                  "%s%c%lld:%.0f%s", out->used ? " " : "", 'A' + row->recorder,
                                  (long long)(row->ts_recv / NS_PER_S), row->quote.last_price,
                                  row->changed & ENTRY_BIT(ENTRY_LA) ? "" : "!");
    if (row->changed & ENTRY_BIT(ENTRY_OI))
        out->used += (size_t)snprintf(out->text + out->used, sizeof(out->text) - out->used, "oi");
}

static struct change_row change(const struct row *row, int64_t seq)
{
    struct change_row change = {.recorder = row->recorder,
                                .seq = seq,
                                .ts_recv = row->at * NS_PER_S,
                                .source = S,
                                .changed = ENTRY_BIT(ENTRY_LA),
                                .quote = quote_none()};
    change.quote.last_price = row->price;
    return change;
}

static void each_change_is_taken_once(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct span_row spans[MAX];
        struct row rows[MAX];
        const char *taken;
    } rows[] = {
        {"one recorder", {{0, S, 0, 50}}, {{0, 1, 5}, {0, 2, 6}, {0, 3, 5}}, "A1:5 A2:6 A3:5"},
        {"both saw everything",
         {{0, S, 0, 50}, {1, S, 0, 50}},
         {{0, 1, 5}, {1, 1, 5}, {1, 2, 6}, {0, 2, 6}},
         "A1:5 A2:6"},
        {"the second takes over",
         {{0, S, 0, 10}, {1, S, 8, 50}},
         {{0, 1, 5}, {0, 9, 6}, {1, 8, 5}, {1, 9, 6}, {1, 12, 7}},
         "A1:5 A9:6 B12:7"},
        {"what the first missed just before its end",
         {{0, R, 0, 10}, {1, R, 5, 50}},
         {{0, 1, 5}, {1, 6, 5}, {1, 9, 6}, {1, 20, 7}},
         "A1:5 B9:6 B20:7"},
        {"an older state of a recorder that polls is not a change",
         {{0, S, 0, 10}, {1, R, 5, 50}},
         {{1, 5, 5}, {0, 6, 6}, {0, 9, 7}, {1, 11, 7}, {1, 12, 8}},
         "A6:6 A9:7 B12:8"},
        {"a state of earlier that is confirmed when the coverage begins",
         {{1, S, 0, 2}, {0, S, 3, 10}, {1, S, 20, 50}},
         {{1, 1, 5}, {0, 3, 5}, {0, 9, 6}, {1, 30, 8}},
         "B1:5 A9:6 B20:5 B30:8"},
        {"a new state when the coverage begins",
         {{1, S, 0, 2}, {0, S, 3, 10}, {1, S, 20, 50}},
         {{1, 1, 5}, {0, 3, 5}, {0, 9, 6}, {1, 20, 8}, {1, 30, 9}},
         "B1:5 A9:6 B20:8 B30:9"},
        {"confirmed, and no change after it",
         {{1, S, 0, 2}, {0, S, 3, 10}, {1, S, 20, 50}},
         {{1, 1, 5}, {0, 9, 6}},
         "B1:5 A9:6 B20:5"},
        {"outside of all coverage every change counts",
         {{0, S, 0, 10}},
         {{0, 1, 5}, {1, 20, 5}, {1, 21, 6}, {0, 22, 6}, {0, 23, 7}},
         "A1:5 B21:6 A23:7"},
        {"the last moment belongs to the interval",
         {{0, S, 0, 10}, {1, S, 20, 30}},
         {{0, 10, 5}, {1, 10, 6}, {1, 30, 7}},
         "A10:5 B20:6 B30:7"},
        {"the same recorder with another source goes on",
         {{0, S, 0, 10}, {0, R, 10, 20}, {1, R, 0, 30}},
         {{1, 1, 4}, {0, 1, 5}, {0, 12, 6}, {1, 12, 6}, {1, 25, 7}},
         "A1:5 A12:6 B25:7"},
        {"no coverage at all", {{0}}, {{0, 1, 5}, {1, 2, 5}, {1, 3, 6}}, "A1:5 B3:6"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static struct change_union all;
        struct coverage_part parts[MAX], spans[2 * MAX];
        struct output out = {.used = 0};
        size_t count = 0;
        t_row(rows[i].name);
        for (; count < MAX && rows[i].spans[count].to; count++) {
            const struct span_row *span = &rows[i].spans[count];
            parts[count] = (struct coverage_part){.ts_from = span->from * NS_PER_S,
                                                  .ts_to = span->to * NS_PER_S,
                                                  .source = span->source,
                                                  .recorder = span->recorder};
        }
        count = coverage_union(parts, count, spans);
        change_union_begin(&all, spans, count, put, &out);
        for (int j = 0; j < MAX && rows[i].rows[j].at; j++) {
            struct change_row row = change(&rows[i].rows[j], j + 1);
            change_union_add(&all, &row);
        }
        change_union_end(&all);
        t_str(out.text, rows[i].taken);
    }
}

static void a_change_says_what_differs_from_the_union(void **state)
{
    (void)state;
    static struct change_union all;
    struct coverage_part parts[] = {
        {.ts_from = 0, .ts_to = 10 * NS_PER_S, .source = S, .recorder = 0},
        {.ts_from = 0, .ts_to = 50 * NS_PER_S, .source = S, .recorder = 1}};
    struct coverage_part spans[4];
    struct output out = {.used = 0};
    t_row("entries");
    size_t count = coverage_union(parts, 2, spans);
    change_union_begin(&all, spans, count, put, &out);
    struct change_row first = change(&(struct row){0, 1, 5}, 1), second = first;
    second.recorder = 1;
    second.ts_recv = 20 * NS_PER_S;
    second.quote.open_interest = 7; /* it changed together with the price, says its recorder */
    change_union_add(&all, &first);
    change_union_add(&all, &second);
    change_union_end(&all);
    t_str(out.text, "A1:5 B20:5!oi");
}

/* A market without orders or trades: each recorder has stored that, and nothing else. */
static void a_first_state_without_values(void **state)
{
    (void)state;
    const struct coverage_part spans[] = {{.ts_to = 50 * NS_PER_S, .source = S, .begun = true}};
    const struct row at[] = {{0, 1, 0}, {1, 2, 0}};
    struct output out = {.used = 0};
    struct change_union all;
    change_union_begin(&all, spans, 1, put, &out);
    for (size_t i = 0; i < T_COUNT(at); i++) {
        struct change_row row = change(&at[i], 1);
        row.quote = quote_none();
        change_union_add(&all, &row);
    }
    change_union_end(&all);
    t_str(out.text, "A1:nan");
    t_int(all.last.ts_recv, NS_PER_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_change_is_taken_once),
                                       cmocka_unit_test(a_change_says_what_differs_from_the_union),
                                       cmocka_unit_test(a_first_state_without_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
