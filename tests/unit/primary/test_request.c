#include "support/t.h"

#include "market/entry.h"
#include "primary/request.h"

static void encodes_all_but_unreserved_characters(void **state)
{
    (void)state;
    static const struct row {
        const char *text, *encoded;
    } rows[] = {
        {"DLR/DIC26", "DLR%2FDIC26"},
        {"MERV - XMEV - AL30 - CI", "MERV%20-%20XMEV%20-%20AL30%20-%20CI"},
        {"SOJ.ROS/MAY27 380 C", "SOJ.ROS%2FMAY27%20380%20C"},
        {"Az09-._~", "Az09-._~"},
        {"a+b&c=d?e#f%", "a%2Bb%26c%3Dd%3Fe%23f%25"},
        {"D\xc3\xb3lar", "D%C3%B3lar"},
        {"\r\n", "%0D%0A"},
        {"", ""},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf buf;
        buf_init(&buf, 200);
        t_row(rows[i].text);
        request_encode(&buf, rows[i].text);
        t_str(buf_text(&buf), rows[i].encoded);
        buf_finish(&buf);
    }
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_all_but_unreserved_characters),
        cmocka_unit_test(url_of_market_data),
        cmocka_unit_test(a_url_that_does_not_fit_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
