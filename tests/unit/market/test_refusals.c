#include "market/refusals.h"

#include "support/t.h"

/* R = refused; a = answered; . = half a minute passes; , = a millisecond passes; ! = refused, and
 * that is most of them */
static void runs(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t instruments;
        const char *script;
    } rows[] = {
        {"a single instrument", 1, "RRRRRRRR"},
        {"both of two", 2, "R!"},
        {"all three", 3, "RR!"},
        {"two of three", 3, "RRaaaaaa"},
        {"four in a row of twelve", 12, "RRR!"},
        {"the same again", 12, "RRR!RRR!"},
        {"a quarter of forty", 40, "RRRRRRRRR!"},
        {"twenty of thousands", 9000, "RRRRRRRRRRRRRRRRRRR!"},
        {"as many answers as refusals", 12, "RaRaRaRaRaRaRaRa"},
        {"more refusals than answers", 12, "RRaR!"},
        {"after many answers", 12, "aaaaaaaaaaaaaaaaRRR!"},
        {"half a minute apart", 12, "R.R.R.!"},
        {"a minute apart", 12, "R..R..R..!"},
        {"a minute and a millisecond apart", 12, "R..,R..,R..,R..,R"},
        {"more than a minute apart", 12, "R...R...R...R...R"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct refusals r = {0};
        int64_t now_ms = 1000000;
        t_row(rows[i].name);
        for (const char *c = rows[i].script; *c; c++) {
            if (*c == 'a')
                refusals_answered(&r);
            else if (*c == '.')
                now_ms += 30000;
            else if (*c == ',')
                now_ms++;
            else
                t_int(refusals_add(&r, rows[i].instruments, now_ms), *c == '!');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
