#include "matriz/references.h"

#include <math.h>

enum { A, B, C };

static bool usable(const struct matriz_reference *reference, int32_t today)
{
    return !isnan(reference->price) && reference->day != DAY_NONE && reference->day <= today;
}

static const struct matriz_reference *
previous_close(const struct matriz_reference reference[MATRIZ_REFERENCES], int32_t today)
{
    static const int order[MATRIZ_REFERENCES] = {C, A, B};
    const struct matriz_reference *newest = NULL;
    for (int i = 0; i < MATRIZ_REFERENCES; i++) {
        const struct matriz_reference *r = &reference[order[i]];
        if (usable(r, today - 1) && (!newest || r->day > newest->day))
            newest = r;
    }
    return newest;
}

uint32_t matriz_references_apply(const struct matriz_reference reference[MATRIZ_REFERENCES],
                                 int32_t today, bool rofex, struct quote *quote)
{
    const struct matriz_reference *close = previous_close(reference, today);
    uint32_t entries = 0;
    if (close) {
        quote->close_price = close->price;
        quote->close_day = close->day;
        entries |= ENTRY_BIT(ENTRY_CL);
    }
    if (rofex && usable(&reference[B], today)) {
        quote->settlement_price = reference[B].price;
        quote->settlement_day = reference[B].day;
        entries |= ENTRY_BIT(ENTRY_SE);
    }
    return entries;
}
