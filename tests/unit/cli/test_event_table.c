#include "cli/event_table.h"

#include "base/clock.h"
#include "support/t.h"

#define NOW INT64_C(1795446000000000000) /* 2026-11-23 12:00:00 in Argentina */

static void expect(struct event_table *events, size_t width, const char *expected)
{
    struct buf out;
    buf_init(&out, 4096);
    event_table_print(events, width, &out);
    t_str(buf_text(&out), expected);
    buf_finish(&out);
}

static void rows_and_their_symbols(void **state)
{
    (void)state;
    struct event_table events;
    event_table_init(&events, NOW);
    expect(&events, 80, ""); /* no titles without rows */
    event_table_add(&events, NOW - 3600 * NS_PER_S, "login", NULL, "logged in as alice");
    event_table_add(&events, NOW - 60 * NS_PER_S, "dropped", "", "one of many");
    event_table_add(&events, NOW, "dropped", "DLR/DIC26", "the broker does not know it");
    expect(&events, TABLE_WIDE,
           "time (ART)  event    what happened\n"
           "11:00:00    login    logged in as alice\n"
           "11:59:00    dropped  one of many\n"
           "12:00:00    dropped  DLR/DIC26: the broker does not know it\n");
    event_table_finish(&events);
}

static void a_long_text_continues_below(void **state)
{
    (void)state;
    struct event_table events;
    event_table_init(&events, NOW);
    event_table_add(&events, NOW, "stale", NULL, "no data was received for ninety seconds");
    expect(&events, 44,
           "time (ART)  event  what happened\n"
           "12:00:00    stale  no data was received for\n"
           "                   ninety seconds\n");
    event_table_finish(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_their_symbols),
        cmocka_unit_test(a_long_text_continues_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
