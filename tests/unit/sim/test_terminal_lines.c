#include "sim/terminal_lines.h"

#include "base/clock.h"
#include "support/t.h"

#define TODAY_NS (INT64_C(1795096978) * NS_PER_S) /* 2026-11-19 14:02:58 UTC */
#define DAY      ((int32_t)art_day(TODAY_NS))

static void ids(void **state)
{
    (void)state;
    /* Protocol section 12.5. */
    static const struct {
        const char *symbol, *segment, *id;
    } rows[] = {
        {"DLR/JUN26", "DDF", "rx_DDF_DLR_JUN26"},
        {"DLR/JUN26/JUL26", "DDF", "rx_DDF_DLR_JUN26_JUL26"},
        {"GGAL/DIC26", "DUAL", "rx_DUAL_GGAL_DIC26"},
        {"SOJ.ROS/MAY27 380 C", "DDA", "rx_DDA_SOJ.ROS_MAY27 380 C"},
        {"MERV - XMEV - AL30 - 24hs", "MERV", "bm_MERV_AL30_24hs"},
        {"MERV - XMEV - PESOS - 1D", "MERV", "bm_MERV_PESOS_1D"},
        {"MERV - XMEV - I.MERVAL", "RFXI", "bm_MERV_I.MERVAL"},
        {"I.RFX20", "RFXI", "rx_RFXI_I.RFX20"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char id[TERMINAL_INSTRUMENT_BYTES];
        t_row(rows[i].symbol);
        terminal_lines_id(id, rows[i].symbol, rows[i].segment);
        t_str(id, rows[i].id);
        t_true(terminal_lines_byma(rows[i].symbol) == (strncmp(id, "bm_", 3) == 0));
    }
    char id[TERMINAL_INSTRUMENT_BYTES], symbol[300];
    memset(symbol, 'x', sizeof(symbol) - 1);
    symbol[sizeof(symbol) - 1] = '\0';
    terminal_lines_id(id, symbol, "DDF");
    t_int(strlen(id), TERMINAL_INSTRUMENT_BYTES - 1);
}

static struct quote future(void)
{
    struct quote q = quote_none();
    q.bids = (struct side){2, {{1601.5, 12}, {1601, 200}}};
    q.offers = (struct side){3, {{1602.5, 35}, {1603, 410}, {1604, 1}}};
    q.last_price = 1602;
    q.last_size = 5;
    q.ts_last = TODAY_NS + 117 * NS_PER_MS;
    q.open_price = 1598;
    q.high_price = 1604.5;
    q.low_price = 1596.5;
    q.close_price = q.settlement_price = 1597;
    q.close_day = q.settlement_day = DAY - 1;
    q.open_interest = 812345;
    q.trade_volume = 45120;
    return q;
}

static struct quote bond(void)
{
    struct quote q = quote_none();
    q.bids = (struct side){1, {{88120, 1500}}};
    q.offers = (struct side){1, {{88190, 20}}};
    q.last_price = 88150;
    q.ts_last = TODAY_NS;
    q.low_price = 87850;
    q.high_price = 88240;
    q.open_price = 87900;
    q.close_price = 87900;
    q.close_day = DAY - 1;
    q.effective_volume = 913245780.55;
    q.nominal_volume = 1036412;
    return q;
}

static void check(const struct terminal_line_parts *line, const char *quote, const char *book)
{
    struct buf out;
    buf_init(&out, 4096);
    terminal_lines_put_quote(&out, line);
    t_str(buf_text(&out), quote);
    buf_clear(&out);
    terminal_lines_put_book(&out, line);
    t_str(buf_text(&out), book);
    buf_finish(&out);
}

static void lines_of_a_future(void **state)
{
    const struct quote q = future();
    struct terminal_line_parts line = {
        .id = "rx_DDF_DLR_NOV26",
        .quote = &q,
        .seq = 90211,
        .now_ns = TODAY_NS,
        .multiplier = 1000,
        .tick = 0.5,
        .money = 72214560000,
    };
    (void)state;
    t_row("open");
    check(
        &line,
        "M:rx_DDF_DLR_NOV26|90211|12|1601.5|1602.5|35|1602|2026-11-19T14:02:58Z|45120|72214560000|"
        "45120000|1596.5|1604.5|1598|812345|||1597|2026-11-18|1596.5|2026-11-17",
        "B:rx_DDF_DLR_NOV26!90211!12|1601.5|1602.5|35!200|1601|1603|410!||1604|1!|||!");
    t_row("closed");
    line.closed = true;
    check(&line,
          "M:rx_DDF_DLR_NOV26|90211||||||||72214560000|45120000||||812345|1602|2026-11-19|1597|"
          "2026-11-18|1596.5|2026-11-17",
          "B:rx_DDF_DLR_NOV26!90211!|||!");
    t_row("brief");
    line.closed = false;
    line.brief = true;
    check(
        &line,
        "M:rx_DDF_DLR_NOV26|90211|12|1601.5|1602.5|35|1602|2026-11-19T14:02:58Z|45120|72214560000|"
        "45120000|1596.5|1604.5|1598|812345",
        "B:rx_DDF_DLR_NOV26!90211!12|1601.5|1602.5|35!200|1601|1603|410!||1604|1!|||!");
}

static void lines_of_a_bond(void **state)
{
    const struct quote q = bond();
    struct terminal_line_parts line = {
        .id = "bm_MERV_GD35_24hs", .quote = &q, .seq = 5, .now_ns = TODAY_NS, .money = NAN};
    (void)state;
    t_row("open");
    check(&line,
          "M:bm_MERV_GD35_24hs|5|1500|88120|88190|20|88150|2026-11-19T14:02:58Z||913245780.55|"
          "1036412|"
          "87850|88240|87900||88150|2026-11-19|||87900|2026-11-18",
          "B:bm_MERV_GD35_24hs!5!1500|88120|88190|20!|||!");
    t_row("closed");
    line.closed = true;
    check(
        &line,
        "M:bm_MERV_GD35_24hs|5||||||||913245780.55|1036412|||||88150|2026-11-19|||87900|2026-11-18",
        "B:bm_MERV_GD35_24hs!5!|||!");
}

static void an_instrument_without_data(void **state)
{
    const struct quote q = quote_none();
    (void)state;
    check(&(struct terminal_line_parts){.id = "rx_DDF_DLR_ENE28",
                                        .quote = &q,
                                        .seq = 1,
                                        .now_ns = TODAY_NS,
                                        .money = NAN,
                                        .multiplier = 1000},
          "M:rx_DDF_DLR_ENE28|1|||||||||||||||||||", "B:rx_DDF_DLR_ENE28!1!|||!");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids),
        cmocka_unit_test(lines_of_a_future),
        cmocka_unit_test(lines_of_a_bond),
        cmocka_unit_test(an_instrument_without_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
