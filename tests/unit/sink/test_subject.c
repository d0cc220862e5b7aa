/* Subjects: each instrument has its own, which the servers accept. */
#include "sink/subject.h"

#include "primary/reference.h"
#include "support/t.h"

static void quotes_have_a_subject_of_three_parts(void **state)
{
    (void)state;
    static const struct {
        struct sink_instrument of;
        const char *expected;
    } rows[] = {
        {{"ROFX", "DLR/DIC26", "DDF"}, "md.ROFX.DDF.DLR/DIC26"},
        {{"ROFX", "MERV - XMEV - AL30 - 24hs", "MERV"},
         "md.ROFX.MERV.MERV%20-%20XMEV%20-%20AL30%20-%2024hs"},
        {{"ROFX", "A.B*C>D", NULL}, "md.ROFX._.A%2EB%2AC%3ED"},
        {{"ROFX", "x", ""}, "md.ROFX._.x"},
        {{"ROFX", "_", "_"}, "md.ROFX.%5F.%5F"},
        {{"ROFX", "_a", "S"}, "md.ROFX.S._a"},
        {{"ROFX", "100%", "S"}, "md.ROFX.S.100%25"},
        {{"ROFX", "Ñ", "S"}, "md.ROFX.S.%C3%91"},
    };
    struct buf out;
    buf_init(&out, SINK_SUBJECT_BYTES);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].of.symbol);
        sink_quote_subject(&out, "md", &rows[i].of);
        t_str(buf_text(&out), rows[i].expected);
    }
    buf_finish(&out);
}

static void trades_and_events_have_others(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, SINK_SUBJECT_BYTES);
    sink_trade_subject(&out, "x.md", &(struct sink_instrument){"ROFX", "DLR/DIC26", "DDF"});
    t_str(buf_text(&out), "x.md.trade.ROFX.DDF.DLR/DIC26");
    sink_instrument_subject(&out, "x.md", &(struct sink_instrument){"ROFX", "DLR/DIC26", "DDF"});
    t_str(buf_text(&out), "x.md.instrument.ROFX.DDF.DLR/DIC26");
    sink_event_subject(&out, "x.md", "stream_open");
    t_str(buf_text(&out), "x.md.event.stream_open");
    buf_finish(&out);
}

static void the_longest_one_fits(void **state)
{
    (void)state;
    char symbol[SYMBOL_BYTES_MAX + 1], segment[129];
    struct buf out;
    memset(symbol, '.', SYMBOL_BYTES_MAX);
    symbol[SYMBOL_BYTES_MAX] = '\0';
    memset(segment, ' ', 128);
    segment[128] = '\0';
    buf_init(&out, SINK_SUBJECT_BYTES);
    sink_instrument_subject(&out, "123456789.123456789.123456789.12",
                            &(struct sink_instrument){"ROFX", symbol, segment});
    t_true(!buf_failed(&out));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_have_a_subject_of_three_parts),
        cmocka_unit_test(trades_and_events_have_others),
        cmocka_unit_test(the_longest_one_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
