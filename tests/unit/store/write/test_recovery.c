#include "store/write/recovery.h"

#include "support/t.h"

#define T0 INT64_C(1795446000000000000) /* 2026-11-23 12:00:00 in Argentina, ns UTC */

static void details_of_events(void **state)
{
    (void)state;
    static const struct trouble none = {0}, brief = {.kind = TROUBLE_LOCKED, .since_ms = 1000},
                                told = {.kind = TROUBLE_LOCKED,
                                        .told = true,
                                        .since_ms = 1000,
                                        .why = "cinta.db: database is locked"};
    static const struct {
        const char *name;
        const struct trouble *trouble;
        struct inbox_loss loss;
        const char *delay, *lost; /* NULL = no such event */
    } rows[] = {
        {"no trouble", &none, {0}, NULL, NULL},
        {"a lock too short to report", &brief, {0}, NULL, NULL},
        {"a lock",
         &told,
         {0},
         "writing again after 1.5 s (cinta.db: database is locked); nothing was lost",
         NULL},
        {"a lock with a loss",
         &told,
         {7, T0, T0 + NS_PER_S, 0},
         "writing again after 1.5 s (cinta.db: database is locked)",
         "7 changes from 2026-11-23 12:00:00 ART to 2026-11-23 12:00:01 ART were dropped"},
        {"a full backlog without trouble", &none, {3, T0, T0, 0}, NULL, "3 changes from"},
        {"events only",
         &none,
         {0, 0, 0, 5},
         NULL,
         "5 events were dropped because the backlog was full"},
        {"both", &none, {3, T0, T0, 5}, NULL, "5 events and 3 changes from"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct recovery r;
        const struct now now = {.mono_ms = 2500, .wall_ns = T0 + 9};
        size_t at = 0;
        t_row(rows[i].name);
        recovery_describe(&r, rows[i].trouble, &rows[i].loss, now);
        t_int(r.count, (rows[i].delay != NULL) + (rows[i].lost != NULL));
        if (rows[i].delay) {
            t_int(r.events[at].kind, EVENT_STORE_RECOVERED);
            t_str(r.events[at++].detail, rows[i].delay);
        }
        if (rows[i].lost) {
            t_int(r.events[at].kind, EVENT_DROPPED);
            t_int(r.events[at].ts, T0 + 9);
            t_contains(r.events[at].detail, rows[i].lost);
        }
    }
    t_row("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(details_of_events)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
