#include "market/tape_merge.h"

#include "base/rng.h"
#include "support/t.h"

#include <stdlib.h>

#define T    INT64_C(1795446000000000000) /* a whole second */
#define MAX  16
#define MANY 100000

#define MS(n) (T + (n)*NS_PER_MS)

/* --- tables ----------------------------------------------------------------------------------- */

struct side {
    size_t count;
    struct tape_item items[MAX];
};

#define SIDE(...)                                                                                  \
    {                                                                                              \
        sizeof((struct tape_item[]){__VA_ARGS__}) / sizeof(struct tape_item),                      \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define AT(ms, price, size)                                                                        \
    {                                                                                              \
        MS(ms), price, size, 0, false, false, 0                                                    \
    }
/* Without a time of its own: when it was reported. */
#define UNDATED(ms, price, size)                                                                   \
    {                                                                                              \
        MS(ms), price, size, 0, true, false, 0                                                     \
    }
#define EMPTY                                                                                      \
    {                                                                                              \
        0,                                                                                         \
        {                                                                                          \
            AT(0, 0, 0)                                                                            \
        }                                                                                          \
    }

static size_t unmatched(const struct tape_item *items, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += !items[i].matched;
    return found;
}

static int64_t first_missing(const struct side *side)
{
    struct side copy = *side;
    tape_merge_sort(copy.items, copy.count);
    for (size_t i = 0; i < copy.count; i++) {
        if (!copy.items[i].matched)
            return (copy.items[i].ts_event - T) / NS_PER_MS;
    }
    return -1;
}

static void the_list_is_compared_as_a_multiset(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct side ours, theirs;
        size_t unlisted, missing;
        int64_t first_missing_ms; /* -1: none */
    } rows[] = {
        {"nothing", EMPTY, EMPTY, 0, 0, -1},
        {"an empty list", SIDE(AT(5, 100, 1)), EMPTY, 1, 0, -1},
        {"nothing of ours", EMPTY, SIDE(AT(5, 100, 1), AT(6, 100, 1)), 0, 2, 5},
        {"the same", SIDE(AT(5, 100, 1)), SIDE(AT(5, 100, 1)), 0, 0, -1},
        {"twins of one millisecond", SIDE(AT(5, 100, 1)),
         SIDE(AT(5, 100, 1), AT(5, 100, 1), AT(5, 100, 1)), 0, 2, 5},
        {"both twins are ours", SIDE(AT(5, 100, 1), AT(5, 100, 1)),
         SIDE(AT(5, 100, 1), AT(5, 100, 1)), 0, 0, -1},
        {"another price", SIDE(AT(5, 100, 1)), SIDE(AT(5, 101, 1)), 1, 1, 5},
        {"another size", SIDE(AT(5, 100, 1)), SIDE(AT(5, 100, 2)), 1, 1, 5},
        {"cancelled: the list has it no more", SIDE(AT(5, 100, 1), AT(9, 100, 1)),
         SIDE(AT(9, 100, 1)), 1, 0, -1},
        {"cancelled, and traded again at another price", SIDE(AT(5, 100, 1)), SIDE(AT(800, 101, 1)),
         1, 1, 800},
        {"corrected: both prices were shown", SIDE(AT(5, 100, 1), AT(5, 101, 1)),
         SIDE(AT(5, 101, 1)), 1, 0, -1},
        {"corrected: the new size was not shown", SIDE(AT(5, 100, 10)), SIDE(AT(5, 100, 1)), 1, 1,
         5},
        {"corrected: the time, by a second", SIDE(AT(5, 100, 1)), SIDE(AT(1005, 100, 1)), 0, 0, -1},
        {"a negative price and zero", SIDE(AT(5, -2, 1), AT(6, 0, 1)),
         SIDE(AT(5, -2, 1), AT(6, -0.0, 1)), 0, 0, -1},
        {"BYMA: our second is one of the list", SIDE(AT(1000, 100, 1)),
         SIDE(AT(1000, 101, 1), AT(1400, 100, 1)), 0, 1, 1000},
        {"BYMA: the other one of that second is missing", SIDE(AT(1000, 100, 1)),
         SIDE(AT(1400, 100, 1), AT(1700, 100, 1)), 0, 1, 1700},
        {"BYMA: the last millisecond of the second", SIDE(AT(1000, 100, 1)), SIDE(AT(1999, 100, 1)),
         0, 0, -1},
        {"BYMA: before a trade of the next second", SIDE(AT(1000, 100, 1), AT(2000, 100, 1)),
         SIDE(AT(1999, 100, 1), AT(2000, 100, 1), AT(2001, 100, 1)), 0, 1, 2001},
        {"the exact one comes first", SIDE(AT(1000, 100, 1), AT(1400, 100, 1)),
         SIDE(AT(1400, 100, 1), AT(1700, 100, 1)), 0, 0, -1},
        {"arrived 5 s later", SIDE(AT(5321, 100, 1)), SIDE(AT(321, 100, 1)), 0, 0, -1},
        {"arrived more than 5 s later", SIDE(AT(5322, 100, 1)), SIDE(AT(321, 100, 1)), 1, 1, 321},
        {"by a slow clock", SIDE(AT(1, 100, 1)), SIDE(AT(1001, 100, 1)), 0, 0, -1},
        {"by a clock that is too slow", SIDE(AT(1, 100, 1)), SIDE(AT(1002, 100, 1)), 1, 1, 1002},
        {"a second before an arrival", SIDE(AT(1000, 100, 1), AT(1950, 100, 1)),
         SIDE(AT(1100, 100, 1), AT(1900, 100, 1)), 0, 0, -1},
        {"unknown size", SIDE(AT(5, 100, NAN)), SIDE(AT(5, 100, 7)), 0, 0, -1},
        {"unknown size after the known one", SIDE(AT(5, 100, NAN), AT(5, 100, 7)),
         SIDE(AT(5, 100, 7), AT(5, 100, 9)), 0, 0, -1},
        {"unknown sizes of other trades", SIDE(AT(5, 100, NAN), AT(1000, 101, NAN)),
         SIDE(AT(5, 100, 7), AT(5, 100, 9), AT(1800, 101, 3)), 0, 1, 5},
        {"unknown size: the last millisecond of its second", SIDE(AT(1000, 100, NAN)),
         SIDE(AT(1999, 100, 7)), 0, 0, -1},
        {"unknown size: another one of its second is missing", SIDE(AT(1000, 100, NAN)),
         SIDE(AT(1300, 100, 7), AT(1700, 100, 7)), 0, 1, 1700},
        {"unknown size and no seconds", SIDE(AT(60000, 100, NAN)), SIDE(AT(119999, 100, 7)), 0, 0,
         -1},
        {"unknown size and no seconds, not of the next minute", SIDE(AT(60000, 100, NAN)),
         SIDE(AT(120000, 100, 7)), 1, 1, 120000},
        {"unknown size and no seconds, rather than just before", SIDE(AT(60000, 100, NAN)),
         SIDE(AT(57000, 100, 7), AT(90000, 100, 7)), 0, 1, 57000},
        {"a known size has its second", SIDE(AT(60000, 100, 7)), SIDE(AT(90000, 100, 7)), 1, 1,
         90000},
        {"undated: made long before it was reported", SIDE(UNDATED(900000, 100, 1)),
         SIDE(AT(1, 100, 1)), 0, 0, -1},
        {"undated: not made after it was reported", SIDE(UNDATED(1000, 100, 1)),
         SIDE(AT(2001, 100, 1)), 1, 1, 2001},
        {"undated: the one nearby", SIDE(UNDATED(900000, 100, 1)),
         SIDE(AT(1, 100, 1), AT(899000, 100, 1)), 0, 1, 1},
        {"undated: those with a time come first", SIDE(UNDATED(3000, 100, 1), AT(8000, 100, 1)),
         SIDE(AT(2500, 100, 1), AT(8000, 100, 1)), 0, 0, -1},
        {"undated and of unknown size", SIDE(UNDATED(900000, 100, NAN)),
         SIDE(AT(1, 100, 4), AT(2, 101, 4)), 0, 1, 2},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct side ours = rows[i].ours, theirs = rows[i].theirs;
        t_row(rows[i].name);
        tape_merge(ours.items, ours.count, theirs.items, theirs.count);
        t_int(unmatched(ours.items, ours.count), rows[i].unlisted);
        t_int(unmatched(theirs.items, theirs.count), rows[i].missing);
        /* Of equal ones any may be missing; of unequal ones in `theirs` each row names one. */
        if (rows[i].missing <= 1 || rows[i].first_missing_ms == 5)
            t_int(first_missing(&theirs), rows[i].first_missing_ms);
    }
    t_row("");
}

static void a_list_is_merged_up_to_a_whole_second(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t ms, until_ms;
    } rows[] = {
        {"a whole second", 0, -1},
        {"within a second", 400, -1},
        {"a millisecond before the end", 998, -1},
        {"the end of a second", 999, 999},
        {"the next one", 1000, 999},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(tape_merge_until(MS(rows[i].ms)), MS(rows[i].until_ms));
    }
    t_int(tape_merge_until(MS(999) + 5), MS(999)); /* a time of day that is not in milliseconds */
    t_row("");
}

/* Which trade of the list ours are, in the order of ours. */
static void each_of_ours_has_its_trade_of_the_list(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct side ours, theirs;
        int64_t with[3];
    } rows[] = {
        {"by time",
         SIDE(AT(2000, 100, NAN), AT(1000, 100, NAN), AT(2000, 101, NAN)),
         SIDE(AT(1100, 100, 3), AT(2100, 101, 4), AT(2200, 100, 5)),
         {2, 0, 1}},
        {"twins of one millisecond",
         SIDE(AT(5, 100, 1), AT(5, 100, 1), AT(5, 100, NAN)),
         SIDE(AT(5, 100, 1), AT(5, 100, 9), AT(5, 100, 1)),
         {0, 2, 1}},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct side ours = rows[i].ours, theirs = rows[i].theirs;
        t_row(rows[i].name);
        for (size_t n = 0; n < 3; n++)
            ours.items[n].at = theirs.items[n].at = (int64_t)n;
        tape_merge(ours.items, 3, theirs.items, 3);
        for (size_t n = 0; n < 3; n++) {
            t_true(ours.items[n].matched);
            t_int(ours.items[n].with, rows[i].with[ours.items[n].at]);
            t_int(rows[i].with[theirs.items[n].with], theirs.items[n].at);
        }
    }
    t_row("");
}

/* --- random days ------------------------------------------------------------------------------ */

#define TRADES 400

enum kind { ROFEX, BYMA, SLOW, TERMINAL, NO_SECONDS, NO_TIME, KINDS };

struct day {
    struct tape_item truth[TRADES], ours[TRADES];
    size_t ours_count;
};

static struct tape_item random_trade(struct rng *rng)
{
    static const double prices[] = {1500, 1500.5, 1501};
    return (struct tape_item){.ts_event = MS(rng_below(rng, 100000)),
                              .price = prices[rng_below(rng, 3)],
                              .size = (double)(1 + rng_below(rng, 2))};
}

/* Trades, some of them in the same millisecond, in the order of time. */
static void make_truth(struct day *day, struct rng *rng)
{
    for (size_t i = 0; i < TRADES; i++) {
        struct tape_item *item = &day->truth[i];
        *item = random_trade(rng);
        if (i && rng_below(rng, 8) == 0)
            *item = day->truth[i - 1];
    }
    tape_merge_sort(day->truth, TRADES);
    for (size_t i = 0; i < TRADES; i++)
        day->truth[i].at = (int64_t)i;
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool has(const struct day *day, const struct tape_item *item)
{
    for (size_t i = 0; i < day->ours_count; i++) {
        const struct tape_item *other = &day->ours[i];
        if (other->ts_event == item->ts_event && other->price == item->price &&
            same_number(other->size, item->size))
            return true;
    }
    return false;
}

static void see(struct tape_item *seen, struct rng *rng, enum kind kind)
{
    switch (kind) {
    case ROFEX:
    case KINDS:
        break;
    case BYMA:
        seen->ts_event = seen->ts_event / NS_PER_S * NS_PER_S;
        break;
    case SLOW:
        seen->ts_event += rng_below(rng, 4000) * NS_PER_MS;
        break;
    case TERMINAL:
        seen->ts_event = seen->ts_event / NS_PER_S * NS_PER_S;
        seen->size = NAN;
        break;
    case NO_SECONDS:
        seen->ts_event = seen->ts_event / NS_PER_MIN * NS_PER_MIN;
        seen->size = NAN;
        break;
    case NO_TIME:
        seen->ts_event += rng_below(rng, 30000) * NS_PER_MS;
        seen->undated = true;
        break;
    }
}

/* What the service sees of it: not all, and each once. */
static void make_ours(struct day *day, struct rng *rng, enum kind kind)
{
    day->ours_count = 0;
    for (size_t i = 0; i < TRADES; i++) {
        struct tape_item seen = day->truth[i];
        if (rng_below(rng, 3) == 0)
            continue;
        see(&seen, rng, kind);
        seen.at = (int64_t)day->ours_count;
        if (!has(day, &seen))
            day->ours[day->ours_count++] = seen;
    }
}

/* The same rules in the most obvious way: for each rule, each of ours by time, the earliest. */
static bool is_within(const struct tape_item *our, const struct tape_item *their, int rule)
{
    int64_t later = their->ts_event - our->ts_event;
    switch (rule) {
    case 0:
        return later == 0;
    case 1:
        return our->ts_event % NS_PER_S == 0 && later >= 0 && later < NS_PER_S;
    case 2:
        return isnan(our->size) && our->ts_event % NS_PER_MIN == 0 && later >= 0 &&
               later < NS_PER_MIN;
    case 3:
        return later >= -TAPE_MERGE_BEFORE_NS && later <= TAPE_MERGE_AFTER_NS;
    default:
        return our->undated && later <= TAPE_MERGE_AFTER_NS;
    }
}

static bool may_be(const struct tape_item *our, const struct tape_item *their, bool unknown_size)
{
    return our->price == their->price &&
           (unknown_size ? isnan(our->size) : our->size == their->size);
}

static void run_oracle(struct tape_item *ours, size_t ours_count, struct tape_item *theirs,
                       size_t theirs_count)
{
    tape_merge_sort(ours, ours_count);
    tape_merge_sort(theirs, theirs_count);
    for (int rule = 0; rule < 10; rule++) {
        for (size_t i = 0; i < ours_count; i++) {
            for (size_t k = 0; !ours[i].matched && k < theirs_count; k++) {
                if (!theirs[k].matched && may_be(&ours[i], &theirs[k], rule >= 5) &&
                    is_within(&ours[i], &theirs[k], rule % 5))
                    ours[i].matched = theirs[k].matched = true;
            }
        }
    }
}

static void check_same(struct tape_item *a, struct tape_item *b, size_t count)
{
    tape_merge_sort(a, count);
    tape_merge_sort(b, count);
    for (size_t i = 0; i < count; i++)
        t_int(a[i].matched, b[i].matched);
}

/* Some of ours become the trades of the list that they are, and some of the missing ones are added,
 * as when the service is killed. Returns how many were added. */
static size_t correct_some(struct tape_item *ours, size_t count, struct tape_item *theirs,
                           struct rng *rng)
{
    size_t added = 0;
    tape_merge_sort(theirs, TRADES); /* `at` is then the index */
    for (size_t i = 0; i < count; i++) {
        const struct tape_item *is = &theirs[ours[i].with];
        if ((isnan(ours[i].size) || ours[i].undated) && rng_below(rng, 2))
            ours[i] =
                (struct tape_item){is->ts_event, is->price, is->size, ours[i].at, false, false, 0};
    }
    for (size_t i = 0; i < TRADES; i++) {
        if (theirs[i].matched || rng_below(rng, 2))
            continue;
        ours[count + added] = theirs[i];
        ours[count + added].at = -(int64_t)added;
        added++;
    }
    return added;
}

static void random_days_agree_with_the_oracle_and_the_truth(void **state)
{
    (void)state;
    static struct day day;
    static struct tape_item theirs[TRADES], ours[TRADES * 2], check[TRADES], check_ours[TRADES];
    size_t reduced = 0;
    for (uint64_t seed = 1; seed <= 120; seed++) {
        struct rng rng = {.state = seed};
        char name[32];
        snprintf(name, sizeof(name), "day %d", (int)seed);
        t_row(name);
        make_truth(&day, &rng);
        make_ours(&day, &rng, (enum kind)(seed % KINDS));
        memcpy(theirs, day.truth, sizeof(theirs));
        memcpy(check, day.truth, sizeof(check));
        memcpy(ours, day.ours, sizeof(day.ours));
        memcpy(check_ours, day.ours, sizeof(day.ours));
        size_t count = day.ours_count;
        tape_merge(ours, count, theirs, TRADES);
        run_oracle(check_ours, count, check, TRADES);
        check_same(ours, check_ours, count);
        check_same(theirs, check, TRADES);
        t_int(unmatched(ours, count), 0); /* all of ours are in the list: nothing is doubled */
        t_int(count + unmatched(theirs, TRADES), TRADES);

        /* Then the same list is merged again. */
        size_t missing = unmatched(theirs, TRADES);
        size_t added = correct_some(ours, count, theirs, &rng);
        count += added;
        tape_merge(ours, count, theirs, TRADES);
        t_int(unmatched(ours, count), 0);
        t_int(unmatched(theirs, TRADES), missing - added);
        reduced += missing > added && added > 0;
    }
    t_row("");
    t_int(reduced, 120);
}

static void a_large_day_with_one_price_is_not_quadratic(void **state)
{
    (void)state;
    struct tape_item *ours = calloc(MANY, sizeof(*ours)), *theirs = calloc(MANY, sizeof(*theirs));
    assert_non_null(ours);
    assert_non_null(theirs);
    for (size_t i = 0; i < MANY; i++) {
        int64_t at = (int64_t)i;
        theirs[i] = (struct tape_item){MS(at * 200), 1500, 1, at, false, false, 0};
        ours[i] = (struct tape_item){
            MS(at * 400 + 200 + at % 2 * 7), 1500, i % 5 ? 1 : NAN, at, false, false, 0};
    }
    tape_merge(ours, MANY, theirs, MANY);
    size_t missing = unmatched(theirs, MANY);
    t_true(missing > MANY / 2 - 16 && missing < MANY / 2 + 16);
    t_int(MANY - unmatched(ours, MANY), MANY - missing); /* one to one */
    for (size_t i = 0; i < MANY; i++) {
        ours[i].size = 1;
        ours[i].undated = true;
    }
    tape_merge(ours, MANY, theirs, MANY);
    t_int(unmatched(theirs, MANY), 0); /* each of ours was reported after one that is left */
    free(ours);
    free(theirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_is_compared_as_a_multiset),
        cmocka_unit_test(each_of_ours_has_its_trade_of_the_list),
        cmocka_unit_test(a_list_is_merged_up_to_a_whole_second),
        cmocka_unit_test(random_days_agree_with_the_oracle_and_the_truth),
        cmocka_unit_test(a_large_day_with_one_price_is_not_quadratic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
