#include "primary/trade_list.h"

#include "base/clock.h"
#include "support/t.h"

#include <math.h>
#include <stdlib.h>

#define DAY 20776 /* 2026-11-19 */

struct seen {
    char text[512]; /* "time of day UTC price x size, " each */
    size_t count;
    int steps, skipped;
};

static void put_trade(struct seen *seen, const struct trade *trade)
{
    char time[CLOCK_TEXT];
    size_t used = strlen(seen->text);
    clock_text(time, trade->ts_event);
    if (used + 64 < sizeof(seen->text))
        snprintf(seen->text + used, sizeof(seen->text) - used, "%.12s %gx%g, ", time + 11,
                 trade->price, trade->size);
    t_int(trade->origin, TRADE_FROM_HISTORY);
}

static enum reply_class read_all(struct buf *body, struct seen *seen, struct err *why)
{
    enum reply_class class = REPLY_OTHER;
    *seen = (struct seen){.steps = 1};
    struct trade_list *list = trade_list_create(body, DAY);
    t_int(body->len_bytes, 0);
    while (trade_list_step(list, &class, why))
        seen->steps++;
    seen->skipped = trade_list_skipped(list);
    struct trade *trades = trade_list_take(list, &seen->count);
    for (size_t i = 0; i < seen->count && i < 8; i++)
        put_trade(seen, &trades[i]);
    free(trades);
    trade_list_destroy(list);
    return class;
}

#define LIST(trades)                                                                               \
    "{\"status\":\"OK\",\"symbol\":\"X\",\"market\":\"ROFX\",\"trades\":[" trades "]}"
/* 1795096978117 is 2026-11-19 14:02:58.117 UTC */
static const struct {
    const char *name, *body;
    enum reply_class class;
    const char *trades;
    int skipped;
    const char *words;
} rows[] = {
    /* clang-format off */
    {"two equal trades are two", LIST("{\"symbol\":\"X\",\"servertime\":1795096978117,\"size\":5.0,\"price\":1602.0,"
     "\"datetime\":\"2026-11-19 14:02:58.117\"},{\"servertime\":1795096978117,\"size\":5,\"price\":1602}"),
     REPLY_OK, "14:02:58.117 1602x5, 14:02:58.117 1602x5, ", 0, ""},
    {"servertime comes first", LIST("{\"servertime\":1795096978117,\"size\":1,\"price\":2,\"datetime\":\"2026-11-19 15:00:00.000\"}"),
     REPLY_OK, "14:02:58.117 2x1, ", 0, ""},
    {"as a text", LIST("{\"servertime\":\"1795096978117\",\"size\":\"1\",\"price\":\"2\"}"), REPLY_OK, "14:02:58.117 2x1, ", 0, ""},
    {"without servertime, datetime is UTC", LIST("{\"size\":1,\"price\":2,\"datetime\":\"2026-11-19 15:00:00.250\"}"),
     REPLY_OK, "15:00:00.250 2x1, ", 0, ""},
    {"a servertime of 14 digits", LIST("{\"servertime\":17950969781170,\"size\":1,\"price\":2,\"datetime\":\"2026-11-19 14:02:58.117\"}"),
     REPLY_OK, "14:02:58.117 2x1, ", 0, ""},
    {"silly times only", LIST("{\"servertime\":1e300,\"size\":1,\"price\":2},{\"servertime\":-5,\"size\":1,\"price\":2},"
     "{\"servertime\":null,\"size\":1,\"price\":2,\"datetime\":\"2026-11-19T14:02:58.117Z\"},{\"size\":1,\"price\":2,"
     "\"datetime\":\"2026-11-19 25:00:00.000\"},{\"size\":1,\"price\":2,\"datetime\":\"\"}"), REPLY_OK, "", 5, ""},
    {"the day of Argentina begins at 03:00 UTC", LIST("{\"servertime\":1795057199999,\"size\":1,\"price\":2},"
     "{\"servertime\":1795057200000,\"size\":1,\"price\":3}"), REPLY_OK, "03:00:00.000 3x1, ", 1, ""},
    {"and ends at 03:00 UTC", LIST("{\"servertime\":1795143599999,\"size\":1,\"price\":2},"
     "{\"servertime\":1795143600000,\"size\":1,\"price\":3}"), REPLY_OK, "02:59:59.999 2x1, ", 1, ""},
    {"fractions of a millisecond are dropped", LIST("{\"servertime\":1795096978117.9,\"size\":0.25,\"price\":0.001}"),
     REPLY_OK, "14:02:58.117 0.001x0.25, ", 0, ""},
    {"an unknown size", LIST("{\"servertime\":1795096978117,\"size\":null,\"price\":2},{\"servertime\":1795096978117,\"price\":2}"),
     REPLY_OK, "14:02:58.117 2xnan, 14:02:58.117 2xnan, ", 0, ""},
    {"no trade of nothing", LIST("{\"servertime\":1795096978117,\"size\":0,\"price\":2},{\"servertime\":1795096978117,\"size\":-1,\"price\":2},"
     "{\"servertime\":1795096978117,\"size\":\"x\",\"price\":2}"), REPLY_OK, "", 3, ""},
    {"a negative price is one, of a spread", LIST("{\"servertime\":1795096978117,\"size\":1,\"price\":-2.5}"),
     REPLY_OK, "14:02:58.117 -2.5x1, ", 0, ""},
    {"no price", LIST("{\"servertime\":1795096978117,\"size\":1},{\"servertime\":1795096978117,\"size\":1,\"price\":null},"
     "{\"servertime\":1795096978117,\"size\":1,\"price\":1e999}"), REPLY_OK, "", 3, ""},
    {"other things in the list", LIST("null,7,[],{x},{\"servertime\":1795096978117,\"size\":1,\"price\":2}"),
     REPLY_OK, "14:02:58.117 2x1, ", 4, ""},
    {"none", LIST(""), REPLY_OK, "", 0, ""},
    {"null", "{\"status\":\"OK\",\"trades\":null}", REPLY_OK, "", 0, ""},
    {"unknown symbol", "{\"status\":\"ERROR\",\"description\":\"Security X:ROFX doesn't exist\"}", REPLY_UNKNOWN_SYMBOL, "", 0, "exist"},
    {"an error after the trades", "{\"trades\":[{\"servertime\":1795096978117,\"size\":1,\"price\":2}],\"status\":\"ERROR\","
     "\"description\":\"Access Denied\"}", REPLY_ACCESS, "14:02:58.117 2x1, ", 0, "Access Denied"},
    {"the list is missing", "{\"status\":\"OK\"}", REPLY_MALFORMED, "", 0, "trades is missing"},
    {"the list is a text", "{\"status\":\"OK\",\"trades\":\"x\"}", REPLY_MALFORMED, "", 0, "trades is not a list"},
    {"cut off", "{\"status\":\"OK\",\"trades\":[{\"servertime\":1795096978117,\"size\":1,\"price\":2},{\"serv", REPLY_MALFORMED,
     "14:02:58.117 2x1, ", 0, "not JSON"},
    {"empty", "", REPLY_MALFORMED, "", 0, "an empty body"},
    /* clang-format on */
};

static void answers(void **state)
{
    (void)state;
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        struct buf body;
        struct seen seen;
        struct err why = {0};
        t_row(rows[r].name);
        buf_init(&body, 1 << 20);
        buf_puts(&body, rows[r].body);
        t_str(reply_class_name(read_all(&body, &seen, &why)), reply_class_name(rows[r].class));
        t_str(seen.text, rows[r].trades);
        t_int(seen.skipped, rows[r].skipped);
        t_contains(why.text, rows[r].words);
        t_int(seen.steps, 1);
    }
}

static void put_list(struct buf *body, int trades)
{
    buf_init(body, TRADE_LIST_BYTES);
    buf_puts(body, "{\"status\":\"OK\",\"trades\":[");
    for (int i = 0; i < trades; i++)
        buf_printf(body, "%s{\"servertime\":%lld,\"size\":1,\"price\":2}", i ? "," : "",
                   1795096978117LL + i / 10);
    buf_puts(body, "]}");
}

/* Of a long list, each step reads a part, so that the caller never waits long. */
static void long_lists_take_many_steps(void **state)
{
    (void)state;
    struct buf body;
    struct seen seen;
    struct err why = {0};
    put_list(&body, 20000);
    size_t len_bytes = body.len_bytes;
    t_int(read_all(&body, &seen, &why), REPLY_OK);
    t_int(seen.count, 20000);
    t_true(seen.steps > (int)(len_bytes / (64 * 1024)));
}

static void too_many_trades_are_refused(void **state)
{
    (void)state;
    struct buf body;
    struct seen seen;
    struct err why = {0};
    put_list(&body, TRADE_LIST_TRADES + 1);
    t_int(read_all(&body, &seen, &why), REPLY_MALFORMED);
    t_contains(why.text, "more than 250000 trades");
}

static void given_up_in_between(void **state)
{
    (void)state;
    struct buf body;
    enum reply_class class;
    put_list(&body, 5000);
    struct trade_list *list = trade_list_create(&body, DAY);
    t_true(trade_list_step(list, &class, NULL));
    trade_list_destroy(list);
    trade_list_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(long_lists_take_many_steps),
        cmocka_unit_test(too_many_trades_are_refused),
        cmocka_unit_test(given_up_in_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
