#include "api/history_json.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "serve/trades_json.h"

static long long ms_of(int64_t ts)
{
    return ts / NS_PER_MS;
}

/* --- trades ----------------------------------------------------------------------------------- */

static int put_trade(void *arg, const struct tape_trade *trade)
{
    struct trades_json *json = arg;
    trades_json_put(json, &(struct source_trade){trade->price, trade->size, trade->ts});
    return buf_failed(json->out);
}

int history_json_trades(struct buf *out, struct tape *tape, const struct tape_of *of,
                        struct err *err)
{
    struct trades_json json = trades_json_begin(out, of->market_id, of->symbol);
    int rc = tape_trades(tape, of, put_trade, &json, err);
    trades_json_end(&json);
    return rc;
}

/* --- a day ------------------------------------------------------------------------------------ */

struct list {
    struct buf *out;
    int count;
};

static void begin_item(struct list *list, int64_t ts)
{
    buf_printf(list->out, "%s[%lld,", list->count++ ? "," : "", ms_of(ts));
}

static int put_bar(void *arg, const struct tape_bar *bar)
{
    struct list *list = arg;
    const double values[] = {bar->open, bar->high, bar->low, bar->close, bar->volume};
    begin_item(list, bar->ts_minute);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (i > 0)
            buf_puts(list->out, ",");
        json_put_number(list->out, values[i]);
    }
    buf_puts(list->out, "]");
    return buf_failed(list->out);
}

static int put_gap(void *arg, const struct tape_gap *gap)
{
    struct list *list = arg;
    begin_item(list, gap->ts_from);
    if (gap->ts_to)
        buf_printf(list->out, "%lld,", ms_of(gap->ts_to));
    else
        buf_puts(list->out, "null,");
    json_put_string(list->out, gap->reason);
    buf_puts(list->out, "]");
    return buf_failed(list->out);
}

static int put_session(struct buf *out, struct tape *tape, const struct tape_of *of,
                       struct err *err)
{
    struct tape_session session;
    int rc = tape_session(tape, of, art_day(of->from), &session, err);
    if (rc == 0 && session.ts_open)
        buf_printf(out, "{\"open\":%lld,\"close\":%lld}", ms_of(session.ts_open),
                   ms_of(session.ts_close));
    else
        buf_puts(out, "null");
    return rc;
}

int history_json_chart(struct buf *out, struct tape *tape, const struct tape_of *of, int64_t now,
                       struct err *err)
{
    struct list bars = {.out = out}, gaps = {.out = out};
    buf_puts(out, "{\"symbol\":");
    json_put_string(out, of->symbol);
    buf_puts(out, ",\"session\":");
    int rc = put_session(out, tape, of, err);
    buf_puts(out, ",\"bars\":[");
    if (rc == 0)
        rc = tape_bars(tape, of, put_bar, &bars, err);
    buf_puts(out, "],\"gaps\":[");
    if (rc == 0)
        rc = tape_gaps(tape, of, now, put_gap, &gaps, err);
    buf_puts(out, "]}");
    return rc;
}
