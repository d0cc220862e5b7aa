#include "market/demand.h"

#include "support/t.h"

#define T0 INT64_C(1000000)

/* The ends of items, "A replaced, B refused". */
static char ended[400];

static void on_ended(void *arg, const struct demand_item *item, enum demand_end why)
{
    static const char *const words[] = {[DEMAND_UNWANTED] = "unwanted",
                                        [DEMAND_REPLACED] = "replaced",
                                        [DEMAND_REFUSED] = "refused"};
    size_t used = strlen(ended);
    t_true(arg == ended);
    snprintf(ended + used, sizeof(ended) - used, "%s%s %s", used ? ", " : "", item->symbol,
             words[why]);
}

static struct demand *demand_of(int max)
{
    struct demand *d = demand_create(on_ended, ended);
    t_true(d);
    *ended = '\0';
    demand_set_max(d, max);
    return d;
}

static enum demand_answer want(struct demand *d, const char *symbol, int64_t now_ms)
{
    enum demand_answer answer = demand_want(d, symbol, DEMAND_NO_LIST, now_ms);
    demand_settle(d, answer == DEMAND_YES);
    int32_t at = demand_find(d, symbol);
    if (answer == DEMAND_YES && demand_item(d, at)->instrument < 0)
        demand_bind(d, at, 100);
    return answer;
}

/* It is recorded. */
static void take(struct demand *d, const char *symbol, int64_t now_ms)
{
    t_int(want(d, symbol, now_ms), DEMAND_YES);
    t_true(demand_try(d, demand_find(d, symbol)));
    demand_proved(d, demand_find(d, symbol));
}

static void who_may_be_taken_up(void **state)
{
    (void)state;
    static const struct {
        const char *name, *symbol;
        int max;
        enum demand_listing listing;
        enum demand_answer answer;
        int64_t full, unknown;
    } rows[] = {
        {"none is allowed", "X", 0, DEMAND_LISTED, DEMAND_OFF, 0, 0},
        {"the broker lists it", "X", 3, DEMAND_LISTED, DEMAND_YES, 0, 0},
        {"there is no list", "X", 3, DEMAND_NO_LIST, DEMAND_YES, 0, 0},
        {"the broker does not list it", "X", 3, DEMAND_UNLISTED, DEMAND_UNKNOWN, 0, 1},
        {"no place", "X", 2, DEMAND_LISTED, DEMAND_FULL, 1, 0},
        {"no place, but taken up already", "A", 2, DEMAND_NO_LIST, DEMAND_YES, 0, 0},
        {"taken up before the list lacked it", "A", 2, DEMAND_UNLISTED, DEMAND_YES, 0, 0},
        {"refused today", "R", 3, DEMAND_NO_LIST, DEMAND_UNKNOWN, 0, 1},
        {"refused today, though listed", "R", 3, DEMAND_LISTED, DEMAND_UNKNOWN, 0, 1},
        {"refused today, and no place", "R", 2, DEMAND_LISTED, DEMAND_UNKNOWN, 0, 1},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct demand *d = demand_of(3);
        t_row(rows[i].name);
        take(d, "A", T0);
        take(d, "B", T0);
        t_int(want(d, "R", T0), DEMAND_YES);
        demand_refused(d, demand_find(d, "R"));
        t_str(ended, "R refused");
        demand_set_max(d, rows[i].max);
        struct demand_counts before = demand_counts(d);
        t_int(demand_want(d, rows[i].symbol, rows[i].listing, T0), rows[i].answer);
        demand_settle(d, rows[i].answer == DEMAND_YES);
        t_int(demand_find(d, rows[i].symbol) >= 0, rows[i].answer == DEMAND_YES);
        struct demand_counts after = demand_counts(d);
        t_int(after.full - before.full, rows[i].full);
        t_int(after.unknown - before.unknown, rows[i].unknown);
        t_int(after.is_full, rows[i].full);
        demand_destroy(d);
    }
    t_row("");
}

static void a_message_is_taken_up_completely_or_not_at_all(void **state)
{
    (void)state;
    struct demand *d = demand_of(3);
    take(d, "M", T0);
    t_int(demand_want(d, "Z", DEMAND_NO_LIST, T0), DEMAND_YES);
    t_int(demand_want(d, "A", DEMAND_NO_LIST, T0), DEMAND_YES);
    t_int(demand_want(d, "Z", DEMAND_NO_LIST, T0), DEMAND_YES); /* twice in the message */
    t_int(demand_want(d, "M", DEMAND_NO_LIST, T0), DEMAND_YES);
    t_int(demand_want(d, "B", DEMAND_NO_LIST, T0), DEMAND_FULL);
    demand_settle(d, false);
    t_int(demand_count(d), 1);
    t_int(demand_find(d, "M"), 0);
    t_true(demand_counts(d).is_full);
    t_str(ended, "");
    t_int(demand_want(d, "Z", DEMAND_NO_LIST, T0), DEMAND_YES);
    t_int(demand_want(d, "A", DEMAND_NO_LIST, T0), DEMAND_YES);
    demand_settle(d, true);
    demand_settle(d, false); /* a later message, of recorded products only */
    t_int(demand_count(d), 3);
    t_str(demand_item(d, 0)->symbol, "A");
    t_str(demand_item(d, 2)->symbol, "Z");
    demand_destroy(d);
}

static void dropped_when_nobody_has_wanted_it_for_a_minute(void **state)
{
    (void)state;
    struct demand *d = demand_of(5);
    take(d, "A", T0);
    take(d, "B", T0);
    want(d, "C", T0); /* waits: the broker was not asked */
    demand_wanted(d, demand_find(d, "B"), T0 + 30000);
    t_int(demand_expire(d, T0 + DEMAND_GRACE_MS - 1), 0);
    t_int(demand_expire(d, T0 + DEMAND_GRACE_MS), 2);
    t_str(ended, "C unwanted, A unwanted");
    want(d, "B", T0 + 80000); /* a client connects again, in time */
    t_int(demand_expire(d, T0 + 30000 + DEMAND_GRACE_MS), 0);
    t_int(demand_counts(d).taken, 1);
    demand_destroy(d);
}

/* Only the place that nobody can want any more. */
static void an_unwanted_one_leaves_its_place(void **state)
{
    (void)state;
    struct demand *d = demand_of(2);
    take(d, "A", T0);
    take(d, "B", T0 + 1000);
    t_int(want(d, "C", T0 + 2 * DEMAND_LOOK_MS), DEMAND_FULL);
    demand_wanted(d, demand_find(d, "A"), T0 + 3 * DEMAND_LOOK_MS);
    t_int(want(d, "C", T0 + 3 * DEMAND_LOOK_MS), DEMAND_YES);
    t_str(ended, "B replaced");
    t_int(want(d, "B", T0 + 3 * DEMAND_LOOK_MS), DEMAND_FULL);
    demand_destroy(d);
}

static void fewer_are_allowed(void **state)
{
    (void)state;
    struct demand *d = demand_of(4);
    take(d, "A", T0);
    take(d, "B", T0);
    take(d, "C", T0);
    demand_set_max(d, 1);
    t_int(want(d, "D", T0 + 20000), DEMAND_FULL); /* takes no place: there are too many */
    demand_wanted(d, demand_find(d, "A"), T0 + 20000);
    t_int(demand_expire(d, T0 + 20000), 2);
    t_str(ended, "C unwanted, B unwanted");
    demand_set_max(d, 0);
    t_int(demand_expire(d, T0 + 25000), 0); /* a client wants it */
    t_int(demand_expire(d, T0 + 40000), 1);
    demand_destroy(d);
}

static void so_many_trials_at_once(void **state)
{
    (void)state;
    char symbol[16];
    struct demand *d = demand_of(100);
    t_int(demand_want(d, "known", DEMAND_LISTED, T0), DEMAND_YES);
    for (int i = 0; i < DEMAND_TRIALS + 2; i++) {
        snprintf(symbol, sizeof(symbol), "X%02d", i);
        t_int(want(d, symbol, T0), DEMAND_YES);
    }
    int tried = 0;
    for (int32_t i = 0; i < demand_count(d); i++)
        tried += demand_try(d, i);
    t_int(tried, DEMAND_TRIALS); /* "known" has no instrument yet */
    demand_bind(d, demand_find(d, "known"), 7);
    t_true(demand_try(d, demand_find(d, "known")));
    t_true(!demand_try(d, demand_find(d, "known"))); /* it is on trial */
    t_true(!demand_try(d, demand_find(d, "X09")));
    demand_proved(d, demand_find(d, "X00"));
    t_true(demand_try(d, demand_find(d, "X08")));
    demand_refused(d, demand_find(d, "X01"));
    t_true(demand_try(d, demand_find(d, "X09")));
    t_int(demand_counts(d).waiting, DEMAND_TRIALS + 1);
    demand_expire(d, T0 + DEMAND_GRACE_MS);
    t_int(demand_count(d), 0);
    for (int i = 20; i < 20 + DEMAND_TRIALS;
         i++) { /* those that ended on trial left their places */
        snprintf(symbol, sizeof(symbol), "X%02d", i);
        want(d, symbol, T0);
        t_true(demand_try(d, demand_find(d, symbol)));
    }
    demand_destroy(d);
}

static void what_is_configured_takes_no_place(void **state)
{
    (void)state;
    struct demand *d = demand_of(1);
    take(d, "A", T0);
    t_int(want(d, "B", T0), DEMAND_FULL);
    demand_configured(d, 0, true);
    demand_configured(d, 0, true);
    t_int(demand_counts(d).taken, 0);
    take(d, "B", T0);
    t_int(want(d, "C", T0 + 30000), DEMAND_YES); /* takes the place of B, not of A */
    t_str(ended, "B replaced");
    demand_configured(d, demand_find(d, "A"), false);
    t_int(demand_counts(d).taken, 2);
    t_int(demand_expire(d, T0 + 30000), 1); /* one too many */
    t_str(ended, "B replaced, A unwanted");
    demand_destroy(d);
}

/* A client that invents names costs so many requests a day, at most. */
static void invented_names(void **state)
{
    (void)state;
    char symbol[16];
    int asked = 0;
    struct demand *d = demand_of(10);
    for (int i = 0; i < 20000; i++) {
        snprintf(symbol, sizeof(symbol), "INVENTED%d", i % 10000);
        if (want(d, symbol, T0 + i) != DEMAND_YES)
            continue;
        asked += demand_try(d, demand_find(d, symbol));
        demand_refused(d, demand_find(d, symbol));
        *ended = '\0';
    }
    t_int(asked, DEMAND_REFUSED_MAX);
    t_int(demand_want(d, "listed", DEMAND_LISTED, T0), DEMAND_YES);
    demand_settle(d, false);
    t_int(want(d, "INVENTED1", T0), DEMAND_UNKNOWN);
    demand_forgive(d);
    t_int(want(d, "INVENTED1", T0), DEMAND_YES);
    demand_destroy(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_be_taken_up),
        cmocka_unit_test(a_message_is_taken_up_completely_or_not_at_all),
        cmocka_unit_test(dropped_when_nobody_has_wanted_it_for_a_minute),
        cmocka_unit_test(an_unwanted_one_leaves_its_place),
        cmocka_unit_test(fewer_are_allowed),
        cmocka_unit_test(so_many_trials_at_once),
        cmocka_unit_test(what_is_configured_takes_no_place),
        cmocka_unit_test(invented_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
