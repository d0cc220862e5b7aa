#include "market/segment_names.h"

#include "support/t.h"

static struct instrument_list *list_of(const char *const *segments, size_t count)
{
    struct instrument_list *list = instrument_list_create();
    for (size_t i = 0; i < count; i++) {
        char symbol[32];
        struct instrument instrument = instrument_unknown;
        snprintf(symbol, sizeof(symbol), "S%zu", i);
        instrument.market_id = "ROFX";
        instrument.symbol = symbol;
        instrument.segment = segments[i];
        t_int(instrument_list_put(list, &instrument), 0);
    }
    return list;
}

static void doubts(void **state)
{
    (void)state;
    static const char *const segments[] = {"DDF", "DDF", "MERV", NULL, "", "X1"};
    static const char *const none[] = {NULL, NULL};
    static const struct {
        const char *name, *segment;
        bool listed;
        const char *words; /* NULL: no doubt */
    } rows[] = {
        {"listed", "MERV", true, NULL},
        {"listed, in other letters", "merv", true, NULL},
        {"not listed, but similar", "MREV", true,
         "segment \"MREV\": no instrument of the broker's list is of this segment, so its hours "
         "are "
         "not used; did you mean MERV?"},
        {"not listed, and nothing similar", "ABCDEFG", true,
         "segment \"ABCDEFG\": no instrument of the broker's list is of this segment, so its hours "
         "are not used"},
        {"one that other accounts have", "DDA", true, "did you mean DDF?"},
        {"a usual name, without a list", "DDA", false, NULL},
        {"a mistyped usual name", "DFF", false,
         "segment \"DFF\": no segment of this name is known; did you mean DDF?"},
        {"a name of which nothing is known", "NEW-SEGMENT", false, NULL},
    };
    struct instrument_list *list = list_of(segments, 6), *empty = list_of(none, 2);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[SEGMENT_DOUBT_BYTES];
        t_row(rows[i].name);
        const char *words = segment_doubt(out, rows[i].listed ? list : empty, rows[i].segment);
        t_int(words != NULL, rows[i].words != NULL);
        if (rows[i].words)
            t_contains(words, rows[i].words);
    }
    char out[SEGMENT_DOUBT_BYTES];
    t_true(segment_doubt(out, NULL, "MERV") == NULL);
    t_row("a segment without instruments, of the broker's list of segments");
    t_int(instrument_list_put_segment(list,
                                      &(struct market_segment){.market_id = "ROFX", .id = "EMPTY"}),
          0);
    t_true(segment_doubt(out, list, "empty") == NULL);
    t_row("as similar as MERV, but without instruments");
    t_int(instrument_list_put_segment(list,
                                      &(struct market_segment){.market_id = "ROFX", .id = "MAE"}),
          0);
    t_contains(segment_doubt(out, list, "MREV"), "did you mean MERV?");
    instrument_list_release(list);
    instrument_list_release(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
