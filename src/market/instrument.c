#include "market/instrument.h"

#include "base/num.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const struct instrument instrument_unknown = {
    .low_limit = NAN,
    .high_limit = NAN,
    .price_tick = NAN,
    .size_step = NAN,
    .min_size = NAN,
    .max_size = NAN,
    .round_lot = NAN,
    .multiplier = NAN,
    .price_factor = NAN,
    .strike = NAN,
    .price_digits = -1,
    .size_digits = -1,
};

/* --- its members ------------------------------------------------------------------------------ */

#define AT(member) offsetof(struct instrument, member)

/* `change`: of which kind a difference is; 0 = it is not reported. */
static const struct {
    size_t at;
    const char *name;
    unsigned change;
} numbers[] =
    {
        {AT(price_tick), "price tick", INSTRUMENT_TERMS},
        {AT(size_step), "size step", INSTRUMENT_TERMS},
        {AT(multiplier), "contract multiplier", INSTRUMENT_TERMS},
        {AT(price_factor), "price factor", INSTRUMENT_TERMS},
        {AT(round_lot), "lot", INSTRUMENT_TERMS},
        {AT(min_size), "smallest size", INSTRUMENT_TERMS},
        {AT(max_size), "largest size", INSTRUMENT_TERMS},
        {AT(strike), "strike", INSTRUMENT_TERMS},
        {AT(low_limit), "low limit", INSTRUMENT_LIMITS},
        {AT(high_limit), "high limit", INSTRUMENT_LIMITS},
},
  texts[] = {
      {AT(maturity), "maturity", INSTRUMENT_TERMS},
      {AT(currency), "currency", INSTRUMENT_TERMS},
      {AT(segment), "segment", 0},
      {AT(cfi_code), "CFI code", 0},
      {AT(description), "description", 0},
      {AT(settl_type), "settlement type", 0},
      {AT(underlying), "underlying", 0},
      {AT(order_types), "order types", 0},
      {AT(times_in_force), "times in force", 0},
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static double number_at(const struct instrument *i, size_t at)
{
    double value;
    memcpy(&value, (const char *)i + at, sizeof(value));
    return value;
}

static const char *text_at(const struct instrument *i, size_t at)
{
    const char *text;
    memcpy(&text, (const char *)i + at, sizeof(text));
    return text;
}

/* --- filling ---------------------------------------------------------------------------------- */

void instrument_fill(struct instrument *into, const struct instrument *from)
{
    for (size_t k = 0; k < COUNT(numbers); k++) {
        double value = number_at(from, numbers[k].at);
        if (isnan(number_at(into, numbers[k].at)))
            memcpy((char *)into + numbers[k].at, &value, sizeof(value));
    }
    for (size_t k = 0; k < COUNT(texts); k++) {
        const char *text = text_at(from, texts[k].at);
        if (!text_at(into, texts[k].at))
            memcpy((char *)into + texts[k].at, &text, sizeof(text));
    }
    if (into->price_digits < 0)
        into->price_digits = from->price_digits;
    if (into->size_digits < 0)
        into->size_digits = from->size_digits;
    if (!into->ranges_count) {
        into->ranges = from->ranges;
        into->ranges_count = from->ranges_count;
    }
}

/* --- changes ---------------------------------------------------------------------------------- */

static void put_change(struct buf *words, const char *name, const char *before, const char *after)
{
    buf_printf(words, "%s%s %s -> %s", words->len_bytes ? ", " : "", name, before, after);
}

static bool same_ranges(const struct instrument *a, const struct instrument *b)
{
    if (a->ranges_count != b->ranges_count)
        return false;
    for (int i = 0; i < a->ranges_count; i++) {
        const struct tick_range *x = &a->ranges[i], *y = &b->ranges[i];
        bool same_to = x->to == y->to || (isnan(x->to) && isnan(y->to));
        if (x->from != y->from || x->tick != y->tick || !same_to)
            return false;
    }
    return true;
}

static unsigned number_changes(const struct instrument *before, const struct instrument *after,
                               unsigned kinds, struct buf *words)
{
    unsigned found = 0;
    for (size_t k = 0; k < COUNT(numbers); k++) {
        char from[NUM_TEXT], to[NUM_TEXT];
        double x = number_at(before, numbers[k].at), y = number_at(after, numbers[k].at);
        if (x == y || isnan(x) || isnan(y))
            continue;
        found |= numbers[k].change;
        if (numbers[k].change & kinds)
            put_change(words, numbers[k].name, num_text(from, x), num_text(to, y));
    }
    return found;
}

static unsigned text_changes(const struct instrument *before, const struct instrument *after,
                             unsigned kinds, struct buf *words)
{
    unsigned found = 0;
    for (size_t k = 0; k < COUNT(texts); k++) {
        const char *x = text_at(before, texts[k].at), *y = text_at(after, texts[k].at);
        if (!x || !y || strcmp(x, y) == 0)
            continue;
        found |= texts[k].change;
        if (texts[k].change & kinds)
            put_change(words, texts[k].name, x, y);
    }
    return found;
}

unsigned instrument_changes(const struct instrument *before, const struct instrument *after,
                            unsigned kinds, struct buf *words)
{
    unsigned found = number_changes(before, after, kinds, words);
    found |= text_changes(before, after, kinds, words);
    if (!before->ranges_count || !after->ranges_count || same_ranges(before, after))
        return found;
    if (kinds & INSTRUMENT_TERMS)
        buf_printf(words, "%sticks by price range", words->len_bytes ? ", " : "");
    return found | INSTRUMENT_TERMS;
}

/* --- decimals --------------------------------------------------------------------------------- */

/* Small ticks have an exponent: 2.5e-07 has 8 decimals. */
static int decimals_of(double value)
{
    char text[NUM_TEXT];
    if (!isfinite(value))
        return -1;
    const char *point = strchr(num_text(text, value), '.'), *exponent = strchr(text, 'e');
    int digits = point ? (int)strspn(point + 1, "0123456789") : 0;
    int decimals = digits - (exponent ? (int)strtol(exponent + 1, NULL, 10) : 0);
    if (decimals < 0)
        return 0;
    return decimals <= INSTRUMENT_DIGITS_MAX ? decimals : -1;
}

int instrument_decimals(const struct instrument *i)
{
    if (i->price_digits >= 0)
        return i->price_digits;
    int most = decimals_of(i->price_tick);
    for (int r = 0; r < i->ranges_count; r++) {
        int of_range = decimals_of(i->ranges[r].tick);
        most = of_range > most ? of_range : most;
    }
    return most;
}
