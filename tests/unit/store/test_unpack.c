#include "store/unpack.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "store/packed.h"
#include "support/t.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* --- sides ------------------------------------------------------------------------------------ */

/* "price/size price/size", to compare. */
static void side_text(char *out, size_t size, const struct side *side)
{
    *out = '\0';
    for (int i = 0; i < side->count; i++) {
        size_t used = strlen(out);
        snprintf(out + used, size - used, "%s%.10g/%.20g", i ? " " : "", side->level[i].price,
                 side->level[i].size);
    }
}

/* The side and the text are allocated with their exact sizes, so that ASan finds what is read or
 * written outside of them. */
static void check_side(const char *rest, bool is_bid, const char *expected)
{
    char text[512];
    struct side *side = malloc(sizeof(*side));
    char *copy = strdup(rest);
    assert_true(side && copy);
    unpack_side(side, (struct level){10, 5}, copy, is_bid, 100);
    side_text(text, sizeof(text), side);
    t_str(text, expected);
    t_true(side->count >= 1 && side->count <= QUOTE_DEPTH_MAX);
    free(copy);
    free(side);
}

static void a_side_is_read_as_far_as_it_is_valid(void **state)
{
    (void)state;
    static const struct {
        const char *name, *rest, *expected;
    } rows[] = {
        {"one level", "", "10/5"},
        {"three levels", "5,31,10,4", "10/5 10.05/31 10.1/4"},
        {"no distance: the same price again", "0,7", "10/5 10/7"},
        {"a level that is better than the best", "-5,31", "10/5 9.95/31"},
        {"an unknown size", "5,null,10,4", "10/5 10.05/nan 10.1/4"},
        {"a size with decimals", "5,\"2.5\",10,4", "10/5 10.05/2.5 10.1/4"},
        {"the last size with decimals", "5,\"2.5\"", "10/5 10.05/2.5"},
        {"the best level's size with decimals", "\"0.1\"", "10/0.10000000000000000555"},
        {"and a second level", "\"0.25\",5,31", "10/0.25 10.05/31"},
        {"15 digits", "5,999999999999999", "10/5 10.05/999999999999999"},
        {"16 digits", "5,1234567890123456", "10/5 10.05/1234567890123456"},
        {"more digits than an integer has", "5,99999999999999999999", "10/5 10.05/1e+20"},
        {"exactly the maximum", "1,1,2,2,3,3,4,4,5,5,6,6,7,7,8,8,9,9",
         "10/5 10.01/1 10.02/2 10.03/3 10.04/4 10.05/5 10.06/6 10.07/7 10.08/8 10.09/9"},
        {"more than the maximum", "1,1,2,2,3,3,4,4,5,5,6,6,7,7,8,8,9,9,10,10,11,11",
         "10/5 10.01/1 10.02/2 10.03/3 10.04/4 10.05/5 10.06/6 10.07/7 10.08/8 10.09/9"},
        {"a distance without a size", "5,31,10", "10/5 10.05/31"},
        {"the same with a comma", "5,31,10,", "10/5 10.05/31"},
        {"an empty size", "5,,10,4", "10/5"},
        {"a text", "x", "10/5"},
        {"a text as the second size", "5,31,10,x", "10/5 10.05/31"},
        {"an unknown distance", "null,31", "10/5"},
        {"almost null", "5,nul", "10/5"},
        {"more than null", "5,nulls", "10/5"},
        {"a quote that is not closed", "5,\"2.5", "10/5"},
        {"the first one not closed", "\"2.5", "10/5"},
        {"quotes with nothing inside", "\"\",5,31", "10/5"},
        {"JSON", "[[1,2]]", "10/5"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        check_side(rows[i].rest, false, rows[i].expected);
    }
    t_row("of bids, the distance goes down");
    check_side("5,31,10,4", true, "10/5 9.95/31 9.9/4");
    t_row("");
}

static void sides_come_back_as_they_were_packed(void **state)
{
    (void)state;
    struct rng rng = {.state = 3};
    struct buf text;
    buf_init(&text, 4096);
    for (int n = 0; n < 20000; n++) {
        char row[32];
        bool is_bid = n % 2;
        struct side side = {.count = 1 + (int)rng_below(&rng, QUOTE_DEPTH_MAX)}, back;
        double best = (double)rng_below(&rng, 100000);
        for (int i = 0; i < side.count; i++)
            side.level[i] =
                (struct level){(best + (is_bid ? -25 * i : 25 * i)) / 100,
                               rng_below(&rng, 9) ? (double)rng_below(&rng, 1000) / 4 : NAN};
        packed_levels(&text, &side, is_bid, 100);
        struct level first = side.level[0];
        if (first.size != nearbyint(first.size))
            first.size = isnan(first.size) ? NAN : -1; /* the text has it */
        snprintf(row, sizeof(row), "side %d", n);
        t_row(row);
        unpack_side(&back, first, buf_text(&text), is_bid, 100);
        t_int(back.count, side.count);
        for (int i = 0; i < side.count; i++) {
            t_double(back.level[i].price, side.level[i].price);
            t_double(back.level[i].size, side.level[i].size);
        }
    }
    t_row("");
    buf_finish(&text);
}

/* --- columns ---------------------------------------------------------------------------------- */

static void a_price_is_of_its_unit(void **state)
{
    (void)state;
    sqlite3 *db;
    sqlite3_stmt *stmt;
    t_int(sqlite3_open(":memory:", &db), SQLITE_OK);
    t_int(sqlite3_prepare_v2(db, "SELECT 160150, 0.1, NULL, -25, 'x'", -1, &stmt, NULL), SQLITE_OK);
    t_int(sqlite3_step(stmt), SQLITE_ROW);
    t_double(unpack_price(stmt, 0, 100), 1601.5);
    t_double(unpack_price(stmt, 1, 100), 0.1); /* REAL is not in the unit */
    t_double(unpack_price(stmt, 2, 100), NAN);
    t_double(unpack_price(stmt, 3, 10), -2.5);
    t_double(unpack_price(stmt, 4, 10), NAN);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

static void a_time_is_in_whole_milliseconds(void **state)
{
    (void)state;
    const int64_t t0 = INT64_C(1795446000000000000);
    t_int(unpack_ts(t0 + 999999, 0), t0);
    t_int(unpack_ts(t0 + 999999, 3), t0 - 3 * NS_PER_MS);
    t_int(unpack_ts(t0, -3), t0 + 3 * NS_PER_MS); /* the broker's clock is ahead */
}

/* --- rows --------------------------------------------------------------------------------------
 */

static double any_number(struct rng *rng, bool fraction)
{
    if (rng_below(rng, 6) == 0)
        return NAN;
    return (double)rng_below(rng, 100000) / (fraction && rng_below(rng, 8) == 0 ? 3 : 100);
}

static struct side any_side(struct rng *rng, bool is_bid)
{
    struct side side = {.count = (int)rng_below(rng, QUOTE_DEPTH_MAX + 1)};
    double best = (double)rng_below(rng, 100000) / (rng_below(rng, 8) ? 100 : 3);
    for (int i = 0; i < side.count; i++)
        side.level[i] = (struct level){is_bid ? best - i : best + i, any_number(rng, true)};
    return side;
}

static struct store_snapshot any_row(struct rng *rng, int64_t seq)
{
    struct store_snapshot row = {.source = (enum source)(1 + rng_below(rng, 3)),
                                 .seq = seq,
                                 .ts_recv = INT64_C(1795446000123456789) + seq,
                                 .changed = (uint32_t)(1 + rng_below(rng, ENTRY_ALL)),
                                 .quote = quote_none()};
    struct quote *q = &row.quote;
    double *const numbers[] = {&q->last_price,       &q->last_size,    &q->open_price,
                               &q->high_price,       &q->low_price,    &q->close_price,
                               &q->settlement_price, &q->index_value,  &q->auction_price,
                               &q->open_interest,    &q->trade_volume, &q->nominal_volume,
                               &q->effective_volume};
    for (size_t i = 0; i < T_COUNT(numbers); i++)
        *numbers[i] = any_number(rng, true);
    q->bids = any_side(rng, true);
    q->offers = any_side(rng, false);
    q->ts_last =
        rng_below(rng, 3) ? (row.ts_recv / NS_PER_MS - rng_below(rng, 9999)) * NS_PER_MS : 0;
    q->ts_event = rng_below(rng, 3) ? (row.ts_recv / NS_PER_MS - 5) * NS_PER_MS : 0;
    q->close_day = rng_below(rng, 3) ? 20700 : DAY_NONE;
    q->settlement_day = rng_below(rng, 3) ? 20701 : DAY_NONE;
    return row;
}

static sqlite3_stmt *select_parameters(sqlite3 *db)
{
    char sql[512] = "SELECT ?1";
    sqlite3_stmt *stmt;
    for (int i = 2; i <= PACKED_COLUMNS_COUNT; i++)
        snprintf(sql + strlen(sql), sizeof(sql) - strlen(sql), ", ?%d", i);
    t_int(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    return stmt;
}

static void rows_come_back_as_they_were_packed(void **state)
{
    (void)state;
    sqlite3 *db;
    struct rng rng = {.state = 5};
    struct row_text text;
    struct json_parser *parser = json_parser_create();
    t_int(sqlite3_open(":memory:", &db), SQLITE_OK);
    sqlite3_stmt *stmt = select_parameters(db);
    row_text_init(&text);
    for (int n = 1; n <= 20000; n++) {
        char name[32];
        struct store_snapshot row = any_row(&rng, n), back = {.instrument = 0};
        snprintf(name, sizeof(name), "row %d", n);
        t_row(name);
        packed_bind(stmt, &row, 7, &text);
        t_int(sqlite3_step(stmt), SQLITE_ROW);
        unpack_row(stmt, parser, &back);
        t_int(back.seq, row.seq);
        t_int(back.ts_recv, row.ts_recv);
        t_int(back.source, row.source);
        t_int(back.changed, row.changed);
        t_int(quote_diff(&row.quote, &back.quote, ENTRY_ALL), 0);
        t_double(back.quote.last_size, row.quote.last_size);
        t_int(back.quote.ts_last, row.quote.ts_last);
        t_int(back.quote.ts_event, row.quote.ts_event);
        sqlite3_reset(stmt);
    }
    t_row("");
    row_text_finish(&text);
    json_parser_destroy(parser);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_side_is_read_as_far_as_it_is_valid),
        cmocka_unit_test(sides_come_back_as_they_were_packed),
        cmocka_unit_test(a_price_is_of_its_unit),
        cmocka_unit_test(a_time_is_in_whole_milliseconds),
        cmocka_unit_test(rows_come_back_as_they_were_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
