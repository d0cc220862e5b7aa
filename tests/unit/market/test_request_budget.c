#include "market/request_budget.h"

#include "base/rng.h"
#include "support/t.h"

#include <stdlib.h>

#define START_MS 1000000
#define HOUR_MS  3600000
#define DAY_MS   86400000

static bool may(struct request_budget *b, enum budget_kind kind, int64_t now_ms)
{
    return budget_from_ms(b, kind, now_ms) <= now_ms;
}

/* The rate was used up to now: nothing may follow at once. */
static struct request_budget budget_used(double rate)
{
    struct request_budget b = budget_init(rate);
    b.steps = 0;
    return b;
}

static void the_rate_holds_over_all_kinds(void **state)
{
    (void)state;
    struct request_budget b = budget_used(2);
    t_true(may(&b, BUDGET_LOGIN, START_MS));
    budget_spend(&b, BUDGET_LOGIN, START_MS);
    for (int k = 0; k < BUDGET_KINDS; k++) {
        struct request_budget copy = b;
        t_row(budget_kind_name((enum budget_kind)k));
        t_int(budget_from_ms(&copy, (enum budget_kind)k, START_MS), START_MS + 500);
        t_true(may(&copy, (enum budget_kind)k, START_MS + 500));
    }
}

static void others_need_not_wait_for_a_slow_poll_rate(void **state)
{
    (void)state;
    struct request_budget b = budget_used(0.1);
    budget_spend(&b, BUDGET_POLL, START_MS);
    t_int(budget_from_ms(&b, BUDGET_POLL, START_MS), START_MS + 10000);
    t_int(budget_from_ms(&b, BUDGET_LOGIN, START_MS), START_MS + 1000);
    budget_spend(&b, BUDGET_LOGIN, START_MS + 1000);
    t_int(budget_from_ms(&b, BUDGET_POLL, START_MS + 1000), START_MS + 20000);
}

static void a_start_does_not_wait_for_turns(void **state)
{
    (void)state;
    static const enum budget_kind steps[] = {BUDGET_LOGIN, BUDGET_LIST, BUDGET_STREAM};
    struct request_budget b = budget_init(1);
    for (size_t i = 0; i < T_COUNT(steps); i++) {
        t_row(budget_kind_name(steps[i]));
        t_true(may(&b, steps[i], START_MS + (int64_t)i));
        budget_spend(&b, steps[i], START_MS + (int64_t)i);
    }
    for (int k = 0; k < BUDGET_KINDS; k++) {
        struct request_budget copy = b;
        t_row(budget_kind_name((enum budget_kind)k));
        t_int(budget_from_ms(&copy, (enum budget_kind)k, START_MS + 3),
              k == BUDGET_POLL ? START_MS + 3000 : START_MS + 1002);
    }
}

static void only_requests_that_lead_to_data_follow_at_once(void **state)
{
    (void)state;
    for (int k = 0; k < BUDGET_KINDS; k++) {
        struct request_budget b = budget_init(1);
        budget_spend(&b, BUDGET_LOGIN, START_MS);
        bool step =
            k == BUDGET_LOGIN || k == BUDGET_LIST || k == BUDGET_STREAM || k == BUDGET_PROFILE;
        t_row(budget_kind_name((enum budget_kind)k));
        t_int(may(&b, (enum budget_kind)k, START_MS + 1), step);
    }
}

/* Three requests more than the rate allows, whoever sends them: polls use it up as well. */
static void steps_are_saved_by_not_using_the_rate(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t rest_ms;
        int at_once;
    } rows[] = {{"no rest", 0, 0}, {"one turn", 1000, 1}, {"two", 2999, 2}, {"a day", DAY_MS, 3}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct request_budget b = budget_init(1);
        int sent = 0;
        t_row(rows[i].name);
        for (int n = 0; n < 3; n++)
            budget_spend(&b, BUDGET_POLL, START_MS);
        for (; may(&b, BUDGET_STREAM, START_MS + rows[i].rest_ms); sent++)
            budget_spend(&b, BUDGET_STREAM, START_MS + rows[i].rest_ms);
        t_int(sent, rows[i].at_once);
    }
}

static void nothing_follows_at_once_while_the_broker_asks_for_fewer(void **state)
{
    (void)state;
    static const int64_t pauses[] = {-1, 5000};
    for (size_t i = 0; i < T_COUNT(pauses); i++) {
        struct request_budget b = budget_init(1);
        budget_spend(&b, BUDGET_LOGIN, START_MS);
        budget_slow(&b, START_MS, START_MS + 10, pauses[i]);
        t_true(!may(&b, BUDGET_LIST, START_MS + 20));
        budget_try_now(&b);
        t_int(budget_from_ms(&b, BUDGET_LIST, START_MS + 20), START_MS + 2000);
    }
}

static void a_login_goes_before_the_next_poll(void **state)
{
    (void)state;
    struct request_budget b = budget_used(1);
    budget_spend(&b, BUDGET_POLL, START_MS);
    t_int(budget_from_ms(&b, BUDGET_LOGIN, START_MS + 10), START_MS + 1000);
    t_true(!may(&b, BUDGET_POLL, START_MS + 1000)); /* the turn is reserved */
    t_true(may(&b, BUDGET_LOGIN, START_MS + 1000));
    budget_spend(&b, BUDGET_LOGIN, START_MS + 1000);
    t_int(budget_from_ms(&b, BUDGET_POLL, START_MS + 1000), START_MS + 2000);

    t_int(budget_from_ms(&b, BUDGET_STREAM, START_MS + 1000), START_MS + 2000);
    t_true(!may(&b, BUDGET_POLL, START_MS + 2100));
    t_true(may(&b, BUDGET_POLL, START_MS + 2101)); /* it was not used */
}

static void a_kind_at_its_ceiling_does_not_stop_the_polls(void **state)
{
    (void)state;
    struct request_budget b = budget_init(1000);
    int64_t now = START_MS;
    for (int i = 0; i < 10; i++, now++) {
        t_true(may(&b, BUDGET_LOGIN, now));
        budget_spend(&b, BUDGET_LOGIN, now);
    }
    t_int(budget_from_ms(&b, BUDGET_LOGIN, now), START_MS + 60000);
    t_true(may(&b, BUDGET_POLL, now));
    t_true(may(&b, BUDGET_LIST, now)); /* each kind has its own */
    t_int(budget_usage(&b, BUDGET_LOGIN, now).wait_ms, 60000 - 10);
}

static void lists_of_trades_at_another_interval(void **state)
{
    (void)state;
    struct request_budget b = budget_init(1000);
    budget_spend(&b, BUDGET_TRADES, 0);
    t_int(budget_ceiling_ms(&b, BUDGET_TRADES, 15000), 30000);
    budget_set_trades_ms(&b, 60000);
    t_int(budget_ceiling_ms(&b, BUDGET_TRADES, 15000), 60000);
    t_int(budget_ceiling_ms(&b, BUDGET_TRADES, 60000), 60000);
    t_row("nothing is reserved: polls go on");
    t_true(budget_from_ms(&b, BUDGET_POLL, 60000) <= 60000);
}

static void slowed_until_the_full_rate_is_back(void **state)
{
    (void)state;
    struct request_budget b = budget_init(100);
    t_true(!budget_slowed(&b, 0));
    t_true(budget_slow(&b, 0, 1000, 5000));
    t_true(budget_slowed(&b, 1000));
    budget_try_now(&b);
    t_true(budget_slowed(&b, 2000));
    for (int64_t now_ms = 2000; budget_slowed(&b, now_ms) && now_ms < HOUR_MS; now_ms += 5000)
        budget_answered(&b, true, now_ms);
    t_double(budget_rate(&b), 100);
    t_true(!budget_slowed(&b, HOUR_MS));
}

static void ceilings(void **state)
{
    (void)state;
    static const struct {
        enum budget_kind kind;
        int burst;
        int64_t refill_ms;
        double allowed;
        int64_t period_ms;
    } rows[] = {
        {BUDGET_LOGIN, 10, 60000, 1, DAY_MS},     {BUDGET_LIST, 10, 120000, 1, DAY_MS},
        {BUDGET_REFERENCE, 5, 600000, 1, DAY_MS}, {BUDGET_DETAIL, 10, 60000, 10, DAY_MS},
        {BUDGET_PROFILE, 12, 30000, 72, DAY_MS},  {BUDGET_STREAM, 20, 20000, 1, DAY_MS},
        {BUDGET_TRADES, 1, 30000, 1, 30000},      {BUDGET_SEGMENT, 20, 60000, 1, DAY_MS},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct request_budget b = budget_init(1000);
        int sent = 0;
        t_row(budget_kind_name(rows[i].kind));
        for (int64_t now = 0; now < 10 * HOUR_MS;) { /* a sender that never waits by itself */
            int64_t from_ms = budget_from_ms(&b, rows[i].kind, now);
            t_true(from_ms <= now || from_ms - now <= rows[i].refill_ms);
            now = from_ms > now ? from_ms : now;
            budget_spend(&b, rows[i].kind, now);
            sent++;
        }
        int expected = rows[i].burst + (int)(10 * HOUR_MS / rows[i].refill_ms);
        t_true(sent >= expected - 1 && sent <= expected + 1);
        struct budget_usage usage = budget_usage(&b, rows[i].kind, 10 * HOUR_MS);
        t_double(usage.allowed, rows[i].allowed);
        t_int(usage.period_ms, rows[i].period_ms);
    }
}

static void use_is_counted_over_the_last_period(void **state)
{
    (void)state;
    struct request_budget b = budget_init(10);
    t_int(budget_usage(&b, BUDGET_LOGIN, START_MS).used, 0);
    for (int i = 0; i < 3; i++)
        budget_spend(&b, BUDGET_LOGIN, START_MS + i * HOUR_MS);
    t_int(budget_usage(&b, BUDGET_LOGIN, START_MS + 2 * HOUR_MS).used, 3);
    t_int(budget_usage(&b, BUDGET_LOGIN, START_MS + 23 * (int64_t)HOUR_MS).used, 3);
    t_int(budget_usage(&b, BUDGET_LOGIN, START_MS + 24 * (int64_t)HOUR_MS).used, 2);
    t_int(budget_usage(&b, BUDGET_LOGIN, START_MS + 26 * (int64_t)HOUR_MS).used, 0);
    budget_spend(&b, BUDGET_LOGIN, START_MS + 30 * (int64_t)HOUR_MS);
    t_int(budget_usage(&b, BUDGET_LOGIN, START_MS + 30 * (int64_t)HOUR_MS).used, 1);
    t_int(budget_usage(&b, BUDGET_LIST, START_MS).used, 0);
    t_double(budget_usage(&b, BUDGET_POLL, START_MS).allowed, 600);
    t_int(budget_usage(&b, BUDGET_POLL, START_MS).period_ms, 60000);
    for (int k = 0; k < BUDGET_KINDS; k++)
        for (int other = 0; other < k; other++)
            t_true(strcmp(budget_kind_name((enum budget_kind)k),
                          budget_kind_name((enum budget_kind)other)) != 0);
}

static void a_retry_after_holds_all_kinds(void **state)
{
    (void)state;
    struct request_budget b = budget_init(10);
    budget_spend(&b, BUDGET_POLL, START_MS);
    t_true(budget_slow(&b, START_MS, START_MS + 50, 30000));
    for (int k = BUDGET_KINDS; k-- > 0;) { /* the poll first: the others reserve the next turn */
        t_row(budget_kind_name((enum budget_kind)k));
        t_int(budget_from_ms(&b, (enum budget_kind)k, START_MS + 60), START_MS + 30050);
    }
    t_int(budget_hold_ms(&b, START_MS + 50), 30000);
    t_int(budget_hold_ms(&b, START_MS + 30050), 0);
    t_double(budget_rate(&b), 5);
    t_true(b.trying);
    t_true(!budget_slow(&b, START_MS, START_MS + 60, 10000)); /* sent before the halving */
    t_int(budget_hold_ms(&b, START_MS + 50), 30000);          /* the longer one counts */
    t_true(!budget_answered(&b, false, START_MS + 30100));
    t_true(!b.trying);
    t_double(budget_rate(&b), 5);
    t_true(!budget_answered(&b, true, START_MS + 36000));
    t_true(budget_rate(&b) > 5);
}

static void a_slow_down_concerns_all_kinds(void **state)
{
    (void)state;
    struct request_budget b = budget_init(1);
    budget_spend(&b, BUDGET_POLL, START_MS);
    t_true(budget_slow(&b, START_MS, START_MS + 50, -1));
    t_int(budget_from_ms(&b, BUDGET_LOGIN, START_MS + 60), START_MS + 2000);
    t_true(!b.trying); /* no pause was named */
}

static void a_pause_of_zero_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t retry_after_ms, hold_ms;
    } rows[] = {{"not given", -1, 0}, {"zero", 0, 0}, {"the shortest", 1, 1}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct request_budget b = budget_init(1);
        t_row(rows[i].name);
        budget_slow(&b, START_MS, START_MS + 50, rows[i].retry_after_ms);
        t_int(b.trying, rows[i].hold_ms > 0);
        t_int(budget_hold_ms(&b, START_MS + 50), rows[i].hold_ms);
    }
}

static void trying_now_ends_a_hold(void **state)
{
    (void)state;
    struct request_budget b = budget_init(1);
    budget_try_now(&b);
    t_true(!b.trying);
    budget_slow(&b, START_MS, START_MS, 600000);
    b.trying = false;
    budget_try_now(&b);
    t_true(b.trying);
    t_true(may(&b, BUDGET_LOGIN, START_MS + 1));
    t_double(budget_rate(&b), 0.5); /* still slow */
    struct request_budget early = budget_init(1);
    budget_slow(&early, 0, 0, 1); /* the earliest end of a hold */
    early.trying = false;
    budget_try_now(&early);
    t_true(early.trying);
    early.trying = false;
    budget_try_now(&early); /* the hold was ended before */
    t_true(!early.trying);
    budget_set_rate(&b, 10); /* the configured rate has changed */
    t_double(budget_rate(&b), 5);
}

/* --- simulation ------------------------------------------------------------------------------- */

#define SENT_MAX 200000

struct sent {
    int64_t at_ms;
    enum budget_kind kind;
};

static struct {
    struct request_budget b;
    struct rng rng;
    struct sent sent[SENT_MAX];
    int count;
    int64_t asked_ms[BUDGET_KINDS]; /* since when a kind wants to send; 0 = it does not */
    int64_t due_ms[BUDGET_KINDS];   /* when its sender looks again */
    int64_t held_ms;                /* end of the last hold */
    int64_t waited_ms;              /* the longest wait of a login, a hold and a ceiling excluded */
} sim;

static void sim_note_wait(enum budget_kind kind, int64_t now_ms)
{
    int64_t from_ms = sim.asked_ms[kind] > sim.held_ms ? sim.asked_ms[kind] : sim.held_ms;
    if (kind == BUDGET_LOGIN && now_ms - from_ms > sim.waited_ms)
        sim.waited_ms = now_ms - from_ms;
}

/* Answers are random: some ask for fewer requests. */
static void sim_answer(enum budget_kind kind, int64_t now_ms, bool faults)
{
    if (faults && rng_below(&sim.rng, 1000) == 0) {
        int64_t pause_ms = rng_below(&sim.rng, 3) ? -1 : 1000 * (1 + rng_below(&sim.rng, 120));
        budget_slow(&sim.b, now_ms, now_ms, pause_ms);
        if (sim.b.hold_until_ms > sim.held_ms)
            sim.held_ms = sim.b.hold_until_ms;
    } else if (kind == BUDGET_POLL) {
        budget_answered(&sim.b, true, now_ms);
    }
}

/* A sender looks: it wants to send always (polls), or at random; it wakes up to 30 ms late. */
static void sim_look(enum budget_kind kind, int64_t now_ms, int64_t every_ms, bool faults)
{
    if (!sim.asked_ms[kind])
        sim.asked_ms[kind] = now_ms;
    int64_t from_ms = budget_from_ms(&sim.b, kind, now_ms);
    if (from_ms > now_ms) {
        if (kind == BUDGET_LOGIN && budget_usage(&sim.b, kind, now_ms).wait_ms)
            sim.asked_ms[kind] = from_ms; /* its ceiling */
        sim.due_ms[kind] = from_ms + rng_below(&sim.rng, 30);
        return;
    }
    sim_note_wait(kind, now_ms);
    budget_spend(&sim.b, kind, now_ms);
    t_true(sim.count < SENT_MAX);
    sim.sent[sim.count++] = (struct sent){now_ms, kind};
    sim.asked_ms[kind] = 0;
    sim.due_ms[kind] = now_ms + (every_ms ? rng_below(&sim.rng, every_ms) : 0);
    sim_answer(kind, now_ms, faults);
}

static void sim_run(double rate, uint64_t seed, int64_t hours, const int64_t every_ms[BUDGET_KINDS],
                    bool faults)
{
    int64_t until_ms = START_MS + hours * HOUR_MS;
    memset(&sim, 0, sizeof(sim));
    sim.b = budget_init(rate);
    sim.rng.state = seed;
    for (int64_t now_ms = START_MS; now_ms < until_ms;) {
        int64_t next_ms = INT64_MAX;
        for (int k = 0; k < BUDGET_KINDS; k++) {
            if (sim.due_ms[k] <= now_ms)
                sim_look((enum budget_kind)k, now_ms, every_ms[k], faults);
            if (sim.due_ms[k] < next_ms)
                next_ms = sim.due_ms[k];
        }
        now_ms = next_ms > now_ms ? next_ms : now_ms + 1;
    }
}

/* Requests of this kind, or of all with -1, in any window of that length. */
static int sim_most(int kind, int64_t window_ms)
{
    int most = 0, in_window = 0;
    for (int last = 0, first = 0; last < sim.count; last++) {
        in_window += kind < 0 || (int)sim.sent[last].kind == kind;
        for (; sim.sent[last].at_ms - sim.sent[first].at_ms >= window_ms; first++)
            in_window -= kind < 0 || (int)sim.sent[first].kind == kind;
        most = in_window > most ? in_window : most;
    }
    return most;
}

static int sim_total(enum budget_kind kind)
{
    int total = 0;
    for (int i = 0; i < sim.count; i++)
        total += sim.sent[i].kind == kind;
    return total;
}

/* Every sender is at fault and sends as often as it may, and the broker throttles at random. */
static void simulated_hours_of_senders_that_never_wait(void **state)
{
    (void)state;
    static const int64_t always[BUDGET_KINDS] = {0};
    static const double rates[] = {1, 7, 0.2};
    for (size_t i = 0; i < T_COUNT(rates); i++) {
        double others = rates[i] > 1 ? rates[i] : 1;
        t_row(i == 0 ? "1/s" : i == 1 ? "7/s" : "0.2/s");
        sim_run(rates[i], i + 1, 4, always, true);
        t_true(sim.count > 1000);
        t_true(sim_most(-1, 1000) <= (int)(others * 1.02) + 1 + 3);
        t_true(sim_most(-1, 60000) <= (int)(others * 60.02) + 1 + 3);
        t_true(sim_most(BUDGET_POLL, 60000) <= (int)(rates[i] * 60.02) + 1);
        t_true(sim_most(BUDGET_LOGIN, HOUR_MS) <= 10 + 60 + 1);
        t_true(sim_most(BUDGET_LIST, HOUR_MS) <= 10 + 30 + 1);
        t_true(sim_most(BUDGET_REFERENCE, HOUR_MS) <= 5 + 6 + 1);
        t_true(sim_most(BUDGET_SEGMENT, HOUR_MS) <= 20 + 60 + 1);
        t_true(sim_most(BUDGET_DETAIL, HOUR_MS) <= 10 + 60 + 1);
        t_true(sim_most(BUDGET_STREAM, HOUR_MS) <= 20 + 180 + 1);
        t_true(sim_most(BUDGET_PROFILE, HOUR_MS) <= 12 + 120 + 1);
        t_true(sim_most(BUDGET_TRADES, 29000) <= 1);
    }
}

/* Polls that fill the rate take no turn from a login, and logins take few from the polls. */
static void simulated_hours_of_usual_senders(void **state)
{
    (void)state;
    static const int64_t usual[BUDGET_KINDS] = {[BUDGET_LOGIN] = 2 * HOUR_MS,
                                                [BUDGET_LIST] = HOUR_MS,
                                                [BUDGET_REFERENCE] = HOUR_MS,
                                                [BUDGET_DETAIL] = HOUR_MS / 4,
                                                [BUDGET_STREAM] = HOUR_MS / 4,
                                                [BUDGET_PROFILE] = HOUR_MS / 3,
                                                [BUDGET_TRADES] = HOUR_MS / 2,
                                                [BUDGET_SEGMENT] = HOUR_MS,
                                                [BUDGET_POLL] = 0};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        sim_run(1, seed, 12, usual, false);
        int logins = sim_total(BUDGET_LOGIN), polls = sim_total(BUDGET_POLL);
        t_true(logins >= 6);
        t_true(sim.waited_ms <= 1000 + 6 * 1100); /* at most all other kinds go first */
        t_true(polls >= 12 * 3600 * 0.95);
        t_true(sim_most(-1, 1000) <= 1 + 3);
    }
}

static void each_part_of_a_period_is_counted(void **state)
{
    (void)state;
    struct request_budget b = budget_init(10);
    for (int i = 0; i < 2 * BUDGET_PARTS; i++) {
        int64_t now_ms = START_MS + i * (int64_t)HOUR_MS;
        budget_spend(&b, BUDGET_LOGIN, now_ms);
        t_int(budget_usage(&b, BUDGET_LOGIN, now_ms).used, i < BUDGET_PARTS ? i + 1 : BUDGET_PARTS);
    }
}

static void a_turn_that_is_used_is_reserved_no_longer(void **state)
{
    (void)state;
    struct request_budget b = budget_used(100);
    budget_spend(&b, BUDGET_POLL, START_MS);
    t_int(budget_from_ms(&b, BUDGET_LOGIN, START_MS), START_MS + 10);
    budget_spend(&b, BUDGET_LOGIN, START_MS + 10);
    t_true(may(&b, BUDGET_POLL, START_MS + 20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_holds_over_all_kinds),
        cmocka_unit_test(others_need_not_wait_for_a_slow_poll_rate),
        cmocka_unit_test(a_start_does_not_wait_for_turns),
        cmocka_unit_test(only_requests_that_lead_to_data_follow_at_once),
        cmocka_unit_test(steps_are_saved_by_not_using_the_rate),
        cmocka_unit_test(nothing_follows_at_once_while_the_broker_asks_for_fewer),
        cmocka_unit_test(a_login_goes_before_the_next_poll),
        cmocka_unit_test(a_kind_at_its_ceiling_does_not_stop_the_polls),
        cmocka_unit_test(ceilings),
        cmocka_unit_test(lists_of_trades_at_another_interval),
        cmocka_unit_test(slowed_until_the_full_rate_is_back),
        cmocka_unit_test(use_is_counted_over_the_last_period),
        cmocka_unit_test(a_retry_after_holds_all_kinds),
        cmocka_unit_test(a_slow_down_concerns_all_kinds),
        cmocka_unit_test(a_pause_of_zero_is_none),
        cmocka_unit_test(trying_now_ends_a_hold),
        cmocka_unit_test(simulated_hours_of_senders_that_never_wait),
        cmocka_unit_test(simulated_hours_of_usual_senders),
        cmocka_unit_test(each_part_of_a_period_is_counted),
        cmocka_unit_test(a_turn_that_is_used_is_reserved_no_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
