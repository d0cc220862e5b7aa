#include "base/num.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PADDED_MAX 12 /* decimals */

/* --- text to double --------------------------------------------------------------------------- */

#define EXACT_DIGITS   (UINT64_C(1) << 53) /* whole numbers up to this one are exact doubles */
#define EXACT_POWER    22                  /* and the powers of ten up to this one */
#define DIGITS_MAX     19                  /* of any 64-bit number */
#define EXPONENT_LIMIT 1000000000          /* no text has as many digits */
#define TELLING_DIGITS 780

static const double powers[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Adds the digits at `at` to the whole number `*digits`, and returns the position behind them. */
static inline const char *scan_digits(const char *at, const char *end, uint64_t *digits)
{
    uint64_t value = *digits;
    for (; at < end; at++) {
        unsigned digit = (unsigned)*at - (unsigned)'0';
        if (digit > 9)
            break;
        value = value * 10 + digit; /* wraps around after DIGITS_MAX: not used then */
    }
    *digits = value;
    return at;
}

/* An exponent without digits is not part of the number: `at` is returned. */
static const char *scan_exponent(const char *at, const char *end, int64_t *exponent)
{
    const char *p = at + 1;
    bool negative = p < end && *p == '-';
    int64_t value = 0;
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    const char *digits = p;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        value = value < EXPONENT_LIMIT ? value * 10 + (*p - '0') : value;
    if (p == digits)
        return at;
    *exponent += negative ? -value : value;
    return p;
}

/*
 * The digits and the power of ten are exact doubles, as for nearly all prices and sizes: then their
 * product or quotient, which is rounded once, is the double nearest to the decimal number, which is
 * what strtod() returns.
 */
static inline bool is_exact(uint64_t digits, ptrdiff_t count, int64_t exponent)
{
    return FLT_EVAL_METHOD == 0 && count <= DIGITS_MAX && digits <= EXACT_DIGITS &&
           exponent >= -EXACT_POWER && exponent <= EXACT_POWER;
}

/*
 * For strtod(), the digits are written as a whole number with an exponent: it need not know where
 * the text ends then, and the decimal point of the locale does not matter. Where two doubles are
 * equally near, the number has at most 767 digits; of those behind only matters whether they are 0.
 */
static __attribute__((noinline)) double by_strtod(const char *digits, const char *end,
                                                  int64_t exponent)
{
    char copy[TELLING_DIGITS + 32];
    size_t used = 0;
    bool more = false;
    for (const char *p = digits; p < end && (*p | 0x20) != 'e'; p++) {
        if (*p == '.' || (*p == '0' && used == 0))
            continue;
        if (used < TELLING_DIGITS) {
            copy[used++] = *p;
        } else {
            more |= *p != '0';
            exponent++;
        }
    }
    if (more) /* not a tie */
        copy[used - 1] = '1';
    snprintf(copy + used, sizeof(copy) - used, "%se%" PRId64, used ? "" : "0", exponent);
    return strtod(copy, NULL);
}

size_t num_scan(const char *text, size_t len_bytes, double *out)
{
    const char *end = text + len_bytes, *begin = text + (len_bytes && *text == '-');
    uint64_t digits = 0;
    int64_t exponent = 0;
    const char *p = scan_digits(begin, end, &digits);
    ptrdiff_t count = p - begin;
    if (p < end && *p == '.') {
        const char *point = p;
        p = scan_digits(point + 1, end, &digits);
        exponent = point + 1 - p;
        count -= exponent;
    }
    if (count == 0)
        return 0;
    if (p < end && (*p | 0x20) == 'e')
        p = scan_exponent(p, end, &exponent);
    double value;
    if (!is_exact(digits, count, exponent))
        value = by_strtod(begin, p, exponent);
    else
        value =
            exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
    *out = begin > text ? -value : value;
    return (size_t)(p - text);
}

bool num_parse(const char *text, size_t len_bytes, double *out)
{
    bool plus = len_bytes && *text == '+' && (len_bytes == 1 || text[1] != '-');
    double value;
    if (len_bytes > NUM_PARSE_BYTES_MAX)
        return false;
    size_t used = num_scan(text + plus, len_bytes - plus, &value);
    if (used == 0 || used + plus != len_bytes || !isfinite(value))
        return false;
    *out = value == 0 ? 0 : value;
    return true;
}

/* --- double to text --------------------------------------------------------------------------- */

/*
 * Prices and sizes have few decimals. digits / 10^k divides two exact doubles, so the result is the
 * double nearest to that decimal number, the one that strtod() returns for the text. When it equals
 * `value`, these digits (at most 15) are what %.15g would print.
 */
static bool few_decimals(double value, uint64_t *digits, int *decimals)
{
    static const double pow10[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    double positive = fabs(value);

    if (!(positive >= 1e-4 || (value == 0 && !signbit(value)))) /* %g prints an exponent below */
        return false;
    for (int k = 0; k < (int)(sizeof(pow10) / sizeof(pow10[0])); k++) {
        double scaled = positive * pow10[k];
        if (scaled >= 1e15 - 1)
            return false;
        *digits = (uint64_t)(scaled + 0.5);
        *decimals = k;
        if ((double)*digits / pow10[k] == positive)
            return true;
    }
    return false;
}

/* The last `count` digits of `value`, with `decimals` of them behind a point. */
static char *put_digits(char *out, uint64_t value, int count, int decimals)
{
    char *end = out + count + (decimals > 0), *at = end;
    for (int i = 0; i < count; i++) {
        if (i == decimals && i > 0)
            *--at = '.';
        *--at = (char)('0' + value % 10);
        value /= 10;
    }
    return end;
}

static int count_digits(uint64_t value)
{
    int count = 1;
    for (uint64_t limit = 10; value >= limit && count < DIGITS_MAX; limit *= 10)
        count++;
    return count + (value >= UINT64_C(10000000000000000000));
}

static char *put_long(char *out, double value)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, NUM_TEXT, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out + strlen(out);
}

char *num_put(char *out, double value)
{
    uint64_t fixed;
    int decimals;
    if (!few_decimals(value, &fixed, &decimals))
        return put_long(out, value);
    int count = count_digits(fixed);
    if (value < 0)
        *out++ = '-';
    return put_digits(out, fixed, count > decimals ? count : decimals + 1, decimals);
}

char *num_put_whole(char *out, int64_t value)
{
    uint64_t digits = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    if (value < 0)
        *out++ = '-';
    return put_digits(out, digits, count_digits(digits), 0);
}

char *num_text(char *out, double value)
{
    *num_put(out, value) = '\0';
    return out;
}

/* 1.23e-05 in decimal notation, unless that omits a digit. */
static char *small_text(char *out, double value, int decimals)
{
    char plain[NUM_TEXT];
    snprintf(plain, sizeof(plain), "%.*f", decimals, value);
    return strtod(plain, NULL) == value ? strcpy(out, plain) : out;
}

char *num_text_padded(char *out, double value, int decimals)
{
    num_text(out, value);
    size_t len = strlen(out);
    const char *point = strchr(out, '.');
    int has = point ? (int)strlen(point + 1) : 0;
    if (decimals > PADDED_MAX || len + PADDED_MAX + 2 > NUM_TEXT)
        decimals = 0;
    if (strchr(out, 'e'))
        return fabs(value) < 1 ? small_text(out, value, decimals) : out;
    if (has < decimals)
        snprintf(out + len, NUM_TEXT - len, "%s%.*s", point ? "" : ".", decimals - has,
                 "000000000000");
    return out;
}

char *num_whole_text(char *out, int64_t value)
{
    *num_put_whole(out, value) = '\0';
    return out;
}
