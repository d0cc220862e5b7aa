#include "market/instrument_merge.h"

#include "support/t.h"

#include "base/clock.h"

#include <math.h>

#define DAY_1 (INT64_C(1764000000) * NS_PER_S)
#define DAY_2 (DAY_1 + NS_PER_DAY)

static struct instrument priced(const char *symbol, double tick)
{
    struct instrument i = instrument_unknown;
    i.market_id = "ROFX";
    i.symbol = symbol;
    i.price_tick = tick;
    return i;
}

static void on_news(void *arg, const char *symbol, const char *words)
{
    buf_printf(arg, "%s: %s\n", symbol ? symbol : "-", words);
}

/* A merge over `before`; the news are in `news`, which may be NULL. */
struct day {
    struct instrument_list *before;
    int64_t ts;
    const struct instrument *read;
    size_t count;
    bool whole;
};

static struct instrument_list *merged(const struct day *day, struct buf *news)
{
    struct instrument_merge m;
    struct err err = {0};
    t_int(instrument_merge_begin(&m, day->before, day->ts), 0);
    for (size_t i = 0; i < day->count; i++)
        instrument_merge_add(&m, &day->read[i]);
    t_int(instrument_merge_end(&m, day->whole, &err), 0);
    if (news)
        instrument_merge_news(&m, on_news, news);
    struct instrument_list *list = instrument_merge_take(&m);
    instrument_merge_finish(&m);
    return list;
}

static const struct instrument *of(const struct instrument_list *list, const char *symbol)
{
    const struct instrument *found = instrument_list_find(list, "ROFX", symbol);
    if (!found)
        fail_msg("%s: no %s", t_row_name, symbol);
    return found;
}

static struct instrument_list *first_day(void)
{
    const struct instrument read[] = {priced("A", 0.5), priced("B", 1), priced("C", 5)};
    return merged(&(struct day){NULL, DAY_1, read, 3, true}, NULL);
}

static void the_first_list_is_no_news(void **state)
{
    (void)state;
    const struct instrument read[] = {priced("A", 0.5)};
    struct buf news;
    buf_init(&news, 4096);
    struct instrument_list *list = merged(&(struct day){NULL, DAY_1, read, 1, true}, &news);
    t_str(buf_text(&news), "");
    t_true(of(list, "A")->listed);
    t_true(of(list, "A")->ts_listed == DAY_1);
    instrument_list_release(list);
    buf_finish(&news);
}

static void new_gone_and_changed(void **state)
{
    (void)state;
    struct instrument_list *before = first_day();
    const struct instrument read[] = {priced("B", 1), priced("A", 0.1), priced("D", 2)};
    struct buf news;
    buf_init(&news, 4096);
    struct instrument_list *list = merged(&(struct day){before, DAY_2, read, 3, true}, &news);
    t_str(buf_text(&news), "-: the broker's list of instruments: 1 new, 1 no longer listed\n"
                           "A: price tick 0.5 -> 0.1\n");
    t_int(instrument_list_count(list), 4);
    t_true(of(list, "A")->ts_listed == DAY_2);
    t_double(of(list, "A")->price_tick, 0.1);
    t_true(!of(list, "C")->listed);
    t_true(of(list, "C")->ts_listed == DAY_1);
    t_double(of(list, "C")->price_tick, 5);
    instrument_list_release(list);
    instrument_list_release(before);
    buf_finish(&news);
}

static void a_part_of_the_list_removes_nothing(void **state)
{
    (void)state;
    struct instrument_list *before = first_day();
    const struct instrument read[] = {priced("B", 2), priced("D", 1)};
    struct buf news;
    buf_init(&news, 4096);
    struct instrument_list *list = merged(&(struct day){before, DAY_2, read, 2, false}, &news);
    t_str(buf_text(&news), "B: price tick 1 -> 2\n");
    t_true(of(list, "A")->listed && of(list, "B")->listed && of(list, "C")->listed);
    t_true(of(list, "A")->ts_listed == DAY_1 && of(list, "B")->ts_listed == DAY_2);
    instrument_list_release(list);
    instrument_list_release(before);
    buf_finish(&news);
}

static void what_cannot_be_read_keeps_its_value(void **state)
{
    (void)state;
    struct instrument_list *before = first_day();
    const struct instrument read[] = {priced("A", NAN), priced("B", 1), priced("C", 5)};
    struct buf news;
    buf_init(&news, 4096);
    struct instrument_list *list = merged(&(struct day){before, DAY_2, read, 3, true}, &news);
    t_str(buf_text(&news), "");
    t_double(of(list, "A")->price_tick, 0.5);
    instrument_list_release(list);
    instrument_list_release(before);
    buf_finish(&news);
}

static void one_that_comes_back_is_new(void **state)
{
    (void)state;
    struct instrument_list *day1 = first_day();
    const struct instrument two[] = {priced("A", 0.5), priced("B", 1)};
    const struct instrument three[] = {priced("A", 0.5), priced("B", 1), priced("C", 5)};
    struct buf news;
    buf_init(&news, 4096);
    struct instrument_list *day2 = merged(&(struct day){day1, DAY_2, two, 2, true}, NULL);
    struct instrument_list *day3 =
        merged(&(struct day){day2, DAY_2 + NS_PER_DAY, three, 3, true}, &news);
    t_str(buf_text(&news), "-: the broker's list of instruments: 1 new, 0 no longer listed\n");
    t_true(of(day3, "C")->listed);
    instrument_list_release(day3);
    instrument_list_release(day2);
    instrument_list_release(day1);
    buf_finish(&news);
}

/* One that was listed is in the result once more, so that the database learns that it is not any
 * more, also when no list was read for weeks. */
static void forgotten_after_weeks(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int days;
        size_t count; /* a day later */
    } rows[] = {
        {"the next day", 1, 3},
        {"as long as it is kept", INSTRUMENT_KEEP_DAYS - 1, 3},
        {"after that", INSTRUMENT_KEEP_DAYS, 2},
        {"no list for weeks", INSTRUMENT_KEEP_DAYS + 20, 2},
    };
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        struct instrument_list *before = first_day();
        const struct instrument read[] = {priced("A", 0.5), priced("B", 1)};
        t_row(rows[r].name);
        struct instrument_list *list =
            merged(&(struct day){before, DAY_1 + rows[r].days * NS_PER_DAY, read, 2, true}, NULL);
        t_int(instrument_list_count(list), 3);
        t_true(!of(list, "C")->listed);
        struct instrument_list *later = merged(
            &(struct day){list, DAY_1 + (rows[r].days + 1) * NS_PER_DAY, read, 2, true}, NULL);
        t_int(instrument_list_count(later), rows[r].count);
        instrument_list_release(later);
        instrument_list_release(list);
        instrument_list_release(before);
    }
}

static void many_changes_are_one_event(void **state)
{
    (void)state;
    enum { MANY = INSTRUMENT_NEWS_MAX + 1 };
    char symbols[MANY][16];
    struct instrument one[MANY], two[MANY];
    struct buf news;
    buf_init(&news, 4096);
    for (int i = 0; i < MANY; i++) {
        snprintf(symbols[i], sizeof(symbols[i]), "S%d", i);
        one[i] = two[i] = priced(symbols[i], 1);
        one[i].low_limit = 10;
        two[i].low_limit = 11;
    }
    two[3].price_tick = 2;
    struct instrument_list *before = merged(&(struct day){NULL, DAY_1, one, MANY, true}, NULL);
    struct instrument_list *list = merged(&(struct day){before, DAY_2, two, MANY, true}, &news);
    t_str(buf_text(&news), "S3: price tick 1 -> 2\n"
                           "-: price limits of 9 instruments changed, such as S0, S1 and S2\n");
    instrument_list_release(list);
    instrument_list_release(before);
    buf_finish(&news);
}

static void the_same_instrument_twice_in_a_list(void **state)
{
    (void)state;
    struct instrument_list *before = first_day();
    const struct instrument read[] = {priced("A", 0.1), priced("A", 0.2), priced("B", 1),
                                      priced("C", 5),   priced("D", 1),   priced("D", 1)};
    struct buf news;
    buf_init(&news, 4096);
    struct instrument_list *list = merged(&(struct day){before, DAY_2, read, 6, true}, &news);
    t_int(instrument_list_count(list), 4);
    t_str(buf_text(&news), "-: the broker's list of instruments: 1 new, 0 no longer listed\n"
                           "A: price tick 0.5 -> 0.2\n");
    instrument_list_release(list);
    instrument_list_release(before);
    buf_finish(&news);
}

static void missing_instruments_are_counted(void **state)
{
    (void)state;
    struct instrument_list *before = first_day();
    struct instrument_merge m;
    const struct instrument read = priced("A", 0.5);
    t_int(instrument_merge_begin(&m, before, DAY_2), 0);
    t_int(m.listed_before, 3);
    instrument_merge_add(&m, &read);
    t_int(instrument_merge_missing(&m), 2);
    instrument_merge_finish(&m);
    instrument_list_release(before);
}

static struct instrument_list *segments_of(const char *const *ids, int64_t ts)
{
    struct instrument_list *list = instrument_list_create();
    for (; *ids; ids++)
        t_int(instrument_list_put_segment(list, &(struct market_segment){"ROFX", *ids, ts, true}),
              0);
    return list;
}

static const char *segments_text(const struct instrument_list *list)
{
    static char text[128];
    *text = '\0';
    for (size_t i = 0; i < instrument_list_segments(list); i++) {
        const struct market_segment *s = instrument_list_segment(list, i);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s%s", i ? " " : "",
                 s->listed ? "" : "-", s->id);
    }
    return text;
}

/* Day after day: the segments that were read (none = the request failed), and what is known then.
 */
static void segments(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int day;
        const char *read[4];
        const char *known, *news;
    } rows[] = {
        {"the first list", 0, {"DDF", "MERV"}, "DDF MERV", ""},
        {"the same", 1, {"MERV", "DDF"}, "DDF MERV", ""},
        {"not read", 2, {NULL}, "DDF MERV", ""},
        {"one is new, one is gone",
         3,
         {"DDF", "TEST"},
         "DDF -MERV TEST",
         "-: the broker's list of segments: 1 new (TEST), 1 no longer listed (MERV)\n"},
        {"it is back",
         4,
         {"DDF", "MERV", "TEST"},
         "DDF MERV TEST",
         "-: the broker's list of segments: 1 new (MERV), 0 no longer listed\n"},
        {"gone",
         5,
         {"MERV"},
         "-DDF MERV -TEST",
         "-: the broker's list of segments: 0 new, 2 no longer listed (DDF, TEST)\n"},
        {"forgotten", 60, {"MERV"}, "MERV", ""},
    };
    const struct instrument read = priced("A", 1);
    struct instrument_list *known = NULL;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct instrument_merge m;
        struct err err;
        struct buf news;
        int64_t ts = DAY_1 + rows[i].day * NS_PER_DAY;
        struct instrument_list *list = segments_of(rows[i].read, ts);
        t_row(rows[i].name);
        buf_init(&news, 4096);
        t_int(instrument_merge_begin(&m, known, ts), 0);
        if (rows[i].read[0])
            instrument_merge_segments(&m, list);
        instrument_merge_add(&m, &read);
        t_int(instrument_merge_end(&m, true, &err), 0);
        instrument_merge_news(&m, on_news, &news);
        t_str(buf_text(&news), rows[i].news);
        instrument_list_release(known);
        known = instrument_merge_take(&m);
        t_str(segments_text(known), rows[i].known);
        instrument_merge_finish(&m);
        instrument_list_release(list);
        buf_finish(&news);
    }
    instrument_list_release(known);
}

/* A recorder that takes over may publish what it knew before it reads the list again. */
static void what_was_published_replaces_older_values(void **state)
{
    (void)state;
    struct instrument_list *before = instrument_list_create();
    struct instrument_list *published = instrument_list_create();
    struct instrument known[] = {priced("A", 1), priced("B", 1)};
    struct instrument news[] = {priced("A", 2), priced("B", 2), priced("C", 2)};
    struct instrument_published out;
    known[0].ts_listed = known[1].ts_listed = DAY_1;
    news[0].ts_listed = DAY_1;
    news[1].ts_listed = DAY_1 - 1;
    for (size_t i = 0; i < T_COUNT(known); i++)
        t_int(instrument_list_put(before, &known[i]), 0);
    for (size_t i = 0; i < T_COUNT(news); i++)
        t_int(instrument_list_put(published, &news[i]), 0);
    t_int(instrument_merge_published(before, published, &out), 0);
    t_int(instrument_list_count(out.after), 3);
    t_double(of(out.after, "A")->price_tick, 2);
    t_double(of(out.after, "B")->price_tick, 1);
    t_double(of(out.after, "C")->price_tick, 2);
    t_int(instrument_list_count(out.accepted), 2);
    t_true(!instrument_list_find(out.accepted, "ROFX", "B"));
    instrument_list_release(out.after);
    instrument_list_release(out.accepted);
    instrument_list_release(before);
    instrument_list_release(published);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_list_is_no_news),
        cmocka_unit_test(new_gone_and_changed),
        cmocka_unit_test(a_part_of_the_list_removes_nothing),
        cmocka_unit_test(what_cannot_be_read_keeps_its_value),
        cmocka_unit_test(one_that_comes_back_is_new),
        cmocka_unit_test(forgotten_after_weeks),
        cmocka_unit_test(many_changes_are_one_event),
        cmocka_unit_test(the_same_instrument_twice_in_a_list),
        cmocka_unit_test(missing_instruments_are_counted),
        cmocka_unit_test(segments),
        cmocka_unit_test(what_was_published_replaces_older_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
