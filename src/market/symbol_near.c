#include "market/symbol_near.h"

#include "market/symbol_order.h"

#include <stdbool.h>
#include <string.h>

#define FAR_LETTERS 2 /* if more differ, another symbol was meant */

/* Distances by class: a match of a nearer class replaces all matches of farther ones. */
enum { SAME = 0, TICKER = 10, PART = 20, LETTERS = 30, UNLIKE = 1000 };

static bool is_plain(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters and digits only, in capitals, without the prefix of all BYMA symbols. */
static void simplify(char out[NEAR_BYTES_MAX + 1], const char *text, size_t bytes)
{
    static const char venue[] = "MERVXMEV";
    size_t n = 0;
    for (size_t i = 0; i < bytes && n < NEAR_BYTES_MAX; i++) {
        char c = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
        if (is_plain(c))
            out[n++] = c;
    }
    out[n] = '\0';
    if (strncmp(out, venue, sizeof(venue) - 1) == 0)
        memmove(out, out + sizeof(venue) - 1, n + 1 - (sizeof(venue) - 1));
}

static int letters_apart(const char *wanted, const char *name)
{
    int apart = near_distance(wanted, name);
    int limit = near_limit(wanted) < FAR_LETTERS ? near_limit(wanted) : FAR_LETTERS;
    return apart <= limit && apart < (int)strlen(wanted) ? LETTERS + 10 * apart : UNLIKE;
}

/* 0 to 2: a ticker without a term usually means the 24hs term (0). */
static int unusual(const struct symbol_parts *parts)
{
    bool byma = parts->ticker != parts->product;
    return byma ? parts->maturity != 1 : 2;
}

static int distance(const char *wanted, const char *symbol)
{
    char all[NEAR_BYTES_MAX + 1], ticker[NEAR_BYTES_MAX + 1];
    struct symbol_parts parts = symbol_parts(symbol);
    simplify(all, symbol, strlen(symbol));
    simplify(ticker, parts.ticker, parts.ticker_bytes);
    if (strcmp(all, wanted) == 0)
        return SAME;
    if (strcmp(ticker, wanted) == 0)
        return TICKER + unusual(&parts);
    if (strlen(wanted) >= 2 && strstr(all, wanted))
        return PART;
    int whole = letters_apart(wanted, all), alone = letters_apart(wanted, ticker);
    alone += unusual(&parts);
    return whole < alone ? whole : alone < UNLIKE ? alone : UNLIKE;
}

void symbol_near_init(struct symbol_near *near, const char *pattern)
{
    near->count = 0;
    simplify(near->wanted, pattern, strlen(pattern));
}

static bool is_before(int apart, const char *symbol, const struct symbol_near_match *match)
{
    return apart < match->distance ||
           (apart == match->distance && symbol_order(symbol, match->symbol) < 0);
}

void symbol_near_offer(struct symbol_near *near, const char *symbol)
{
    int apart = *near->wanted ? distance(near->wanted, symbol) : UNLIKE;
    if (apart == UNLIKE || strlen(symbol) >= SYMBOL_NEAR_BYTES)
        return;
    if (near->count && apart / 10 > near->match[0].distance / 10)
        return;
    if (near->count && apart / 10 < near->match[0].distance / 10)
        near->count = 0;
    int at = near->count;
    while (at > 0 && is_before(apart, symbol, &near->match[at - 1]))
        at--;
    if (at == SYMBOL_NEAR_MAX)
        return;
    if (near->count < SYMBOL_NEAR_MAX)
        near->count++;
    memmove(&near->match[at + 1], &near->match[at],
            (size_t)(near->count - 1 - at) * sizeof(near->match[0]));
    near->match[at].distance = apart;
    memcpy(near->match[at].symbol, symbol, strlen(symbol) + 1);
}
