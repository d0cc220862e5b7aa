#include "market/symbol_order.h"

#include "base/num.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define MONTH_BYTES 5 /* "DIC26" */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* --- parsing ---------------------------------------------------------------------------------- */

/* "DIC26", "Dic26": months since year 0; -1: something else. */
static int month_at(const char *text)
{
    static const char *const names[] = {"ENE", "FEB", "MAR", "ABR", "MAY", "JUN",
                                        "JUL", "AGO", "SEP", "OCT", "NOV", "DIC"};
    for (int m = 0; m < 12; m++) {
        if (strncasecmp(text, names[m], 3) == 0 && is_digit(text[3]) && is_digit(text[4]))
            return (2000 + (text[3] - '0') * 10 + text[4] - '0') * 12 + m;
    }
    return -1;
}

/* "CI", "24hs", "10D" as days until settlement; -1: no term. */
static int term_days(const char *text)
{
    int number = 0, digits = 0;
    if (strcmp(text, "CI") == 0)
        return 0;
    for (; is_digit(text[digits]) && digits < 5; digits++)
        number = number * 10 + text[digits] - '0';
    if (digits && strcmp(text + digits, "D") == 0)
        return number;
    if (digits && strcmp(text + digits, "hs") == 0)
        return number / 24;
    return -1;
}

/* What comes after the month of a future. */
static void read_tail(struct symbol_parts *parts, const char *tail)
{
    double strike;
    parts->kind = *tail ? SYMBOL_VARIANT : SYMBOL_CONTRACT;
    parts->rest = tail;
    if (*tail == '/' && month_at(tail + 1) >= 0) {
        parts->kind = SYMBOL_SPREAD;
        parts->far_leg = month_at(tail + 1);
        parts->rest = tail + 1 + MONTH_BYTES;
    } else if (*tail == ' ') {
        size_t bytes = strcspn(tail + 1, " ");
        if (num_parse(tail + 1, bytes, &strike)) {
            parts->kind = SYMBOL_OPTION;
            parts->strike = strike;
            parts->rest = tail + 1 + bytes;
        }
    }
}

static void set_product(struct symbol_parts *parts, size_t bytes)
{
    parts->product_bytes = bytes;
    parts->ticker = parts->product;
    for (const char *c = parts->product; c + 3 <= parts->product + bytes; c++) {
        if (memcmp(c, " - ", 3) == 0)
            parts->ticker = c + 3;
    }
    parts->ticker_bytes = bytes - (size_t)(parts->ticker - parts->product);
}

static void read_future(struct symbol_parts *parts, const char *slash)
{
    set_product(parts, (size_t)(slash - parts->product));
    parts->maturity = month_at(slash + 1);
    parts->rest = slash + 1;
    if (parts->maturity >= 0)
        read_tail(parts, slash + 1 + MONTH_BYTES);
}

/* "DODic20": only in mixed case, so that no ticker is mistaken for one. */
static bool read_old_future(struct symbol_parts *parts, size_t bytes)
{
    const char *month = parts->product + bytes - MONTH_BYTES;
    if (bytes <= MONTH_BYTES || month_at(month) < 0 || !(month[1] >= 'a' && month[1] <= 'z'))
        return false;
    set_product(parts, bytes - MONTH_BYTES);
    parts->kind = SYMBOL_CONTRACT;
    parts->maturity = month_at(month);
    return true;
}

static const char *last_dash(const char *symbol)
{
    const char *found = NULL;
    for (const char *dash = strstr(symbol, " - "); dash; dash = strstr(dash + 3, " - "))
        found = dash;
    return found;
}

struct symbol_parts symbol_parts(const char *symbol)
{
    struct symbol_parts parts = {.product = symbol, .maturity = -1, .far_leg = -1, .rest = ""};
    size_t bytes = strlen(symbol);
    const char *dash = last_dash(symbol), *slash = strchr(symbol, '/');
    if (dash && term_days(dash + 3) >= 0) {
        set_product(&parts, (size_t)(dash - symbol));
        parts.maturity = term_days(dash + 3);
    } else if (!dash && slash) {
        read_future(&parts, slash);
    } else if (!read_old_future(&parts, bytes)) {
        set_product(&parts, bytes);
    }
    return parts;
}

/* --- comparison ------------------------------------------------------------------------------- */

static size_t digits_in(const char *text, size_t bytes)
{
    size_t n = 0;
    while (n < bytes && is_digit(text[n]))
        n++;
    return n;
}

/* Two runs of digits by value; leading zeros do not count. */
static int compare_digits(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    for (; a_bytes > 1 && *a == '0'; a++)
        a_bytes--;
    for (; b_bytes > 1 && *b == '0'; b++)
        b_bytes--;
    if (a_bytes != b_bytes)
        return a_bytes < b_bytes ? -1 : 1;
    return memcmp(a, b, a_bytes);
}

/* By the text, numbers in it by value. */
static int compare_text(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    while (a_bytes && b_bytes) {
        size_t a_step = digits_in(a, a_bytes), b_step = digits_in(b, b_bytes);
        int order = a_step && b_step ? compare_digits(a, a_step, b, b_step)
                                     : (unsigned char)*a - (unsigned char)*b;
        if (order)
            return order;
        a_step += !a_step;
        b_step += !b_step;
        a += a_step;
        b += b_step;
        a_bytes -= a_step;
        b_bytes -= b_step;
    }
    return (a_bytes > 0) - (b_bytes > 0);
}

static int compare_ints(int a, int b)
{
    return (a > b) - (a < b);
}

static int compare_parts(const struct symbol_parts *a, const struct symbol_parts *b)
{
    int order = compare_text(a->product, a->product_bytes, b->product, b->product_bytes);
    if (order == 0)
        order = compare_ints(a->maturity, b->maturity);
    if (order == 0)
        order = compare_ints((int)a->kind, (int)b->kind);
    if (order == 0)
        order = compare_ints(a->far_leg, b->far_leg);
    if (order == 0)
        order = (a->strike > b->strike) - (a->strike < b->strike);
    return order ? order : compare_text(a->rest, strlen(a->rest), b->rest, strlen(b->rest));
}

int symbol_parts_order(const struct symbol_parts *a, const struct symbol_parts *b)
{
    int order = compare_parts(a, b);
    return order ? order : strcmp(a->product, b->product); /* the product begins the symbol */
}

int symbol_order(const char *a, const char *b)
{
    const struct symbol_parts first = symbol_parts(a), second = symbol_parts(b);
    return symbol_parts_order(&first, &second);
}
