#include "store/read/instrument_rows.h"

#include "base/json.h"
#include "base/num.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the last list ---------------------------------------------------------------------------- */

struct last {
    int64_t *ts_read;
    struct buf *broker;
};

static int on_last(void *arg, int columns, const struct reader_value *values)
{
    const struct last *last = arg;
    (void)columns;
    *last->ts_read = strtoll(values[0].text, NULL, 10);
    buf_puts(last->broker, values[1].text);
    return 0;
}

int instrument_rows_last(struct reader *reader, int64_t *ts_read, struct buf *broker,
                         struct err *err)
{
    struct last last = {ts_read, broker};
    *ts_read = 0;
    return reader_select(reader, READER_QUERY("SELECT ts_read, broker FROM instrument_list"),
                         on_last, &last, err);
}

/* --- rows ------------------------------------------------------------------------------------- */

enum column {
    MARKET,
    SYMBOL,
    LISTED,
    TS_LISTED,
    SEGMENT,
    CFI_CODE,
    CURRENCY,
    MATURITY,
    STRIKE,
    UNDERLYING,
    PRICE_TICK,
    TICK_RANGES,
    SIZE_STEP,
    ROUND_LOT,
    MULTIPLIER,
    PRICE_FACTOR,
    LOW_LIMIT,
    HIGH_LIMIT,
    MIN_SIZE,
    MAX_SIZE,
    PRICE_DECIMALS,
    SIZE_DECIMALS,
    DESCRIPTION,
    SETTL_TYPE,
    ORDER_TYPES,
    TIMES_IN_FORCE,
    REVISION, /* where it is asked for */
};

/* In the order of enum column. */
#define COLUMNS                                                                                    \
    "market_id, symbol, listed, ts_listed, segment, cfi_code, currency,"                           \
    " replace(maturity_date, '-', ''), strike, underlying, price_tick, tick_ranges, size_step,"    \
    " round_lot, contract_multiplier, price_factor, low_limit_price, high_limit_price,"            \
    " min_trade_volume, max_trade_volume, price_decimals, size_decimals, description,"             \
    " settlement_type, order_types, times_in_force"

static const char sql[] = "SELECT " COLUMNS " FROM instrument"
                          " WHERE listed = 1 OR ts_listed >= CAST(?1 AS INTEGER) ORDER BY id";
static const char sql_since[] =
    "SELECT " COLUMNS ", revision FROM instrument WHERE revision > CAST(?1 AS INTEGER)"
    " ORDER BY revision LIMIT CAST(?2 AS INTEGER)";

struct reading {
    struct instrument_list *out;
    struct json_parser *parser;
    int rc;
};

static const char *text_of(const struct reader_value *value)
{
    return value->type == READER_NULL ? NULL : value->text;
}

static double number_of(const struct reader_value *value)
{
    double number;
    bool any = value->type == READER_NUMBER && num_parse(value->text, strlen(value->text), &number);
    return any ? number : (double)NAN;
}

static int digits_of(const struct reader_value *value)
{
    return value->type == READER_NUMBER ? atoi(value->text) : -1;
}

static double part_of(const struct json *part)
{
    double number;
    return json_number(part, &number) ? number : (double)NAN;
}

/* [[from, to, tick], ...] */
static int ranges_of(struct json_parser *parser, const struct reader_value *value,
                     struct tick_range out[INSTRUMENT_RANGES_MAX])
{
    const struct json *list = value->type == READER_TEXT
                                  ? json_parse(parser, value->text, strlen(value->text), NULL)
                                  : NULL;
    int count = 0;
    for (const struct json *r = json_first(list); r && count < INSTRUMENT_RANGES_MAX;
         r = json_next(r)) {
        const struct json *from = json_first(r), *to = json_next(from), *tick = json_next(to);
        out[count] = (struct tick_range){part_of(from), part_of(to), part_of(tick)};
        count += !isnan(out[count].from) && !isnan(out[count].tick);
    }
    return count;
}

/* Borrows from `values` and `ranges`. */
static struct instrument instrument_of(struct json_parser *parser,
                                       const struct reader_value *values,
                                       struct tick_range ranges[INSTRUMENT_RANGES_MAX])
{
    return (struct instrument){
        .market_id = values[MARKET].text,
        .symbol = values[SYMBOL].text,
        .listed = strcmp(values[LISTED].text, "1") == 0,
        .ts_listed = strtoll(values[TS_LISTED].text, NULL, 10),
        .segment = text_of(&values[SEGMENT]),
        .cfi_code = text_of(&values[CFI_CODE]),
        .currency = text_of(&values[CURRENCY]),
        .maturity = text_of(&values[MATURITY]),
        .strike = number_of(&values[STRIKE]),
        .underlying = text_of(&values[UNDERLYING]),
        .price_tick = number_of(&values[PRICE_TICK]),
        .size_step = number_of(&values[SIZE_STEP]),
        .round_lot = number_of(&values[ROUND_LOT]),
        .multiplier = number_of(&values[MULTIPLIER]),
        .price_factor = number_of(&values[PRICE_FACTOR]),
        .low_limit = number_of(&values[LOW_LIMIT]),
        .high_limit = number_of(&values[HIGH_LIMIT]),
        .min_size = number_of(&values[MIN_SIZE]),
        .max_size = number_of(&values[MAX_SIZE]),
        .price_digits = digits_of(&values[PRICE_DECIMALS]),
        .size_digits = digits_of(&values[SIZE_DECIMALS]),
        .description = text_of(&values[DESCRIPTION]),
        .settl_type = text_of(&values[SETTL_TYPE]),
        .order_types = text_of(&values[ORDER_TYPES]),
        .times_in_force = text_of(&values[TIMES_IN_FORCE]),
        .ranges = ranges,
        .ranges_count = ranges_of(parser, &values[TICK_RANGES], ranges),
    };
}

static int on_row(void *arg, int columns, const struct reader_value *values)
{
    struct reading *reading = arg;
    struct tick_range ranges[INSTRUMENT_RANGES_MAX];
    (void)columns;
    const struct instrument i = instrument_of(reading->parser, values, ranges);
    reading->rc = instrument_list_put(reading->out, &i);
    return reading->rc;
}

static int on_segment(void *arg, int columns, const struct reader_value *values)
{
    struct reading *reading = arg;
    (void)columns;
    const struct market_segment segment = {
        .market_id = values[0].text,
        .id = values[1].text,
        .ts_listed = strtoll(values[2].text, NULL, 10),
        .listed = strcmp(values[3].text, "1") == 0,
    };
    reading->rc = instrument_list_put_segment(reading->out, &segment);
    return reading->rc;
}

static int read_segments(struct reader *reader, const char *const params[], struct reading *reading,
                         struct err *err)
{
    static const char query[] = "SELECT market_id, segment, ts_listed, listed FROM segment"
                                " WHERE listed = 1 OR ts_listed >= CAST(?1 AS INTEGER)"
                                " ORDER BY market_id, segment";
    return reader_select(reader, &(struct reader_query){query, params, 1}, on_segment, reading,
                         err);
}

int instrument_rows_read(struct reader *reader, int64_t from_ns, struct instrument_list *out,
                         struct err *err)
{
    char from[NUM_TEXT];
    const char *const params[] = {num_whole_text(from, from_ns)};
    struct reading reading = {out, json_parser_create(), 0};
    if (!reading.parser)
        return err_set(err, -ENOMEM, "out of memory");
    int rc = reader_select(reader, &(struct reader_query){sql, params, 1}, on_row, &reading, err);
    json_parser_destroy(reading.parser);
    if (rc == 0 && reading.rc == 0)
        rc = read_segments(reader, params, &reading, err);
    if (rc == 0 && reading.rc)
        rc = err_set(err, reading.rc, "cannot keep all instruments in memory");
    return rc;
}

/* --- what has changed ------------------------------------------------------------------------- */

struct changes {
    struct json_parser *parser;
    instrument_row_fn *fn;
    void *arg;
    int count;
};

static int on_change(void *arg, int columns, const struct reader_value *values)
{
    struct changes *changes = arg;
    struct tick_range ranges[INSTRUMENT_RANGES_MAX];
    (void)columns;
    const struct instrument i = instrument_of(changes->parser, values, ranges);
    changes->fn(changes->arg, strtoll(values[REVISION].text, NULL, 10), &i);
    changes->count++;
    return 0;
}

int instrument_rows_since(struct reader *reader, const struct instrument_since *since,
                          instrument_row_fn *fn, void *arg, struct err *err)
{
    char after[NUM_TEXT], limit[NUM_TEXT];
    const char *const params[] = {num_whole_text(after, since->revision),
                                  num_whole_text(limit, since->limit)};
    struct changes changes = {json_parser_create(), fn, arg, 0};
    if (!changes.parser)
        return err_set(err, -ENOMEM, "out of memory");
    int rc = reader_select(reader, &(struct reader_query){sql_since, params, 2}, on_change,
                           &changes, err);
    json_parser_destroy(changes.parser);
    return rc ? rc : changes.count;
}
