#include "market/market.h"

#include "support/t.h"

static struct quote_update update_of(uint32_t entries)
{
    return (struct quote_update){.entries = entries, .quote = quote_none()};
}

/* Received at ts, requested just before. */
static uint32_t apply(struct market *m, int32_t i, const struct quote_update *u, enum source source,
                      int64_t ts)
{
    const struct market_stamp stamp = {source, ts, 1000 + ts, 999 + ts};
    return market_apply(m, i, u, &stamp).changed;
}

static void test_finds_what_was_added(void **state)
{
    (void)state;
    struct market *m = market_create(0);
    char symbol[32];
    t_int(market_find(m, "ROFX", "S0"), -1);
    for (int i = 0; i < 5000; i++) {
        snprintf(symbol, sizeof(symbol), "S%d", i);
        t_int(market_add(m, "ROFX", symbol), i);
    }
    for (int i = 0; i < 5000; i++) {
        snprintf(symbol, sizeof(symbol), "S%d", i);
        t_int(market_add(m, "ROFX", symbol), i);
        t_str(market_symbol(m, i), symbol);
    }
    t_int(market_find(m, "MERV", "S1"), -1);
    t_int(market_find_text(m, (struct text){"ROFXROFX", 4}, (struct text){"S12", 2}),
          market_find(m, "ROFX", "S1"));
    t_int(market_find_text(m, text_of("ROFX"), (struct text){"S1", 1}), -1);
    t_int(market_count(m), 5000);
    market_destroy(m);
}

static void test_the_first_message_is_a_change_even_if_empty(void **state)
{
    (void)state;
    struct market *m = market_create(41);
    int32_t i = market_add(m, "ROFX", "DLR/DIC26");
    uint32_t asked = ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_LA);
    struct quote_update u = update_of(asked);
    t_int(market_quote(m, i)->seq, 0);
    t_int(apply(m, i, &u, SOURCE_REST, 100), asked);
    t_int(market_quote(m, i)->seq, 42);
    t_int(apply(m, i, &u, SOURCE_REST, 200), 0);
    t_int(market_quote(m, i)->seq, 42);
    t_int(market_quote(m, i)->ts_recv, 100);
    t_int(market_quote(m, i)->ts_seen, 200);
    market_destroy(m);
}

static void test_clears_only_the_entries_of_the_message(void **state)
{
    (void)state;
    struct market *m = market_create(0);
    int32_t i = market_add(m, "ROFX", "DLR/DIC26");
    struct quote_update u = update_of(ENTRY_ALL);
    u.quote.bids.count = 1;
    u.quote.bids.level[0] = (struct level){1601.5, 12};
    u.quote.open_interest = 0; /* a real zero */
    u.quote.last_price = 1602;
    apply(m, i, &u, SOURCE_REST, 1);

    struct quote_update cleared = update_of(ENTRY_BIT(ENTRY_BI));
    t_int(apply(m, i, &cleared, SOURCE_STREAM, 2), ENTRY_BIT(ENTRY_BI));
    const struct market_quote *q = market_quote(m, i);
    t_int(q->quote.bids.count, 0);
    t_double(q->quote.last_price, 1602);
    t_double(q->quote.open_interest, 0);
    t_int(q->source, SOURCE_STREAM);
    t_int(q->ts_recv, 2);
    market_destroy(m);
}

static void test_one_seq_for_all_instruments_and_after_restore(void **state)
{
    (void)state;
    struct market *m = market_create(10);
    int32_t a = market_add(m, "ROFX", "A"), b = market_add(m, "ROFX", "B");
    struct market_quote old = {
        .quote = quote_none(), .seq = 99, .ts_recv = 5, .source = SOURCE_REST};
    struct quote_update u = update_of(ENTRY_ALL);
    old.quote.last_price = 7;
    market_restore(m, a, &old);
    u.quote.last_price = 7;
    t_int(apply(m, a, &u, SOURCE_REST, 6), 0); /* unchanged since it was recorded: no change */
    apply(m, b, &u, SOURCE_REST, 7);
    t_int(market_quote(m, b)->seq, 100);
    u.quote.last_price = 8;
    t_int(apply(m, a, &u, SOURCE_REST, 8), ENTRY_BIT(ENTRY_LA));
    t_int(market_quote(m, a)->seq, 101);
    market_destroy(m);
}

/* A stream message arrives between the request and its answer: the answer is outdated. */
static void test_answers_older_than_the_stream_are_dropped(void **state)
{
    (void)state;
    struct market *m = market_create(0);
    int32_t i = market_add(m, "ROFX", "DLR/DIC26");
    struct quote_update rest = update_of(ENTRY_BIT(ENTRY_LA)), stream = rest;
    rest.quote.last_price = 1;
    stream.quote.last_price = 2;
    const struct market_stamp pushed = {.source = SOURCE_STREAM, .ts_recv = 20, .recv_ms = 500};
    struct market_stamp answered = {SOURCE_REST, 30, 600, 400};
    t_int(market_apply(m, i, &stream, &pushed).changed, ENTRY_BIT(ENTRY_LA));
    t_true(market_apply(m, i, &rest, &answered).outdated);
    t_double(market_quote(m, i)->quote.last_price, 2);
    t_int(market_quote(m, i)->seq, 1);
    t_int(market_quote(m, i)->ts_seen, 20);
    answered.asked_ms = 500; /* not known which was first */
    t_true(market_apply(m, i, &rest, &answered).outdated);
    answered.asked_ms = 501;
    struct market_result result = market_apply(m, i, &rest, &answered);
    t_true(!result.outdated);
    t_int(result.changed, ENTRY_BIT(ENTRY_LA));
    t_int(market_apply(m, i, &rest, &pushed).changed, 0); /* the same value again is not a change */
    t_int(market_quote(m, i)->seq, 2);
    market_destroy(m);
}

static void test_a_partial_update_is_completed(void **state)
{
    (void)state;
    struct market *m = market_create(0);
    int32_t i = market_add(m, "ROFX", "DLR/DIC26");
    struct quote_update all = update_of(ENTRY_ALL), part = update_of(ENTRY_BIT(ENTRY_BI));
    all.quote.bids = (struct side){2, {{10, 1}, {9, 2}}};
    all.quote.close_price = 8;
    apply(m, i, &all, SOURCE_REST, 1);
    part.entries |= ENTRY_BIT(ENTRY_CL);
    part.best_only = ENTRY_BIT(ENTRY_BI);
    part.fallback = ENTRY_BIT(ENTRY_CL);
    part.quote.close_price = 7;
    part.quote.bids = (struct side){1, {{10, 1}}};
    t_int(apply(m, i, &part, SOURCE_MATRIZ, 2), 0);
    part.quote.bids = (struct side){1, {{11, 1}}};
    t_int(apply(m, i, &part, SOURCE_MATRIZ, 3), ENTRY_BIT(ENTRY_BI));
    t_int(market_quote(m, i)->quote.bids.count, 3);
    t_double(market_quote(m, i)->quote.close_price, 8);
    market_destroy(m);
}

/* Numbers and times are those of another market. */
static void test_a_given_change_is_the_present_state_unless_it_is_late(void **state)
{
    (void)state;
    struct market *m = market_create(0);
    int32_t a = market_add(m, "ROFX", "A"), b = market_add(m, "ROFX", "B");
    struct market_quote quote = {
        .quote = quote_none(), .seq = 100, .ts_recv = 7, .source = SOURCE_MATRIZ};
    t_int(market_give(m, a, &quote), MARKET_PRESENT);
    t_int(market_give(m, a, &quote), MARKET_REPEATED);
    quote.seq = 90;
    quote.ts_recv = 6;
    t_int(market_give(m, a, &quote), MARKET_PAST);
    t_int(market_quote(m, a)->seq, 100);
    t_int(market_give(m, b, &quote), MARKET_PRESENT); /* late, but the latest of its instrument */
    quote.seq = 100;
    t_int(market_give(m, a, &quote), MARKET_PAST); /* another change with that number */
    quote.seq = 105;
    t_int(market_give(m, a, &quote), MARKET_PRESENT);
    t_int(market_quote(m, a)->ts_recv, 6);
    t_int(market_quote(m, a)->source, SOURCE_MATRIZ);
    market_destroy(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_what_was_added),
        cmocka_unit_test(test_the_first_message_is_a_change_even_if_empty),
        cmocka_unit_test(test_clears_only_the_entries_of_the_message),
        cmocka_unit_test(test_one_seq_for_all_instruments_and_after_restore),
        cmocka_unit_test(test_answers_older_than_the_stream_are_dropped),
        cmocka_unit_test(test_a_partial_update_is_completed),
        cmocka_unit_test(test_a_given_change_is_the_present_state_unless_it_is_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
