#include "doctor/candidates.h"

#include "market/symbol_order.h"

#include <string.h>
#include <strings.h>

static bool is_ticker(const struct symbol_parts *p, const char *ticker)
{
    return p->ticker_bytes == strlen(ticker) &&
           strncasecmp(p->ticker, ticker, p->ticker_bytes) == 0;
}

bool candidate_is_index(const char *symbol)
{
    struct symbol_parts p = symbol_parts(symbol);
    return (p.ticker_bytes > 2 && strncmp(p.ticker, "I.", 2) == 0) || strncmp(symbol, "I.", 2) == 0;
}

/* Lower is better. */
static int rank_of(const char *symbol)
{
    static const char *const liquid[] = {"DLR", "AL30", "GD30", "GGAL", "AL30D", "YPFD"};
    struct symbol_parts p = symbol_parts(symbol);
    if (candidate_is_index(symbol))
        return 100;
    int rank = p.kind == SYMBOL_CONTRACT || p.kind == SYMBOL_PLAIN ? 0 : 20;
    int place = 10;
    for (int i = 0; i < (int)(sizeof(liquid) / sizeof(liquid[0])); i++) {
        if (is_ticker(&p, liquid[i]))
            place = i;
    }
    return rank + place;
}

static bool is_before(const char *a, const char *b)
{
    int x = rank_of(a), y = rank_of(b);
    return x != y ? x < y : symbol_order(a, b) < 0;
}

size_t candidates(const char *const *symbols, size_t count, const char **best, size_t most)
{
    size_t have = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = have;
        while (at > 0 && is_before(symbols[i], best[at - 1]))
            at--;
        if (at == most)
            continue;
        if (have < most)
            have++;
        memmove(best + at + 1, best + at, (have - at - 1) * sizeof(*best));
        best[at] = symbols[i];
    }
    return have;
}
