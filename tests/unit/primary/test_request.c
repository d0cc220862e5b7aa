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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url_of_market_data),
        cmocka_unit_test(url_of_one_instruments_detail),
        cmocka_unit_test(a_url_that_does_not_fit_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
