#include "fuzz/random_message.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What does not fit is cut off, so that the message is broken there. */
struct writer {
    struct rng *rng;
    char *out;
    size_t used;
    bool blanks; /* between tokens */
};

#define PICK(rng, list) ((list)[below((rng), (int)(sizeof(list) / sizeof((list)[0])))])

static int below(struct rng *rng, int n)
{
    return (int)rng_below(rng, n);
}

static bool one_in(struct writer *w, int n)
{
    return below(w->rng, n) == 0;
}

static void put_bytes(struct writer *w, const char *text, size_t len)
{
    size_t room = RANDOM_MESSAGE_BYTES - w->used;
    size_t some = len < room ? len : room;
    memcpy(w->out + w->used, text, some);
    w->used += some;
}

static void put(struct writer *w, const char *text)
{
    put_bytes(w, text, strlen(text));
}

static void put_char(struct writer *w, char c)
{
    put_bytes(w, &c, 1);
}

static void put_blank(struct writer *w)
{
    static const char *const blanks[] = {" ", "\n", "\t", "\r\n", "  ", "\x01", "\x1f", "\x0b"};
    if (w->blanks && one_in(w, 3))
        put(w, PICK(w->rng, blanks));
}

static void put_token(struct writer *w, char c)
{
    put_blank(w);
    put_char(w, c);
    put_blank(w);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static void put_digits(struct writer *w, int count)
{
    while (count-- > 0)
        put_char(w, (char)('0' + below(w->rng, 10)));
}

static void put_exponent(struct writer *w)
{
    static const char *const signs[] = {"", "+", "-"};
    put_char(w, one_in(w, 2) ? 'e' : 'E');
    put(w, PICK(w->rng, signs));
    put_digits(w, one_in(w, 400) ? 0 : 1 + below(w->rng, one_in(w, 20) ? 8 : 2));
}

static void put_plain_number(struct writer *w)
{
    static const char *const odd[] = {"0",
                                      "-0",
                                      "-0.0",
                                      "1e999",
                                      "-1e999",
                                      "1.",
                                      "-.5",
                                      "00",
                                      "1e5",
                                      "5e-324",
                                      "1e-400",
                                      "0.30000000000000004",
                                      "9007199254740993",
                                      "18446744073709551616",
                                      "1.7976931348623157e308",
                                      "1.7976931348623159e308"};
    static const char *const broken[] = {"0x10", "1.2.3", "-", "1e", "+1", ".5", "1-2", "-e5"};
    if (one_in(w, 12)) {
        put(w, one_in(w, 100) ? PICK(w->rng, broken) : PICK(w->rng, odd));
        return;
    }
    if (one_in(w, 20))
        put_char(w, '-');
    put_digits(w, 1 + below(w->rng, one_in(w, 200) ? 70 : one_in(w, 8) ? 20 : 7));
    if (one_in(w, 2)) {
        put_char(w, '.');
        put_digits(w, below(w->rng, one_in(w, 100) ? 50 : 4));
    }
    if (one_in(w, 10))
        put_exponent(w);
}

static void put_escaped(struct writer *w, char c)
{
    char text[8];
    if (!one_in(w, 4)) {
        put_char(w, c);
        return;
    }
    snprintf(text, sizeof(text), one_in(w, 2) ? "\\u%04x" : "\\u%04X", (unsigned)(unsigned char)c);
    put(w, text);
}

static void put_string(struct writer *w, const char *text)
{
    bool escapes = one_in(w, 30);
    put_char(w, '"');
    for (; *text; text++) {
        if (escapes)
            put_escaped(w, *text);
        else
            put_char(w, *text);
    }
    put_char(w, '"');
}

static void put_number_in_string(struct writer *w)
{
    static const char *const odd[] = {"",     "nan", "NaN",      "-Infinity", "inf",    " inf",
                                      "inf ", "1,5", "abc",      "1e999",     "+5",     "+-5",
                                      " 1",   "1 ",  "0x1p2000", "0x10",      "nan(1)", "\\u00e1",
                                      "1\\n", "-0",  ".5",       "5."};
    if (one_in(w, 2)) {
        put_string(w, PICK(w->rng, odd));
        return;
    }
    put_char(w, '"');
    if (one_in(w, 20))
        put(w, "\\u0031");
    put_plain_number(w);
    put_char(w, '"');
}

/* --- any value -------------------------------------------------------------------------------- */

static void put_any_string(struct writer *w)
{
    static const char *const texts[] = {"",
                                        "x",
                                        "DLR/NOV26",
                                        "a longer text without any special character",
                                        "\\u00f3",
                                        "\\ud83d\\udcb8",
                                        "\\\"\\\\\\/",
                                        "\\n\\t",
                                        "\xc3\xb3",
                                        "\xf3",
                                        "12345678\\n12345678",
                                        "<html>",
                                        "Access Denied",
                                        "Product DLR/NOV26:ROFX don't exist",
                                        "{\\\"type\\\":\\\"smd\\\"}"};
    static const char *const broken[] = {"\\ud83d", "\\udc00", "\\u0000",
                                         "\\u12",   "\\x",     "\\ud83d\\u0041"};
    put_char(w, '"');
    put(w, one_in(w, 100) ? PICK(w->rng, broken) : PICK(w->rng, texts));
    put_char(w, '"');
}

static void put_any(struct writer *w, int depth);

static void put_any_object(struct writer *w, int depth)
{
    static const char *const keys[] = {"a", "price", "size", "date", "LA", "symbol", "marketData"};
    put_token(w, '{');
    for (int i = below(w->rng, 3); i > 0; i--) {
        put_string(w, PICK(w->rng, keys));
        put_token(w, ':');
        put_any(w, depth + 1);
        if (i > 1)
            put_token(w, ',');
    }
    put_token(w, '}');
}

static void put_any_array(struct writer *w, int depth)
{
    put_token(w, '[');
    for (int i = below(w->rng, 3); i > 0; i--) {
        put_any(w, depth + 1);
        if (i > 1)
            put_token(w, ',');
    }
    put_token(w, ']');
}

static void put_nested(struct writer *w)
{
    int depth = 25 + below(w->rng, 10);
    for (int i = 0; i < depth; i++)
        put_char(w, '[');
    for (int i = 0; i < depth; i++)
        put_char(w, ']');
}

static void put_any(struct writer *w, int depth)
{
    static const char *const words[] = {"null", "null", "true", "false", "[]", "{}", "nul", "True"};
    switch (below(w->rng, depth < 4 ? 8 : 5)) {
    case 0:
    case 1:
        put_plain_number(w);
        return;
    case 2:
        put_any_string(w);
        return;
    case 3:
        put(w, words[below(w->rng, one_in(w, 200) ? 8 : 6)]);
        return;
    case 4:
        put_number_in_string(w);
        return;
    case 5:
        put_any_object(w, depth);
        return;
    case 6:
        put_any_array(w, depth);
        return;
    default:
        if (one_in(w, 30))
            put_nested(w);
        else
            put(w, "null");
    }
}

/* --- market data ------------------------------------------------------------------------------ */

static void put_value(struct writer *w)
{
    switch (below(w->rng, 16)) {
    case 0:
        put_any(w, 2);
        return;
    case 1:
        put_number_in_string(w);
        return;
    case 2:
        put(w, "null");
        return;
    default:
        put_plain_number(w);
    }
}

static void put_date(struct writer *w)
{
    static const char *const dates[] = {
        "1795096978117", "1794960000000",   "631152000000",      "631151999999", "4102444799999",
        "4102444800000", "1795096978117.5", "\"1795096978117\"", "null",         "0"};
    if (one_in(w, 12))
        put_value(w);
    else
        put(w, dates[below(w->rng, one_in(w, 4) ? 10 : 2)]);
}

static void put_member(struct writer *w, const char *key, bool *first)
{
    if (!*first)
        put_token(w, ',');
    *first = false;
    put_string(w, key);
    put_token(w, ':');
}

static void put_cell(struct writer *w, bool date)
{
    static const char *const others[] = {"price", "size",   "date", "x",
                                         "pric",  "prices", "Size", ""};
    bool first = true, swapped = one_in(w, 10);
    put_token(w, '{');
    for (int i = 0; i < 2; i++) {
        if (one_in(w, 15))
            continue;
        put_member(w, (i == 0) != swapped ? "price" : "size", &first);
        put_value(w);
    }
    if (date && !one_in(w, 8)) {
        put_member(w, "date", &first);
        put_date(w);
    }
    if (one_in(w, 12)) {
        put_member(w, PICK(w->rng, others), &first);
        put_any(w, 2);
    }
    put_token(w, '}');
}

static void put_book(struct writer *w)
{
    int levels = below(w->rng, one_in(w, 10) ? 14 : 6);
    put_token(w, '[');
    for (int i = 0; i < levels; i++) {
        if (i)
            put_token(w, ',');
        if (one_in(w, 25))
            put_any(w, 2);
        else if (one_in(w, 3)) /* few different prices, so that levels repeat */
            put(w, one_in(w, 2) ? "{\"price\":100.5,\"size\":3}" : "{\"price\":101,\"size\":null}");
        else
            put_cell(w, false);
    }
    put_token(w, ']');
}

static void put_entry(struct writer *w, bool book)
{
    switch (below(w->rng, 12)) {
    case 0:
        put_any(w, 1);
        return;
    case 1:
        put_token(w, '[');
        put_cell(w, true);
        put(w, one_in(w, 2) ? "]" : ",1]");
        return;
    case 2:
    case 3:
    case 4:
    case 5:
        put_value(w);
        return;
    default:
        if (book)
            put_book(w);
        else
            put_cell(w, true);
    }
}

static void put_market_data(struct writer *w)
{
    static const char *const codes[] = {"BI", "OF", "LA", "OP", "CL", "SE", "HI",
                                        "LO", "TV", "OI", "EV", "NV", "IV", "ACP"};
    static const char *const others[] = {"TC",   "",   "B",   "BIX",          "bi",
                                         "ACPX", "AC", "BI ", "A longer key", "LA"};
    bool first = true;
    if (one_in(w, 25)) {
        put_any(w, 1);
        return;
    }
    put_token(w, '{');
    int from = below(w->rng, 14);
    for (int i = 0, count = below(w->rng, 15); i < count; i++) {
        int code = one_in(w, 10) ? below(w->rng, 14) : (from + i) % 14;
        put_member(w, codes[code], &first);
        put_entry(w, code < 2);
    }
    if (one_in(w, 10)) {
        put_member(w, PICK(w->rng, others), &first);
        put_any(w, 1);
    }
    put_token(w, '}');
}

/* --- messages --------------------------------------------------------------------------------- */

static void put_instrument(struct writer *w)
{
    static const char *const symbols[] = {"DLR/NOV26", "MERV - XMEV - GGAL - 24hs", "D\xc3\xb3lar",
                                          "A\\/B", ""};
    static const char *const others[] = {"symbol", "marketId", "x", "Symbol"};
    bool first = true;
    if (one_in(w, 25)) {
        put_any(w, 1);
        return;
    }
    put_token(w, '{');
    if (!one_in(w, 10)) {
        put_member(w, "marketId", &first);
        put_string(w, one_in(w, 4) ? "XMEV" : "ROFX");
    }
    if (one_in(w, 12)) {
        put_member(w, PICK(w->rng, others), &first);
        put_any(w, 2);
    }
    if (!one_in(w, 15)) {
        put_member(w, "symbol", &first);
        put_string(w, PICK(w->rng, symbols));
    }
    put_token(w, '}');
}

static void put_status(struct writer *w)
{
    static const char *const texts[] = {"OK", "ok", "ERROR", "", "OKAY", "O", "okx"};
    if (one_in(w, 10))
        put_any(w, 1);
    else
        put_string(w, one_in(w, 3) ? PICK(w->rng, texts) : "OK");
}

static void put_type(struct writer *w)
{
    static const char *const texts[] = {"Md", "md", "MD", "or", "M", "Mdx"};
    if (one_in(w, 20))
        put_any(w, 1);
    else
        put_string(w, one_in(w, 10) ? PICK(w->rng, texts) : "Md");
}

static void put_root_member(struct writer *w, int member, bool *first)
{
    static const char *const names[] = {"type", "timestamp", "instrumentId", "marketData",
                                        "status"};
    static const char *const others[] = {"depth", "aggregated", "description", "message",
                                         "x",     "market",     "marketdata"};
    if (member > 4) {
        put_member(w, PICK(w->rng, others), first);
        put_any(w, 1);
        return;
    }
    put_member(w, names[member], first);
    if (one_in(w, 60))
        put_any(w, 1);
    else if (member == 0)
        put_type(w);
    else if (member == 1)
        put_date(w);
    else if (member == 2)
        put_instrument(w);
    else if (member == 3)
        put_market_data(w);
    else
        put_status(w);
}

size_t random_message(struct rng *rng, char out[RANDOM_MESSAGE_BYTES])
{
    static const char *const before[] = {" ",    "\n", "\xef\xbb\xbf", "\xef\xbb\xbf \xef\xbb\xbf",
                                         "\x01", "<"};
    static const char *const after[] = {" ", "\r\n", "\t", "\n", "\x01", "}", ",", "x"};
    struct writer w = {rng, out, 0, below(rng, 6) == 0};
    bool first = true;
    if (one_in(&w, 30))
        put(&w, PICK(rng, before));
    put_token(&w, '{');
    bool frame = one_in(&w, 2), ordered = !one_in(&w, 8);
    for (int i = frame ? 0 : 3; i < (frame ? 4 : 5); i++) {
        if (!one_in(&w, 25))
            put_root_member(&w, ordered ? i : below(rng, 6), &first);
        if (one_in(&w, 20))
            put_root_member(&w, below(rng, 6), &first);
    }
    put_char(&w, '}');
    if (one_in(&w, 30))
        put(&w, PICK(rng, after));
    return w.used;
}

size_t random_message_damage(struct rng *rng, char out[RANDOM_MESSAGE_BYTES], size_t len)
{
    static const char bytes[] = "{}[]\",:\\ud0e.-+9 \n\x00\x01\xff";
    for (int edits = 1 + below(rng, 2); edits > 0 && len; edits--) {
        size_t at = (size_t)rng_below(rng, (int64_t)len);
        switch (below(rng, 5)) {
        case 0:
            len = at; /* cut off */
            break;
        case 1: /* remove some */
        {
            size_t some = 1 + (size_t)below(rng, 8);
            some = some < len - at ? some : len - at;
            memmove(out + at, out + at + some, len - at - some);
            len -= some;
            break;
        }
        default:
            out[at] = bytes[below(rng, (int)sizeof(bytes) - 1)];
        }
    }
    return len;
}
