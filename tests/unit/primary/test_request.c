#include "support/t.h"

#include "market/entry.h"
#include "primary/request.h"

static void url_of_market_data(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 500);
    request_market_data(&buf, "https://api.demo-broker.test/",
                        &(struct request_quote){
                            REQUEST_MARKET_ROFX, "MERV - XMEV - GD35 - 24hs",
                            ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF), 5});
    t_str(buf_text(&buf), "https://api.demo-broker.test/rest/marketdata/get?marketId=ROFX"
                          "&symbol=MERV%20-%20XMEV%20-%20GD35%20-%2024hs&entries=BI,OF,LA&depth=5");
    buf_finish(&buf);
}

static void a_url_that_does_not_fit_is_an_error(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 40);
    request_market_data(&buf, "https://api.demo-broker.test/",
                        &(struct request_quote){"ROFX", "DLR/DIC26", ENTRY_ALL, 1});
    t_true(buf_failed(&buf));
    buf_finish(&buf);
}

static void url_of_one_instruments_detail(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1000);
    request_detail(&out, "https://api.example/", "ROFX", "MERV - XMEV - AL30 - CI");
    t_str(buf_text(&out), "https://api.example/rest/instruments/detail?symbol="
                          "MERV%20-%20XMEV%20-%20AL30%20-%20CI&marketId=ROFX");
    buf_finish(&out);
}

static void paths_of_parts_of_the_list(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1000);
    request_by_segment(&out, "ROFX", "U-DDF & more");
    t_str(buf_text(&out), "rest/instruments/bySegment?MarketSegmentID=U-DDF%20%26%20more"
                          "&MarketID=ROFX");
    buf_clear(&out);
    request_by_cfi_code(&out, "FXXXSX");
    t_str(buf_text(&out), "rest/instruments/byCFICode?CFICode=FXXXSX");
    buf_finish(&out);
}

static void url_of_a_list_of_trades(void **state)
{
    (void)state;
    static const struct {
        const char *name, *base, *symbol, *url;
    } rows[] = {
        {"Matba Rofex", "https://api.example/", "DLR/DIC26",
         "https://api.example/rest/data/"
         "getTrades?marketId=ROFX&symbol=DLR%2FDIC26&date=2026-11-19"},
        {"an option", "https://api.example/", "SOJ.ROS/MAY27 380 C",
         "https://api.example/rest/data/getTrades?marketId=ROFX&symbol=SOJ.ROS%2FMAY27%20380%20C"
         "&date=2026-11-19"},
        {"BYMA", "https://api.example/", "MERV - XMEV - AL30 - CI",
         "https://api.example/rest/data/getTrades?marketId=ROFX&symbol="
         "MERV%20-%20XMEV%20-%20AL30%20-%20CI&date=2026-11-19&external=true"},
        {"the sandbox", "https://api.remarkets.primary.com.ar/", "DLR/DIC26",
         "https://api.remarkets.primary.com.ar/rest/data/getTrades?marketId=ROFX&symbol=DLR%2FDIC26"
         "&date=2026-11-19&environment=REMARKETS"},
        {"both", "https://api.remarkets.primary.com.ar/", "MERV - XMEV - AL30 - CI",
         "https://api.remarkets.primary.com.ar/rest/data/getTrades?marketId=ROFX&symbol="
         "MERV%20-%20XMEV%20-%20AL30%20-%20CI&date=2026-11-19&external=true&environment=REMARKETS"},
    };
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        struct buf out;
        t_row(rows[r].name);
        buf_init(&out, 1000);
        request_trades(&out, rows[r].base, "ROFX", rows[r].symbol, 20776);
        t_str(buf_text(&out), rows[r].url);
        buf_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url_of_market_data),
        cmocka_unit_test(url_of_one_instruments_detail),
        cmocka_unit_test(paths_of_parts_of_the_list),
        cmocka_unit_test(url_of_a_list_of_trades),
        cmocka_unit_test(a_url_that_does_not_fit_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
