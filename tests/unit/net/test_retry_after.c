#include "net/retry_after.h"

#include "base/clock.h"
#include "support/t.h"

#include <string.h>

#define NOW_S INT64_C(1000000000) /* Sun, 09 Sep 2001 01:46:40 GMT */
#define DIGITS_100                                                                                 \
    "1000000000100000000010000000001000000000100000000010000000001000000000100000000010000000001"  \
    "000000000"

static void test_formats(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"7", 7000},
        {"0", 0},
        {"007", 7000},
        {"1.5", 1500}, /* not in the RFC, but unambiguous */
        {"899", 899000},
        {"901", RETRY_AFTER_MAX_MS},
        {"99999999999", RETRY_AFTER_MAX_MS},
        {DIGITS_100, RETRY_AFTER_MAX_MS},
        {"Sun, 09 Sep 2001 01:46:45 GMT", 5000},
        {"Sunday, 09-Sep-01 01:46:45 GMT", 5000},
        {"Sun Sep  9 01:46:45 2001", 5000},
        {"Sun, 09 Sep 2001 01:46:40 GMT", 0},
        {"Sun, 09 Sep 2001 01:46:39 GMT", -1},
        {"Fri, 31 Dec 2100 23:59:59 GMT", RETRY_AFTER_MAX_MS},
        {"Fri, 31 Dec 1999 23:59:59 GMT", -1},
        {"", -1},
        {"soon", -1},
        {"-5", -1},
        {"5 minutes", -1},
        {"nan", -1},
        {"Sun, 09 Sep 2001 01:46:45 GMT; and words that make it longer than any date", -1},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].text);
        t_int(retry_after_ms(rows[i].text, strlen(rows[i].text), NOW_S * NS_PER_S), rows[i].ms);
    }
}

static void test_reads_only_the_given_bytes(void **state)
{
    (void)state;
    t_int(retry_after_ms("17\r\nX: 1", 2, 0), 17000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_reads_only_the_given_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
