#include "store/read/reader.h"

#include "base/rng.h"
#include "support/store_fixture.h"

#include <errno.h>

#define ROUNDS 200

static struct store *open_store(const struct fixture *f)
{
    struct store_config config = {f->path, false, 60000, 10000, 0, 0, false};
    struct store *store;
    struct err err;
    if (store_create(&store, &config, NULL, NULL, &err))
        fail_msg("%s", err.text);
    return store;
}

static struct reader *open_reader(const struct fixture *f)
{
    struct reader *reader;
    struct err err;
    if (reader_open(&reader, f->path, &err))
        fail_msg("%s", err.text);
    return reader;
}

/* --- quotes ----------------------------------------------------------------------------------- */

static double some_number(struct rng *rng)
{
    static const double odd[] = {
        0, 0.1, 1e-7, 1601.5, 9007199254740993.0, 1.7976931348623157e308, 5e-324, -3.5};
    switch (rng_below(rng, 3)) {
    case 0:
        return NAN;
    case 1:
        return odd[rng_below(rng, T_COUNT(odd))];
    default:
        return rng_unit(rng) * 1e6;
    }
}

static struct side some_side(struct rng *rng)
{
    struct side side = {.count = (int)rng_below(rng, QUOTE_DEPTH_MAX + 1)};
    for (int i = 0; i < side.count; i++)
        side.level[i] = (struct level){rng_unit(rng) * 1e5, some_number(rng)};
    return side;
}

static struct quote some_quote(struct rng *rng)
{
    struct quote q = quote_none();
    q.bids = some_side(rng);
    q.offers = some_side(rng);
    double *const numbers[] = {&q.last_price,       &q.last_size,        &q.open_price,
                               &q.high_price,       &q.low_price,        &q.close_price,
                               &q.settlement_price, &q.open_interest,    &q.trade_volume,
                               &q.nominal_volume,   &q.effective_volume, &q.index_value,
                               &q.auction_price};
    for (size_t i = 0; i < T_COUNT(numbers); i++)
        *numbers[i] = some_number(rng);
    q.ts_last = rng_below(rng, 2) ? T0 + 123456789 : 0;
    q.ts_event = rng_below(rng, 2) ? T0 + 1 : 0;
    q.close_day = rng_below(rng, 2) ? 20000 : DAY_NONE;
    q.settlement_day = rng_below(rng, 2) ? 20001 : DAY_NONE;
    return q;
}

struct expected {
    struct quote quote[ROUNDS];
    int seen;
};

static void check_row(void *arg, const struct reader_quote *row)
{
    struct expected *expected = arg;
    const struct store_snapshot *state = &row->known.state;
    const struct quote *q = &expected->quote[state->seq - 1];
    char name[32];
    snprintf(name, sizeof(name), "S%d", (int)state->seq);
    t_row(name);
    t_str(row->symbol, name);
    t_str(row->market_id, "ROFX");
    t_int(state->source, SOURCE_REST);
    t_int(state->ts_recv, T0 + state->seq);
    t_int(row->known.ts_seen, T0 + state->seq);
    t_int(quote_diff(&state->quote, q, ENTRY_ALL), 0);
    t_int(state->quote.ts_event, q->ts_event);
    expected->seen++;
}

static void quotes_are_read_as_written(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f);
    struct rng rng = {42};
    static struct expected expected;
    struct err err;
    for (int32_t i = 0; i < ROUNDS; i++) {
        char name[32];
        struct store_snapshot row = snapshot(i, i + 1, 1);
        snprintf(name, sizeof(name), "S%d", i + 1);
        store_instrument(store, i, "ROFX", name);
        row.quote = expected.quote[i] = some_quote(&rng);
        put_row(store, &row);
    }
    t_int(store_close(store, 30000, &err), 0);

    struct reader *reader = open_reader(&f);
    int64_t seq = 0;
    t_int(reader_quotes(reader, check_row, &expected, &err), 0);
    t_int(expected.seen, ROUNDS);
    t_int(reader_last_seq(reader, &seq, &err), 0);
    t_int(seq, ROUNDS);
    reader_close(reader);
    fixture_remove(&f);
}

/* --- any statement ---------------------------------------------------------------------------- */

struct cells {
    int rows, stop_after;
    char text[256];
};

static int take_cells(void *arg, int columns, const struct reader_value *values)
{
    static const char types[] = {[READER_NULL] = '-', [READER_NUMBER] = '#', [READER_TEXT] = '$'};
    struct cells *cells = arg;
    for (int i = 0; i < columns; i++) {
        size_t used = strlen(cells->text);
        snprintf(cells->text + used, sizeof(cells->text) - used, "%s=%c%s ", values[i].column,
                 types[values[i].type], values[i].text);
    }
    return ++cells->rows == cells->stop_after;
}

static void values_have_names_types_and_exact_text(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct err err;
    t_int(store_close(open_store(&f), 30000, &err), 0);
    struct reader *reader = open_reader(&f);
    struct cells cells = {0};
    t_int(reader_select(
              reader,
              &(const struct reader_query){"select 0.1 + 0.2 a, 7 b, null c, ? d, 1601.5 e, x'' f",
                                           (const char *const[]){"it's"}, 1},
              take_cells, &cells, &err),
          0);
    t_str(cells.text, "a=#0.30000000000000004 b=#7 c=- d=$it's e=#1601.5 f=$ ");
    cells = (struct cells){.stop_after = 2};
    t_int(reader_select(reader, READER_QUERY("select 1 x union all select 2 union all select 3"),
                        take_cells, &cells, &err),
          0);
    t_int(cells.rows, 2);
    t_int(reader_select(reader, READER_QUERY("select * from nowhere"), take_cells, &cells, &err),
          -EIO);
    t_contains(err.text, "nowhere");
    t_int(reader_select(reader, READER_QUERY("delete from quote"), take_cells, &cells, &err), -EIO);
    t_contains(err.text, "readonly");
    reader_close(reader);
    fixture_remove(&f);
}

static void what_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct reader *reader;
    struct err err;
    t_int(reader_open(&reader, f.path, &err), -ENOENT);
    t_contains(err.text, f.path);
    FILE *empty = fopen(f.path, "w");
    fclose(empty);
    t_int(reader_open(&reader, f.path, &err), -ENOENT);
    t_contains(err.text, "nothing was ever recorded");
    reader_close(NULL);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_are_read_as_written),
        cmocka_unit_test(values_have_names_types_and_exact_text),
        cmocka_unit_test(what_cannot_be_read_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
