#include "base/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Only decimal digits, signs, points and exponents: strtod() also accepts "nan", "inf", hexadecimal
 * and leading spaces. */
static bool decimal_bytes(const char *text, size_t len_bytes)
{
    for (size_t i = 0; i < len_bytes; i++) {
        if (text[i] == '\0' || !strchr("0123456789+-.eE", text[i]))
            return false;
    }
    return len_bytes > 0;
}

static bool parse_long(const char *text, size_t len_bytes, double *out)
{
    char copy[NUM_PARSE_BYTES_MAX + 1]; /* `text` need not end in NUL, strtod needs one */
    char *end;

    if (len_bytes >= sizeof(copy) || !decimal_bytes(text, len_bytes))
        return false;
    memcpy(copy, text, len_bytes);
    copy[len_bytes] = '\0';
    double value = strtod(copy, &end);
    if (*end || end == copy || !isfinite(value))
        return false;
    *out = value == 0 ? 0 : value;
    return true;
}

/*
 * At most 15 digits with at most one point, as nearly all prices and sizes are. The digits and the
 * power of ten are exact doubles then, and the quotient of two exact doubles is the double nearest
 * to the decimal number, which is what strtod() returns.
 */
static bool parse_short(const char *text, size_t len_bytes, double *out)
{
    static const double pow10[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    bool negative = len_bytes && text[0] == '-';
    int64_t digits = 0;
    unsigned count = 0, decimals = 0, points = 0;

    for (size_t i = negative; i < len_bytes; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';
        if (digit <= 9 && count < 15) {
            digits = digits * 10 + digit;
            decimals += points;
            count++;
        } else if (text[i] != '.' || points++) {
            return false;
        }
    }
    if (count == 0)
        return false;
    *out = (double)(negative ? -digits : digits) / pow10[decimals];
    return true;
}

bool num_parse(const char *text, size_t len_bytes, double *out)
{
    return parse_short(text, len_bytes, out) || parse_long(text, len_bytes, out);
}

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

static void print_fixed(char *out, bool negative, uint64_t digits, int decimals)
{
    char text[NUM_TEXT];
    char *at = text + sizeof(text);
    *--at = '\0';
    for (int i = 0; digits || i <= decimals; i++) {
        if (i == decimals && i > 0)
            *--at = '.';
        *--at = (char)('0' + digits % 10);
        digits /= 10;
    }
    if (negative)
        *--at = '-';
    memcpy(out, at, (size_t)(text + sizeof(text) - at));
}

char *num_text(char *out, double value)
{
    uint64_t fixed;
    int decimals;
    if (few_decimals(value, &fixed, &decimals)) {
        print_fixed(out, value < 0, fixed, decimals);
        return out;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, NUM_TEXT, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out;
}

char *num_whole_text(char *out, int64_t value)
{
    char text[NUM_TEXT], *at = text + sizeof(text);
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    *--at = '\0';
    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (value < 0)
        *--at = '-';
    memcpy(out, at, (size_t)(text + sizeof(text) - at));
    return out;
}
