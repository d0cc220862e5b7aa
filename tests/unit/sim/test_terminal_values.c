/* What the simulated terminal writes, cinta's reader of its lines reads as the quote of the API. */
#include "sim/terminal_lines.h"

#include "base/clock.h"
#include "matriz/line.h"
#include "sim/sim_market.h"
#include "support/t.h"

#define NOON_NS (INT64_C(1795446000) * NS_PER_S) /* 2026-11-23 12:00 in Argentina */
#define BIT(e)  ENTRY_BIT(ENTRY_##e)
#define BOOK    (BIT(BI) | BIT(OF))

static struct quote_update decoded(const struct buf *text, int32_t today, int *result)
{
    struct quote_update update = {0};
    struct unreadable unreadable;
    struct err why = {0};
    const struct matriz_line_out out = {&update, &unreadable, &why};
    const struct matriz_line line = matriz_line_split(buf_text(text), text->len_bytes);
    *result = matriz_line_decode(&line, today, &out);
    if (*result < 0)
        fail_msg("%s: %s: %s", t_row_name, buf_text(text), why.text);
    t_int(unreadable.entries, 0);
    return update;
}

/* Without the levels that repeat the one before, which no reader keeps. */
static void drop_repeated(struct side *side)
{
    const struct side all = *side;
    *side = (struct side){0};
    for (int l = 0; l < all.count; l++) {
        if (l == 0 || all.level[l].price != all.level[l - 1].price ||
            all.level[l].size != all.level[l - 1].size)
            side->level[side->count++] = all.level[l];
    }
}

/* The quote as far as a line shows it: no size and no milliseconds of the last trade, no index. */
static struct quote shown(const struct quote *quote, int depth)
{
    struct quote q = quote_shallow(quote, depth);
    drop_repeated(&q.bids);
    drop_repeated(&q.offers);
    q.last_size = NAN;
    q.ts_last = q.ts_last / NS_PER_S * NS_PER_S;
    return q;
}

static void check_equal(const struct quote *read, const struct quote *expected, uint32_t entries)
{
    char list[ENTRY_LIST_TEXT];
    uint32_t diff = quote_diff(read, expected, entries);
    if (diff)
        fail_msg("%s: these differ: %s", t_row_name, entry_list_text(list, diff));
}

/* The entries that have a value. */
static uint32_t valued(const struct quote *quote)
{
    const struct quote none = quote_none();
    return quote_diff(quote, &none, ENTRY_ALL);
}

static void check_instrument(const struct sim_market *market, int32_t at, bool brief)
{
    const struct market_source *source = sim_market_source(market);
    const struct instrument *i = source->instrument(source->self, at);
    const struct quote *quote = source->quote(source->self, at);
    int32_t today = (int32_t)art_day(NOON_NS);
    char id[TERMINAL_INSTRUMENT_BYTES];
    struct buf text;
    int result;
    t_row(i->symbol);
    terminal_lines_id(id, i->symbol, i->segment);
    const struct terminal_line_parts line = {.id = id,
                                             .quote = quote,
                                             .seq = 7,
                                             .now_ns = NOON_NS,
                                             .multiplier = i->multiplier,
                                             .tick = i->price_tick,
                                             .money = sim_market_money(market, at),
                                             .closed = sim_market_closed(market),
                                             .brief = brief};
    buf_init(&text, 4096);
    terminal_lines_put_quote(&text, &line);
    struct quote_update update = decoded(&text, today, &result);
    t_int(result, brief ? 15 : MATRIZ_FIELDS);
    struct quote expected = shown(quote, 1);
    t_int(update.entries & BOOK, BOOK);
    check_equal(&update.quote, &expected, update.entries);
    uint32_t hidden = BIT(IV) | (brief ? BIT(CL) | BIT(SE) : 0);
    if (line.closed)
        hidden |= BIT(LA) | BIT(OP) | BIT(HI) | BIT(LO) | BIT(TV);
    t_int(valued(&expected) & ~(update.entries | hidden), 0); /* all others are in the line */

    buf_clear(&text);
    terminal_lines_put_book(&text, &line);
    update = decoded(&text, today, &result);
    expected = shown(quote, QUOTE_DEPTH_MAX);
    t_int(update.entries, BOOK);
    check_equal(&update.quote, &expected, BOOK);
    buf_finish(&text);
}

static void every_instrument_open_and_closed(void **state)
{
    const struct sim_market_config config = {400, 2000, 3};
    struct sim_market *market;
    struct err err;
    (void)state;
    t_int(sim_market_create(&market, &config, NOON_NS - 4 * NS_PER_S, &err), 0);
    sim_market_advance(market, NOON_NS);
    t_true(sim_market_changes(market) > 7000);
    for (int closed = 0; closed < 2; closed++) {
        sim_market_set_closed(market, closed);
        for (int32_t at = 0; at < 400; at++) {
            check_instrument(market, at, false);
            check_instrument(market, at, true);
        }
    }
    sim_market_destroy(market);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_instrument_open_and_closed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
