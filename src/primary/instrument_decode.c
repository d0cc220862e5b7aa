#include "primary/instrument_decode.h"

#include "base/clock.h"
#include "primary/reference.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- numbers ---------------------------------------------------------------------------------- */

/* NAN: absent, or not a number. */
static double number_of(const struct json *item, const char *key)
{
    double value;
    return json_number(json_get(item, key), &value) ? value : (double)NAN;
}

/* Of a size, a step or a factor, which are not negative. */
static double amount_of(const struct json *item, const char *key)
{
    double value = number_of(item, key);
    return value >= 0 ? value : (double)NAN;
}

/* A tick of 0 would mean that any price is allowed: it is how some servers write "none". */
static double step_of(const struct json *item, const char *key)
{
    double value = number_of(item, key);
    return value > 0 ? value : (double)NAN;
}

static int digits_of(const struct json *item, const char *key)
{
    double value = number_of(item, key);
    return value >= 0 && value <= INSTRUMENT_DIGITS_MAX && value == floor(value) ? (int)value : -1;
}

/* --- texts ------------------------------------------------------------------------------------ */

static bool is_date(const char digits[9])
{
    char day[11];
    int32_t days;
    if (strspn(digits, "0123456789") != 8)
        return false;
    snprintf(day, sizeof(day), "%.4s-%.2s-%.2s", digits, digits + 4, digits + 6);
    return clock_parse_day(day, &days);
}

/* YYYYMMDD, which older servers write as a number. */
static const char *maturity_of(const struct json *item, char out[12])
{
    const struct json *value = json_get(item, "maturityDate");
    const char *text = json_string(value);
    double number;
    if (text && strlen(text) == 8)
        memcpy(out, text, 9);
    else if (!text && json_number(value, &number) && number >= 0 && number < 1e8)
        snprintf(out, 12, "%08.0f", number);
    else
        return NULL;
    return is_date(out) ? out : NULL;
}

/* A list of names, joined with commas. They are spelt with '_' or with blanks. */
static const char *names_of(const struct json *item, const char *key,
                            char out[INSTRUMENT_TEXT_BYTES + 1])
{
    const struct json *list = json_get(item, key);
    size_t len = 0;
    if (json_type(list) != JSON_ARRAY)
        return NULL;
    out[0] = '\0';
    for (const struct json *name = json_first(list); name; name = json_next(name)) {
        const char *text = reference_text(name);
        size_t bytes = text ? strlen(text) : 0;
        if (!bytes || strpbrk(text, ",") || len + bytes + 1 > INSTRUMENT_TEXT_BYTES)
            continue;
        len += (size_t)snprintf(out + len, INSTRUMENT_TEXT_BYTES + 1 - len, "%s%s", len ? "," : "",
                                text);
    }
    for (char *c = out; *c; c++)
        *c = *c == ' ' ? '_' : *c;
    return *out ? out : NULL;
}

static const char *segment_of(const struct json *item)
{
    const struct json *segment = json_get(item, "segment");
    const char *plain = reference_text(segment);
    return plain ? plain : reference_text(json_get(segment, "marketSegmentId"));
}

/* --- ticks by price --------------------------------------------------------------------------- */

static int by_price(const void *a, const void *b)
{
    const struct tick_range *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* The keys are "0", "1", ... in any order, so they are sorted by price. */
static int ranges_of(const struct json *item, struct tick_range out[INSTRUMENT_RANGES_MAX])
{
    const struct json *ranges = json_get(item, "tickPriceRanges");
    int count = 0;
    for (const struct json *r = json_first(ranges); r && count < INSTRUMENT_RANGES_MAX;
         r = json_next(r)) {
        double from = number_of(r, "lowerLimit");
        out[count] = (struct tick_range){isnan(from) ? 0 : from, number_of(r, "upperLimit"),
                                         step_of(r, "tick")};
        count += !isnan(out[count].tick);
    }
    if (count)
        qsort(out, (size_t)count, sizeof(*out), by_price);
    return count;
}

/* --- an instrument ---------------------------------------------------------------------------- */

bool instrument_decode(const struct json *item, struct instrument_texts *texts,
                       struct instrument *out)
{
    struct reference_item id;
    if (!reference_item_read(item, &id))
        return false;
    *out = instrument_unknown;
    out->market_id = id.market_id;
    out->symbol = id.symbol;
    out->cfi_code = *id.cfi_code ? id.cfi_code : NULL;
    out->segment = segment_of(item);
    out->currency = reference_text(json_get(item, "currency"));
    out->maturity = maturity_of(item, texts->maturity);
    out->description = reference_text(json_get(item, "securityDescription"));
    out->settl_type = reference_text(json_get(item, "settlType"));
    out->underlying = reference_text(json_get(item, "underlying"));
    out->order_types = names_of(item, "orderTypes", texts->order_types);
    out->times_in_force = names_of(item, "timesInForce", texts->times_in_force);
    out->low_limit = number_of(item, "lowLimitPrice");
    out->high_limit = number_of(item, "highLimitPrice");
    out->price_tick = step_of(item, "minPriceIncrement");
    out->size_step = step_of(item, "tickSize");
    out->min_size = amount_of(item, "minTradeVol");
    out->max_size = amount_of(item, "maxTradeVol");
    out->round_lot = amount_of(item, "roundLot");
    out->multiplier = amount_of(item, "contractMultiplier");
    out->price_factor = amount_of(item, "priceConvertionFactor"); /* the broker's spelling */
    out->strike = number_of(item, "strike");
    out->price_digits = digits_of(item, "instrumentPricePrecision");
    out->size_digits = digits_of(item, "instrumentSizePrecision");
    out->ranges_count = ranges_of(item, texts->ranges);
    out->ranges = out->ranges_count ? texts->ranges : NULL;
    return true;
}

enum reply_class instrument_decode_detail(struct json_parser *parser, const struct reply *reply,
                                          struct instrument_texts *texts, struct instrument *out,
                                          struct err *why)
{
    enum reply_class class = reply_by_head(reply, why);
    if (class != REPLY_OK)
        return class;
    const struct json *root = json_parse(parser, reply->body, reply->body_len_bytes, why);
    if (!root)
        return REPLY_MALFORMED;
    class = reply_by_envelope(root, why);
    if (class != REPLY_OK)
        return class;
    const struct json *item = json_get(root, "instrument");
    if (json_type(item) != JSON_OBJECT)
        item = json_get(root, "instruments");
    if (json_type(item) == JSON_ARRAY)
        item = json_first(item);
    if (instrument_decode(item, texts, out))
        return REPLY_OK;
    err_set(why, -EBADMSG, "instrument is missing, or without a valid symbol");
    return REPLY_MALFORMED;
}
