#include "market/book.h"

#include <math.h>
#include <string.h>

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* A sorted book, as nearly all are, only appends. */
void book_add(struct side *side, struct level level, bool falling)
{
    int at = side->count, last = side->count < QUOTE_DEPTH_MAX ? side->count : QUOTE_DEPTH_MAX - 1;

    while (at > 0 && (falling ? level.price > side->level[at - 1].price
                              : level.price < side->level[at - 1].price))
        at--;
    for (int i = at; i > 0 && side->level[i - 1].price == level.price; i--) {
        if (same(side->level[i - 1].size, level.size))
            return;
    }
    if (at == QUOTE_DEPTH_MAX)
        return;
    if (at < last)
        memmove(&side->level[at + 1], &side->level[at], (size_t)(last - at) * sizeof(level));
    side->level[at] = level;
    side->count = last + 1;
}
