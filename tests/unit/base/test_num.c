#include "support/t.h"

#include "base/num.h"
#include "base/rng.h"

#include <float.h>
#include <stdlib.h>

static void parses_decimal_text_only(void **state)
{
    (void)state;
    static const struct row {
        const char *name, *text;
        bool good;
        double value;
    } rows[] = {
        /* clang-format off */
        {"integer",              "7620",           true,  7620},
        {"needless zeros",       "6320.00",        true,  6320},
        {"six decimals",         "1.000000",       true,  1},
        {"above 2^32",           "5200000000000",  true,  5.2e12},
        {"2^53",                 "9007199254740992", true, 9007199254740992.0},
        {"cents",                "15400320.75",    true,  15400320.75},
        {"negative",             "-3.5",           true,  -3.5},
        {"plus",                 "+3.5",           true,  3.5},
        {"exponent",             "1e5",            true,  100000},
        {"small exponent",       "25E-1",          true,  2.5},
        {"no digit before the point", ".5",        true,  0.5},
        {"no digit after the point", "5.",         true,  5},
        {"63 bytes", "0.1000000000000000000000000000000000000000000000000000000000000", true, 0.1},
        {"64 bytes", "0.10000000000000000000000000000000000000000000000000000000000000", false, 0},
        {"70 digits", "1234567890123456789012345678901234567890123456789012345678901234567890",
         false, 0},
        {"empty",                "",               false, 0},
        {"sign alone",           "+",              false, 0},
        {"point alone",          ".",              false, 0},
        {"exponent alone",       "e5",             false, 0},
        {"exponent without digits", "1e",          false, 0},
        {"two numbers",          "1-2",            false, 0},
        {"two points",           "1.2.3",          false, 0},
        {"leading space",        " 1",             false, 0},
        {"trailing space",       "1 ",             false, 0},
        {"comma",                "1,5",            false, 0},
        {"hexadecimal",          "0x10",           false, 0},
        {"not a number",         "nan",            false, 0},
        {"infinity",             "inf",            false, 0},
        {"too large",            "1e999",          false, 0},
        {"words",                "abc",            false, 0},
        {"plus and minus",       "+-1",            false, 0},
        {"plus and an exponent", "+1e1",           true,  10},
        {"15 digits",            "99999999.9999999", true, 99999999.9999999},
        {"16 digits",            "99999999.99999999", true, 99999999.99999999},
        {"15 decimals",          ".000000000000001", true, 1e-15},
        {"minus alone",          "-",              false, 0},
        {"minus and a point",    "-.",             false, 0},
        {"two signs",            "--1",            false, 0},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        double out = -77;
        t_row(rows[i].name);
        t_int(num_parse(rows[i].text, strlen(rows[i].text), &out), rows[i].good);
        t_double(out, rows[i].good ? rows[i].value : -77);
    }
}

static void reads_only_the_given_bytes(void **state)
{
    (void)state;
    char text[3] = {'1', '2', '3'}; /* no NUL: ASan detects a read past the end */
    double out = 0;
    t_row("three bytes without a NUL");
    t_true(num_parse(text, 3, &out));
    t_double(out, 123);
    t_row("two of them");
    t_true(num_parse(text, 2, &out));
    t_double(out, 12);
    t_row("a NUL inside");
    t_true(!num_parse("1\0002", 3, &out));
}

static void minus_zero_is_zero(void **state)
{
    (void)state;
    double out = 1;
    t_row("-0.0");
    t_true(num_parse("-0.0", 4, &out));
    t_double(out, 0);
    t_true(!signbit(out));
}

static void scans_the_number_at_the_beginning(void **state)
{
    (void)state;
    static const struct row {
        const char *text;
        size_t used;
        double value;
    } rows[] = {
        /* clang-format off */
        {"1602.5,", 6, 1602.5}, {"-3}", 2, -3}, {"-0]", 2, 0}, {"5.", 2, 5}, {"-.5x", 3, -0.5}, {"1.2.3", 3, 1.2},
        {"1-2", 1, 1}, {"0x10", 1, 0}, {"00012", 5, 12}, {"1e", 1, 1}, {"1e+", 1, 1}, {"1e5e", 3, 1e5}, {"1.e2", 4, 100},
        {"9.1324578055E8", 14, 913245780.55}, {"25e-1", 5, 2.5}, {"1e22", 4, 1e22}, {"1e23", 4, 1e23}, {"1e-22", 5, 1e-22},
        {"1e-23", 5, 1e-23}, {"9007199254740993", 16, 9007199254740992.0}, {"9007199254740995", 16, 9007199254740996.0},
        {"30000000000000004e-17", 21, 0.30000000000000004}, {"18446744073709551615", 20, 18446744073709551616.0},
        {"99999999999999999999", 20, 1e20}, {"1e999", 5, INFINITY}, {"-1e999", 6, -INFINITY}, {"1e-999", 6, 0},
        {"1e99999999999999999999", 22, INFINITY}, {"0e99999999999999999999", 22, 0},
        {"0.1000000000000000000000000000000000000000000000000000000000000", 63, 0.1},
        {"0.10000000000000000000000000000000000000000000000000000000000000", 64, 0.1},
        {"000000000000000000000000000000000000000000000000000000000000000000.5", 68, 0.5},
        {"", 0, -77}, {"-", 0, -77}, {"-.", 0, -77}, {".", 0, -77}, {"+1", 0, -77}, {"--1", 0, -77}, {"e5", 0, -77},
        {"-e5", 0, -77}, {"nan", 0, -77}, {"-inf", 0, -77}, {" 1", 0, -77},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        double out = -77;
        t_row(rows[i].text);
        t_int((int64_t)num_scan(rows[i].text, strlen(rows[i].text), &out), (int64_t)rows[i].used);
        t_double(out, rows[i].value);
    }
}

static int decimal_text(char out[48], struct rng *rng)
{
    int digits = 1 + (int)rng_below(rng, 20), n = 0;
    int point = (int)rng_below(rng, digits + 2) - 1; /* some have none */
    if (rng_below(rng, 8) == 0)
        out[n++] = '-';
    for (int i = 0; i < digits; i++) {
        if (i == point)
            out[n++] = '.';
        out[n++] = (char)('0' + rng_below(rng, 10));
    }
    out[n] = '\0';
    if (rng_below(rng, 4) == 0)
        n += sprintf(out + n, "e%d", (int)rng_below(rng, 80) - 40);
    return n;
}

/* Those that are read by one division or multiplication, and those by strtod(). */
static void random_numbers_are_read_as_by_strtod(void **state)
{
    (void)state;
    struct rng rng = {20261127};
    for (int i = 0; i < 300000; i++) {
        char text[48];
        double value = NAN;
        int len = decimal_text(text, &rng);
        t_row(text);
        t_true(num_parse(text, (size_t)len, &value));
        t_double(value, strtod(text, NULL));
        t_true(value != 0 || !signbit(value));
    }
}

/* Any number of digits, also those between two doubles, of which the last digit decides. */
static void long_numbers_are_read_as_by_strtod(void **state)
{
    (void)state;
    struct rng rng = {20261128};
    for (int i = 0; i < 20000; i++) {
        char text[2000];
        double value, from;
        int len;
        uint64_t bits = rng_next(&rng);
        memcpy(&from, &bits, sizeof(from));
        if (isnan(from) || isinf(from))
            continue;
        len = snprintf(text, sizeof(text), "%.*f", (int)rng_below(&rng, 1100), from);
        if (rng_below(&rng, 2) && i % 4) { /* exactly between two doubles, or just beside it */
            double between = ldexp((double)(bits >> 12 | 1), -60);
            len = snprintf(text, sizeof(text), "%.*f", 900, between);
            len -= (int)rng_below(&rng, 3);
            text[len - 1] = (char)('0' + rng_below(&rng, 10));
            text[len] = '\0';
        }
        if (rng_below(&rng, 4) == 0)
            len += sprintf(text + len, "e%d", (int)rng_below(&rng, 800) - 400);
        t_row(text);
        t_int((int64_t)num_scan(text, (size_t)len, &value), len);
        t_true(value == strtod(text, NULL));
    }
}

/* 2^53 + 1 is between two doubles: the even one is taken, unless a digit far behind is not 0. */
static void a_far_digit_decides(void **state)
{
    (void)state;
    for (int zeros = 0; zeros < 2000; zeros += 37) {
        char text[2100];
        double tie, above;
        int len = snprintf(text, sizeof(text), "9007199254740993.%0*d", zeros + 1, 0);
        t_row(text);
        num_scan(text, (size_t)len, &tie);
        text[len - 1] = '1';
        num_scan(text, (size_t)len, &above);
        t_double(tie, 9007199254740992.0);
        t_double(above, 9007199254740994.0);
    }
}

static void prints_what_reads_back(void **state)
{
    (void)state;
    static const struct row {
        double value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {1602.5, "1602.5"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {88150, "88150"},
        {913245780.55, "913245780.55"},
        {5.2e12, "5200000000000"},
        {-3.25, "-3.25"},
        {9007199254740991.0, "9007199254740991"},
        {1.0 / 3, "0.3333333333333333"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {-0.01, "-0.01"},
        {1.000001, "1.000001"},
        {1.0000001, "1.0000001"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {999999999999999.0, "999999999999999"},
        {1e15, "1e+15"},
        {-999999999.999999, "-999999999.999999"},
        {99999999999999.98, "99999999999999.98"},
        {5e-324, "4.94065645841247e-324"},
        {-0.0, "-0"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[NUM_TEXT];
        double back = -1;
        t_row(rows[i].text);
        t_str(num_text(text, rows[i].value), rows[i].text);
        t_true(num_parse(text, strlen(text), &back));
        t_double(back, rows[i].value);
    }
}

static void prints_at_least_these_decimals(void **state)
{
    (void)state;
    static const struct row {
        double value;
        int decimals;
        const char *text;
    } rows[] = {
        {1598, 1, "1598.0"},
        {1598.5, 1, "1598.5"},
        {1598.125, 1, "1598.125"},
        {-27.5, 2, "-27.50"},
        {0, 2, "0.00"},
        {81025, 0, "81025"},
        {0.5, 12, "0.500000000000"},
        {0.5, 13, "0.5"}, /* no precision */
        {1.23e-5, 8, "0.00001230"},
        {-1e-8, 8, "-0.00000001"},
        {1.5e-7, 4, "1.5e-07"},
        {3e-300, 12, "3e-300"},
        {1e15, 2, "1e+15"},
        {1.0 / 3, 2, "0.3333333333333333"},
        {123456789012345, 2, "123456789012345.00"},
        {123456789012.125, 12, "123456789012.125000000000"},
        {DBL_MAX, 2, "1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[NUM_TEXT];
        t_row(rows[i].text);
        t_str(num_text_padded(text, rows[i].value, rows[i].decimals), rows[i].text);
        t_true(strtod(text, NULL) == rows[i].value);
    }
}

/* What num_text() must return: the first text of 15, 16 or 17 digits that reads back equal. */
static char *by_trial(char *out, double value)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, NUM_TEXT, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out;
}

static void assert_shortest(double value)
{
    char text[NUM_TEXT], expected[NUM_TEXT];
    t_str(num_text(text, value), by_trial(expected, value));
    t_true(strtod(text, NULL) == value);
}

static double random_number(struct rng *rng, int i)
{
    static const double scale[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 3, 7, 64};
    int64_t bits = (int64_t)rng_next(rng);
    double value;

    if (i % 8 == 7) { /* any double */
        memcpy(&value, &bits, sizeof(value));
        return isfinite(value) ? value : 0.5;
    }
    value = (double)(bits >> (i % 60)) / scale[(i / 60) % 12];
    return i % 8 == 6 ? nextafter(value, INFINITY) : value; /* the neighbour needs more digits */
}

static void random_numbers_are_printed_in_their_shortest_form(void **state)
{
    (void)state;
    struct rng rng = {20261125};
    t_row("random");
    for (int i = 0; i < 300000; i++)
        assert_shortest(random_number(&rng, i));
}

static void prints_whole_numbers(void **state)
{
    (void)state;
    static const int64_t rows[] = {0,         1,        -1, 9, 10, -100, 1795446000000000001,
                                   INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[NUM_TEXT], expected[NUM_TEXT];
        snprintf(expected, sizeof(expected), "%lld", (long long)rows[i]);
        t_str(num_whole_text(text, rows[i]), expected);
    }
}

static void assert_whole(int64_t value)
{
    char text[NUM_TEXT], expected[NUM_TEXT];
    snprintf(expected, sizeof(expected), "%lld", (long long)value);
    t_str(num_whole_text(text, value), expected);
    assert_shortest((double)value);
}

static void each_number_of_digits_is_printed(void **state)
{
    (void)state;
    t_row("powers of ten");
    for (int64_t power = 1; power <= INT64_MAX / 10; power *= 10) {
        for (int64_t value = power - 1; value <= power + 1; value++) {
            assert_whole(value);
            assert_whole(-value);
        }
    }
}

static void puts_numbers_behind_each_other(void **state)
{
    (void)state;
    static const double rows[] = {1598.5, 0.01, -0.25, 7, 0, 1.0 / 3, -1e300, 1e-7};
    char text[T_COUNT(rows) * (NUM_TEXT + 1) + NUM_TEXT], expected[NUM_TEXT], *at = text;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        *at++ = '[';
        at = num_put(at, rows[i]);
    }
    *at++ = '[';
    at = num_put_whole(at, -12);
    *at = '\0';
    char *next = strtok(text, "[");
    for (size_t i = 0; i < T_COUNT(rows); i++, next = strtok(NULL, "["))
        t_str(next, by_trial(expected, rows[i]));
    t_str(next, "-12");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_decimal_text_only),
        cmocka_unit_test(reads_only_the_given_bytes),
        cmocka_unit_test(minus_zero_is_zero),
        cmocka_unit_test(scans_the_number_at_the_beginning),
        cmocka_unit_test(random_numbers_are_read_as_by_strtod),
        cmocka_unit_test(long_numbers_are_read_as_by_strtod),
        cmocka_unit_test(a_far_digit_decides),
        cmocka_unit_test(prints_what_reads_back),
        cmocka_unit_test(prints_at_least_these_decimals),
        cmocka_unit_test(random_numbers_are_printed_in_their_shortest_form),
        cmocka_unit_test(prints_whole_numbers),
        cmocka_unit_test(each_number_of_digits_is_printed),
        cmocka_unit_test(puts_numbers_behind_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
