#include "serve/trades_json.h"

#include "base/clock.h"
#include "base/json_write.h"

#define ART_MIDNIGHT_NS                                                                            \
    (-ART_UTC_MINUTES * NS_PER_MIN) /* a day in Argentina begins at 03:00 UTC                      \
                                     */

static bool parse_day(const char *text, int64_t *begin_ns)
{
    int32_t day;
    if (!text || !clock_parse_day(text, &day))
        return false;
    *begin_ns = day * NS_PER_DAY + ART_MIDNIGHT_NS;
    return true;
}

bool trades_range(const char *date, const char *date_from, const char *date_to, int64_t *from,
                  int64_t *to)
{
    if (!parse_day(date ? date : date_from, from) || !parse_day(date ? date : date_to, to))
        return false;
    *to += NS_PER_DAY;
    return true;
}

struct trades_json trades_json_begin(struct buf *out, const char *market_id, const char *symbol)
{
    buf_puts(out, "{\"status\":\"OK\",\"symbol\":");
    json_put_string(out, symbol);
    buf_puts(out, ",\"market\":");
    json_put_string(out, market_id);
    buf_puts(out, ",\"trades\":[");
    return (struct trades_json){.out = out, .symbol = symbol};
}

/* "datetime" is UTC, although it has no zone. */
void trades_json_put(struct trades_json *json, const struct source_trade *trade)
{
    char text[CLOCK_TEXT];
    clock_text(text, trade->ts);
    text[10] = ' ';
    text[23] = '\0';
    buf_puts(json->out, json->count++ ? ",{\"symbol\":" : "{\"symbol\":");
    json_put_string(json->out, json->symbol);
    buf_printf(json->out, ",\"servertime\":%lld,\"size\":", (long long)(trade->ts / NS_PER_MS));
    json_put_number(json->out, trade->size);
    buf_puts(json->out, ",\"price\":");
    json_put_number(json->out, trade->price);
    buf_printf(json->out, ",\"datetime\":\"%s\"}", text);
}

void trades_json_end(struct trades_json *json)
{
    buf_puts(json->out, "]}");
}

static void put_trade(void *arg, const struct source_trade *trade)
{
    trades_json_put(arg, trade);
}

void trades_json(struct buf *out, const struct market_source *source, int32_t index, int64_t from,
                 int64_t to)
{
    const struct instrument *instrument = source->instrument(source->self, index);
    struct trades_json json = trades_json_begin(out, instrument->market_id, instrument->symbol);
    source->trades(source->self, &(struct source_period){index, from, to}, put_trade, &json);
    trades_json_end(&json);
}
