#include "store/write/pending.h"

#include "support/store_fixture.h"

#include <string.h>

static void it_is_empty_until_something_waits(void **state)
{
    (void)state;
    const struct store_session session = {.day = 1, .ts_open = 1, .ts_close = 2};
    const struct store_snapshot row = snapshot(3, 7, 1.5);
    const struct store_known known = {.state = row};
    for (int i = 0; i < 7; i++) {
        struct pending pending = {0};
        char name[24];
        snprintf(name, sizeof(name), "kind %d", i);
        t_row(name);
        t_true(pending_empty(&pending));
        switch (i) {
        case 0:
            pending_event_add(&pending, T0, EVENT_STARTED, NULL, "words");
            break;
        case 1:
            pending_instrument_add(&pending, "ROFX", "DLR/DIC26");
            break;
        case 2:
            pending_seen(&pending, 0, T0);
            break;
        case 3:
            pending_keep(&pending, &row);
            break;
        case 4:
            pending_known_add(&pending, &known);
            break;
        case 5:
            pending_skip(&pending, 7, 9);
            break;
        default:
            coverage_rows_session(&pending.spans, &session);
        }
        t_true(!pending_empty(&pending));
        pending_finish(&pending);
        t_true(pending_empty(&pending));
        pending_finish(&pending); /* does nothing */
    }
    t_row("");
}

/* Instruments in between have nothing to write. */
static void values_by_instrument_are_the_last_ones(void **state)
{
    (void)state;
    struct pending pending = {0};
    struct store_snapshot row = snapshot(3, 7, 1.5);
    pending_seen(&pending, 2, T0);
    pending_seen(&pending, 40, T0 + 1);
    pending_seen(&pending, 2, T0 + 2);
    pending_keep(&pending, &row);
    row.seq = 8;
    pending_keep(&pending, &row);
    t_true(pending.seen_count > 40 && pending.kept_count > 3);
    t_int(pending.seen[2], T0 + 2);
    t_int(pending.seen[40], T0 + 1);
    t_int(pending.seen[3], 0);
    t_int(pending.kept[3].seq, 8);
    t_int(pending.kept[2].seq, 0);
    pending_finish(&pending);
}

static void texts_are_copied_clean_and_cut(void **state)
{
    (void)state;
    struct pending pending = {0};
    char longest[3000];
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    pending_event_add(&pending, T0, EVENT_STALE,
                      "A\xff"
                      "B",
                      longest);
    pending_event_add(&pending, T0 + 1, EVENT_STARTED, NULL, "words");
    t_int(pending.events_count, 2);
    t_int(strlen(pending.events[0].detail), STORE_DETAIL_BYTES - 1);
    t_true(!strchr(pending.events[0].symbol, '\xff'));
    t_true(!pending.events[1].symbol);
    t_str(pending.events[1].detail, "words");
    pending_finish(&pending);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_empty_until_something_waits),
        cmocka_unit_test(values_by_instrument_are_the_last_ones),
        cmocka_unit_test(texts_are_copied_clean_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
