#include "support/t.h"

#include "matriz/frame.h"

#include <stdlib.h>

#define TODAY  20776 /* 2026-11-19 */
#define FUTURE "M:rx_DDF_DLR_NOV26|90211|12|1601.5|1602.5|35|1602|2026-11-19T14:02:58Z"
#define BOOK   "B:rx_DDF_DLR_NOV26!4411!12|1601.5|1602.5|35!"

static struct matriz_ids *ids;
static struct matriz_frame_decoder decoder;

/* A letter for each item, as in `names`. Stops after 8. */
static void items_of(const char *text, size_t len, char *out, struct stream_item *last)
{
    static const char names[] = {
        [STREAM_DATA] = 'd', [STREAM_ERROR] = 'e', [STREAM_MALFORMED] = 'm',
        [STREAM_PAGE] = 'p', [STREAM_REPLY] = 'r', [STREAM_OTHER] = 'o',
    };
    struct stream_message message = {text, len, 0};
    struct stream_item item;
    memset(&item, 0x5a, sizeof(item));
    for (int i = 0; i < 8 && matriz_frame_next(&decoder, &message, TODAY, &item); i++) {
        *out++ = names[item.kind];
        t_true((item.kind == STREAM_MALFORMED) == (item.why.text[0] != '\0'));
        t_true(item.kind != STREAM_DATA || (item.symbol.text && item.market_id.text));
        *last = item;
    }
    *out = '\0';
}

static void messages(void **state)
{
    (void)state;
    static const struct {
        const char *text, *items, *why;
    } rows[] = {
        {FUTURE, "d", ""},
        {BOOK, "d", ""},
        {" " FUTURE "\r\n", "d", ""},
        {"[\"" FUTURE "\",\"" BOOK "\"]", "dd", ""},
        {"[\"" FUTURE
         "\",\"M:rx_DDF_OTRO|1|2|3|4|5|6|7\",\"X:{\\\"t\\\":\\\"clock\\\"}\",\"O:{}\"]",
         "dooo", ""},
        {"M:rx_DDF_DLR_NOV26|90211|12", "m", "a quote with 3 fields"},
        {"M:rx_DDF_OTRO|90211|12", "o", ""},
        {"[\"M:rx_DDF_DLR_NOV26|1\",\"" FUTURE "\"]", "md", ""},
        {"[\"" FUTURE "\",\"M:rx_DDF_DLR_NOV26|9", "dm", "truncated"},
        {"[\"" FUTURE "\"", "dm", "truncated"},
        {"[\"" FUTURE "\",5,null]", "doo", ""},
        {"[\"M:rx_DDF_DLR\\u005fNOV26|9|1|5|6|1|7|\"]", "d", ""},
        {"[\"M:rx_DDF_DLR\\xNOV26|9|1|5|6|1|7|\",\"ping\"]", "mr", ""},
        {"[\"M:rx_DDF_DLR_NOV26|9\n|1|5|6|1|7|\"]", "m", "control character"},
        {"[]", "o", ""},
        {" [ ] ", "o", ""},
        {"ping", "r", ""},
        {"pong", "o", ""},
        {"", "o", ""},
        {"\n", "o", ""},
        {"X:{\"d\":{\"now\":\"2026-11-19T14:03:12Z\"},\"t\":\"clock\"}", "o", ""},
        {"Z:1|2", "o", ""},
        {"{\"error\":1}", "o", ""},
        {"<!doctype html><title>Ingreso</title>", "p", ""},
        {"M:rx_DDF_DLR_NOV26|\xff|1|5|6|1|7|", "m", "not UTF-8"},
        {"[\"\xc3\x28\"]", "m", "not UTF-8"},
        {"B:rx_DDF_DLR_NOV26!1!1|2|3", "m", "3 parts"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[16];
        struct stream_item last;
        size_t len = strlen(rows[i].text);
        char *exact = malloc(len ? len : 1); /* ASan detects a read past the end */
        memcpy(exact, rows[i].text, len);
        t_row(rows[i].text);
        items_of(exact, len, out, &last);
        t_str(out, rows[i].items);
        t_contains(last.why.text, rows[i].why);
        if (last.kind == STREAM_REPLY)
            t_true(last.len_bytes == 4 && memcmp(last.text, "pong", 4) == 0);
        free(exact);
    }
}

static void an_item_names_its_instrument(void **state)
{
    (void)state;
    char out[16];
    struct stream_item item;
    items_of(FUTURE, strlen(FUTURE), out, &item);
    t_text(item.symbol, "DLR/NOV26");
    t_text(item.market_id, "ROFX");
    t_int(item.ts_event, 0);
    t_double(item.update.quote.last_price, 1602);
    t_int(item.unreadable.entries, 0);
    t_true(item.len_bytes == strlen(FUTURE) && memcmp(item.text, FUTURE, item.len_bytes) == 0);
    t_row("a line that cannot be read");
    items_of("M:rx_DDF_DLR_NOV26|1", 20, out, &item);
    t_text(item.symbol, "DLR/NOV26");
}

static void everything_is_counted(void **state)
{
    (void)state;
    static const char text[] =
        "[\"" FUTURE "\",\"" FUTURE "||||||||||||||\",\"" BOOK "\",\"X:{}\",\"O:{}\",\"E:{}\","
        "\"pong\",\"Q\",7,\"M:other|\",\"M:rx_DDF_DLR_NOV26|\"";
    struct stream_message message = {text, sizeof(text) - 1, 0};
    struct stream_item item;
    struct matriz_counts *c = &decoder.counts;
    *c = (struct matriz_counts){0};
    while (matriz_frame_next(&decoder, &message, TODAY, &item)) {
    }
    t_int(c->quotes, 2);
    t_int(c->incomplete, 1);
    t_int(c->books, 1);
    t_int(c->events, 1);
    t_int(c->orders, 2);
    t_int(c->heartbeats, 1);
    t_int(c->unknown, 2);
    t_int(c->unknown_ids, 1);
    t_int(c->malformed, 2); /* the last line, and the truncated list */
}

/* `count` bytes of filler after the id, as a line alone and in a list with another line. */
static void long_lines(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t filler;
        const char *begins, *items;
    } rows[] = {
        {"the longest", MATRIZ_LINE_BYTES_MAX - 26, "M:rx_DDF_DLR_NOV26|1||||||", "d"},
        {"one byte longer", MATRIZ_LINE_BYTES_MAX - 25, "M:rx_DDF_DLR_NOV26|1||||||", "m"},
        {"10 MB", 10000000, "M:rx_DDF_DLR_NOV26|1||||||", "m"},
        {"10 MB in a list", 10000000, "[\"" FUTURE "\",\"M:rx_DDF_DLR_NOV26|1||||||", "dm"},
        {"10 MB of a truncated list", 10000000, "[\"" FUTURE "\",\"", "dm"},
        {"10 MB of blanks", 10000000, "[\"" FUTURE "\",     ", "dm"},
        {"10 MB of brackets", 10000000, "[\"" FUTURE "\",[[[[[", "dm"},
    };
    static const char filler[] = {'x', 'x', 'x', 'x', 'x', ' ', '['};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        size_t head = strlen(rows[i].begins), len = head + rows[i].filler;
        char *text = malloc(len + 2), out[16];
        struct stream_item last;
        t_row(rows[i].name);
        memcpy(text, rows[i].begins, head);
        memset(text + head, filler[i], rows[i].filler);
        if (i == 3) {
            memcpy(text + len, "\"]", 2);
            len += 2;
        }
        items_of(text, len, out, &last);
        t_str(out, rows[i].items);
        free(text);
    }
}

static void a_long_line_with_escapes(void **state)
{
    (void)state;
    enum { BYTES = MATRIZ_ESCAPED_BYTES_MAX };
    for (int longer = 0; longer <= 1; longer++) {
        char text[BYTES + 64], out[16];
        struct stream_item last;
        int len = snprintf(text, sizeof(text), "[\"M:rx_DDF_DLR_NOV26|\\/|1|5|6|1|7|%0*d\"]",
                           BYTES - 31 + longer, 0);
        t_row(longer ? "too long" : "the longest");
        items_of(text, (size_t)len, out, &last);
        t_str(out, longer ? "m" : "d");
    }
}

static int setup(void **state)
{
    (void)state;
    ids = matriz_ids_create();
    decoder.ids = ids;
    return ids && matriz_ids_add(ids, "ROFX", "DLR/NOV26", "DDF", NULL) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    matriz_ids_destroy(ids);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages),
        cmocka_unit_test(an_item_names_its_instrument),
        cmocka_unit_test(everything_is_counted),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(a_long_line_with_escapes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
