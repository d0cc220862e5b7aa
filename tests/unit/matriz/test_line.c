#include "support/t.h"

#include "base/clock.h"
#include "base/rng.h"
#include "matriz/line.h"

#include <errno.h>
#include <stdlib.h>

#define TODAY  20776 /* 2026-11-19 */
#define BIT(e) ENTRY_BIT(ENTRY_##e)
#define FUTURE                                                                                     \
    "M:rx_DDF_DLR_NOV26|90211|12|1601.5|1602.5|35|1602|2026-11-19T14:02:58Z|45120|72214560000|"    \
    "45120000|1596.5|1604.5|1598|812345|||1597|2026-11-18|1595.5|2026-11-17"
#define BOND                                                                                       \
    "M:bm_MERV_GD35_24hs|55102|1500|88120|88190|20|88150|2026-11-19T14:03:10Z||913245780.55|"      \
    "1036412|87850|88240|87900||88150|2026-11-19|||87900|2026-11-18"

static struct quote_update update;
static struct unreadable unreadable;
static struct err why;

static int read_bytes(const char *text, size_t len)
{
    const struct matriz_line line = matriz_line_split(text, len);
    memset(&update, 0x5a, sizeof(update));
    memset(&unreadable, 0x5a, sizeof(unreadable));
    return matriz_line_decode(&line, TODAY, &(struct matriz_line_out){&update, &unreadable, &why});
}

static int read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void lines_are_split(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum matriz_line_kind kind;
        const char *id;
    } rows[] = {
        {FUTURE, MATRIZ_LINE_QUOTE, "rx_DDF_DLR_NOV26"},
        {"M:x", MATRIZ_LINE_QUOTE, "x"},
        {"M:", MATRIZ_LINE_QUOTE, ""},
        {"M:|1", MATRIZ_LINE_QUOTE, ""},
        {"L:M:rx_DDF_DLR_NOV26|1", MATRIZ_LINE_CLOSE, "rx_DDF_DLR_NOV26"},
        {"L:Mrx_DDF_DLR_NOV26|1", MATRIZ_LINE_CLOSE, "rx_DDF_DLR_NOV26"},
        {"B:rx_DDF_DLR_NOV26!4411!", MATRIZ_LINE_BOOK, "rx_DDF_DLR_NOV26"},
        {"X:{\"d\":{},\"t\":\"clock\"}", MATRIZ_LINE_EVENT, ""},
        {"O:{}", MATRIZ_LINE_ORDER, ""},
        {"E:{}", MATRIZ_LINE_ORDER, ""},
        {"Q:1|2", MATRIZ_LINE_UNKNOWN, ""},
        {"m:x|1", MATRIZ_LINE_UNKNOWN, ""},
        {"L:B", MATRIZ_LINE_UNKNOWN, ""},
        {"M", MATRIZ_LINE_UNKNOWN, ""},
        {"", MATRIZ_LINE_UNKNOWN, ""},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct matriz_line line = matriz_line_split(rows[i].text, strlen(rows[i].text));
        char id[64];
        t_row(rows[i].text);
        t_int(line.kind, rows[i].kind);
        snprintf(id, sizeof(id), "%.*s", (int)line.id_bytes, line.id);
        t_str(id, rows[i].id);
    }
}

static void a_future(void **state)
{
    (void)state;
    const struct quote *q = &update.quote;
    t_int(read_text(FUTURE), MATRIZ_FIELDS);
    t_int(update.entries, BIT(BI) | BIT(OF) | BIT(LA) | BIT(OP) | BIT(CL) | BIT(SE) | BIT(HI) |
                              BIT(LO) | BIT(TV) | BIT(OI));
    t_int(q->bids.count, 1);
    t_double(q->bids.level[0].price, 1601.5);
    t_double(q->bids.level[0].size, 12);
    t_int(q->offers.count, 1);
    t_double(q->offers.level[0].price, 1602.5);
    t_double(q->offers.level[0].size, 35);
    t_double(q->last_price, 1602);
    t_double(q->last_size, NAN);
    t_int(q->ts_last, INT64_C(1795096978) * NS_PER_S);
    t_double(q->trade_volume, 45120);
    t_double(q->low_price, 1596.5);
    t_double(q->high_price, 1604.5);
    t_double(q->open_price, 1598);
    t_double(q->open_interest, 812345);
    t_double(q->close_price, 1597);
    t_int(q->close_day, TODAY - 1);
    t_double(q->settlement_price, 1597);
    t_int(q->settlement_day, TODAY - 1);
    t_int(q->ts_event, 0);
    t_double(q->effective_volume, NAN);
    t_int(unreadable.entries, 0);
}

static void a_bond(void **state)
{
    (void)state;
    const struct quote *q = &update.quote;
    t_int(read_text(BOND), MATRIZ_FIELDS);
    t_int(update.entries,
          BIT(BI) | BIT(OF) | BIT(LA) | BIT(OP) | BIT(CL) | BIT(HI) | BIT(LO) | BIT(EV) | BIT(NV));
    t_double(q->bids.level[0].size, 1500);
    t_double(q->effective_volume, 913245780.55);
    t_double(q->nominal_volume, 1036412);
    t_double(q->close_price, 87900);
    t_int(q->close_day, TODAY - 1);
}

/* Which entries a line has; the values are those of `good`. */
static void entries_by_line(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        int fields;
        uint32_t entries, bad;
    } rows[] = {
        {"empty but for B", "M:rx_DDF_DLR_DIC26|90212||||||||||||||||1630|2026-11-18||", 21,
         BIT(BI) | BIT(OF) | BIT(CL) | BIT(SE), 0},
        {"eight fields", "M:rx_DDA_SOJ.ROS_MAY27|1|2|300|301|3|300|2026-11-19T14:02:58Z", 8,
         BIT(BI) | BIT(OF) | BIT(LA), 0},
        {"eight empty fields", "M:rx_DDA_SOJ.ROS_MAY27|||||||", 8, BIT(BI) | BIT(OF), 0},
        {"seven fields", "M:rx_DDA_SOJ.ROS_MAY27||||||", -EBADMSG, 0, 0},
        {"no field", "M:", -EBADMSG, 0, 0},
        {"more fields", FUTURE "|x|y", 21,
         BIT(BI) | BIT(OF) | BIT(LA) | BIT(OP) | BIT(CL) | BIT(SE) | BIT(HI) | BIT(LO) | BIT(TV) |
             BIT(OI),
         0},
        {"after the close", "M:bm_MERV_GD35_24hs|1||||||||913245780.55|1036412||||||||||", 21,
         BIT(BI) | BIT(OF) | BIT(EV) | BIT(NV), 0},
        {"a closing line without a book", "L:Mbm_MERV_GD35_24hs|1||||||||||||||88150|2026-11-18",
         17, BIT(CL), 0},
        {"a closing line with a bid", "L:M:bm_MERV_GD35_24hs|1|5|88120||||||||||||88150|2026-11-18",
         17, BIT(BI) | BIT(CL), 0},
        {"NaN is no value", "M:x|1|NaN|NaN|NaN|NaN|NaN|NaN|NaN|NaN|NaN|NaN|NaN|NaN|NaN", 15,
         BIT(BI) | BIT(OF), 0},
        {"not numbers", "M:x|1|a|b|c|d|e|f|g|h|i|j|k|l|m", 15,
         BIT(BI) | BIT(OF) | BIT(LA) | BIT(TV) | BIT(EV) | BIT(NV) | BIT(LO) | BIT(HI) | BIT(OP) |
             BIT(OI),
         BIT(BI) | BIT(OF) | BIT(LA) | BIT(TV) | BIT(EV) | BIT(NV) | BIT(LO) | BIT(HI) | BIT(OP) |
             BIT(OI)},
        {"not finite", "M:x|1|1|1e999|inf|1|-nan|||", 10, BIT(BI) | BIT(OF) | BIT(LA),
         BIT(BI) | BIT(OF) | BIT(LA)},
        {"negative amounts", "M:x|1|-1|5|6|-1|-7||-1|-1|-1|-1|-1|-1|-1", 15,
         BIT(BI) | BIT(OF) | BIT(LA) | BIT(TV) | BIT(EV) | BIT(NV) | BIT(LO) | BIT(HI) | BIT(OP) |
             BIT(OI),
         BIT(BI) | BIT(OF) | BIT(TV) | BIT(EV) | BIT(NV) | BIT(OI)},
        {"the sequence is not read", "M:x|abc|1|5|6|1|7|", 8, BIT(BI) | BIT(OF) | BIT(LA), 0},
        {"a time without a price", "M:x|1|||||| 2026-11-19T14:02:58Z", 8, BIT(BI) | BIT(OF), 0},
        {"volumes of a future", "M:rx_DDF_DLR_NOV26|1|||||||5|6|7", 11, BIT(BI) | BIT(OF) | BIT(TV),
         0},
        {"references that cannot be read", "M:bm_X_Y|1||||||||||||||x|2026-11-17|5|2026-13-01|7|",
         21, BIT(BI) | BIT(OF), 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(read_text(rows[i].text), rows[i].fields);
        t_int(unreadable.entries, rows[i].fields < 0 ? 0 : rows[i].bad);
        if (rows[i].fields < 0)
            t_contains(why.text, "at least 8 are needed");
        else
            t_int(update.entries, rows[i].entries);
    }
}

static void levels_of_a_quote(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int bids, offers;
        double bid_size, offer_size;
        const char *bad; /* of BI */
    } rows[] = {
        {"M:x|1|1|5|6|2||", 1, 1, 1, 2, NULL},
        {"M:x|1||5|6|||", 1, 1, NAN, NAN, NULL},
        {"M:x|1|1|||2||", 0, 0, 0, 0, NULL},
        {"M:x|1|z|5|6|2||", 1, 1, NAN, 2, "bid size is not a number"},
        {"M:x|1|1|z|6|2||", 0, 1, 0, 2, "bid price is not a number"},
        {"M:x|1|-1|5|6|2||", 0, 1, 0, 2, "bid size is negative"},
        {"M:x|1|-0|-0.0|6|0||", 1, 1, 0, 0, NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].text);
        t_int(read_text(rows[i].text), 8);
        t_int(update.quote.bids.count, rows[i].bids);
        t_int(update.quote.offers.count, rows[i].offers);
        t_double(update.quote.bids.level[0].size, rows[i].bid_size);
        t_double(update.quote.offers.level[0].size, rows[i].offer_size);
        t_int(unreadable.entries, rows[i].bad ? BIT(BI) : 0);
        if (rows[i].bad)
            t_str(unreadable.words[ENTRY_BI], rows[i].bad);
    }
}

static void books(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        int levels, bids, offers;
        double best_bid, best_offer;
        const char *words;
    } rows[] = {
        {"two levels", "B:rx_DDF_DLR_NOV26!4411!12|1601.5|1602.5|35!200|1601|1603|410!|||!", 3, 2,
         2, 1601.5, 1602.5, NULL},
        {"a side is missing", "B:x!1!12|1601.5||!||1603|410", 2, 1, 1, 1601.5, 1603, NULL},
        {"not sorted", "B:x!1!1|5|9|1!1|7|8|1", 2, 2, 2, 7, 8, NULL},
        {"a repeated level", "B:x!1!1|5|9|1!1|5|9|1", 2, 1, 1, 5, 9, NULL},
        {"NaN", "B:x!1!NaN|NaN|9|NaN", 1, 0, 1, 0, 9, NULL},
        {"empty", "B:x!1!", 0, 0, 0, 0, 0, NULL},
        {"empty, without the last separator", "B:x!1", 0, 0, 0, 0, 0, NULL},
        {"no sequence", "B:x", -EBADMSG, 0, 0, 0, 0, "without a sequence"},
        {"nothing", "B:", -EBADMSG, 0, 0, 0, 0, "without a sequence"},
        {"three parts", "B:x!1!12|1601.5|1602.5", -EBADMSG, 0, 0, 0, 0, "3 parts instead of 4"},
        {"five parts", "B:x!1!1|2|3|4|5!", -EBADMSG, 0, 0, 0, 0, "at least 5 parts"},
        {"an empty part in between", "B:x!1!!1|2|3|4", -EBADMSG, 0, 0, 0, 0, "1 parts"},
        {"a quote's separator", "B:x|1|2", -EBADMSG, 0, 0, 0, 0, "without a sequence"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(read_text(rows[i].text), rows[i].levels);
        if (rows[i].words) {
            t_contains(why.text, rows[i].words);
            continue;
        }
        t_int(update.entries, BIT(BI) | BIT(OF));
        t_int(update.quote.bids.count, rows[i].bids);
        t_int(update.quote.offers.count, rows[i].offers);
        t_double(update.quote.bids.level[0].price, rows[i].best_bid);
        t_double(update.quote.offers.level[0].price, rows[i].best_offer);
    }
}

static void a_deep_book_is_cut(void **state)
{
    (void)state;
    char text[4096] = "B:x!1";
    for (int i = 0; i < 40; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "!1|%d|%d|1", 100 - i, 101 + i);
    t_int(read_text(text), 40);
    t_int(update.quote.bids.count, QUOTE_DEPTH_MAX);
    t_double(update.quote.bids.level[QUOTE_DEPTH_MAX - 1].price, 100 - QUOTE_DEPTH_MAX + 1);
    t_double(update.quote.offers.level[QUOTE_DEPTH_MAX - 1].price, 101 + QUOTE_DEPTH_MAX - 1);
}

/* Each prefix of a line is read or refused, without a byte after its end (ASan). */
static void truncated_lines(void **state)
{
    (void)state;
    static const char *const lines[] = {FUTURE, BOND,
                                        "B:rx_DDF_DLR_NOV26!4411!12|1601.5|1602.5|35!200|1601||"};
    for (size_t i = 0; i < T_COUNT(lines); i++) {
        for (size_t len = 2; len < strlen(lines[i]); len++) {
            char *copy = malloc(len);
            memcpy(copy, lines[i], len);
            t_row(lines[i]);
            int count = read_bytes(copy, len);
            t_true(count == -EBADMSG || (count >= 0 && count <= MATRIZ_FIELDS));
            free(copy);
        }
    }
}

/* The values of strtod(), to the last bit. */
static void numbers_are_those_of_strtod(void **state)
{
    (void)state;
    struct rng rng = {7};
    for (int i = 0; i < 20000; i++) {
        char number[32], line[160];
        snprintf(number, sizeof(number), "%.*f", (int)rng_below(&rng, 7),
                 rng_unit(&rng) * (double)(INT64_C(1) << rng_below(&rng, 45)));
        snprintf(line, sizeof(line), "M:x|1|%s|%s|||%s|||%s", number, number, number, number);
        t_row(line);
        t_int(read_text(line), 10);
        double expected = strtod(number, NULL);
        t_double(update.quote.last_price, expected);
        t_double(update.quote.bids.level[0].price, expected);
        t_double(update.quote.bids.level[0].size, expected);
        t_double(update.quote.effective_volume, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_split),
        cmocka_unit_test(a_future),
        cmocka_unit_test(a_bond),
        cmocka_unit_test(entries_by_line),
        cmocka_unit_test(levels_of_a_quote),
        cmocka_unit_test(books),
        cmocka_unit_test(a_deep_book_is_cut),
        cmocka_unit_test(truncated_lines),
        cmocka_unit_test(numbers_are_those_of_strtod),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
