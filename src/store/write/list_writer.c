#include "store/write/list_writer.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "market/symbol_order.h"
#include "store/sql.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_ROWS    32 /* rows between two looks at the clock */
#define RANGES_BYTES 4096
#define DATE_BYTES   11

#define MEMBER(name) offsetof(struct list_writer, name)
#define KEEP(column) column " = coalesce(excluded." column ", " column ")"
#define SAME(column) " AND (excluded." column " IS NULL OR " column " = excluded." column ")"
#define NEXT_REVISION                                                                              \
    "(SELECT coalesce(max(revision), 0) + 1 FROM instrument WHERE revision IS NOT NULL)"

/* clang-format off */
static const struct sql_statement statements[] = {
    {MEMBER(put),
     "INSERT INTO instrument (market_id, symbol, ts_created, listed, ts_listed, product, segment,"
     " cfi_code, currency, maturity_date, strike, underlying, price_tick, tick_ranges, size_step,"
     " round_lot, contract_multiplier, price_factor, low_limit_price, high_limit_price,"
     " min_trade_volume, max_trade_volume, price_decimals, size_decimals, description,"
     " settlement_type, order_types, times_in_force, revision)"
     " VALUES (?1, ?2, ?3, ?4, nullif(?5, 0), ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
     " ?17, ?18, ?19, ?20, ?21, ?22, nullif(?23, -1), nullif(?24, -1), ?25, ?26, ?27, ?28,"
     " " NEXT_REVISION ")"
     " ON CONFLICT (symbol, market_id) DO UPDATE SET listed = excluded.listed, "
     KEEP("ts_listed") ", " KEEP("product") ", " KEEP("segment") ", " KEEP("cfi_code") ", "
     KEEP("currency") ", " KEEP("maturity_date") ", " KEEP("strike") ", " KEEP("underlying") ", "
     KEEP("price_tick") ", " KEEP("tick_ranges") ", " KEEP("size_step") ", " KEEP("round_lot") ", "
     KEEP("contract_multiplier") ", " KEEP("price_factor") ", " KEEP("low_limit_price") ", "
     KEEP("high_limit_price") ", " KEEP("min_trade_volume") ", " KEEP("max_trade_volume") ", "
     KEEP("price_decimals") ", " KEEP("size_decimals") ", " KEEP("description") ", "
     KEEP("settlement_type") ", " KEEP("order_types") ", " KEEP("times_in_force") ","
     " revision = iif(revision IS NOT NULL AND listed = excluded.listed" SAME("product")
     SAME("segment") SAME("cfi_code") SAME("currency") SAME("maturity_date") SAME("strike")
     SAME("underlying") SAME("price_tick") SAME("tick_ranges") SAME("size_step") SAME("round_lot")
     SAME("contract_multiplier") SAME("price_factor") SAME("low_limit_price")
     SAME("high_limit_price") SAME("min_trade_volume") SAME("max_trade_volume")
     SAME("price_decimals") SAME("size_decimals") SAME("description") SAME("settlement_type")
     SAME("order_types") SAME("times_in_force") ", revision, " NEXT_REVISION ")"},
    {MEMBER(put_segment),
     "INSERT INTO segment (market_id, segment, ts_created, ts_listed, listed)"
     " VALUES (?1, ?2, ?3, ?3, ?4)"
     " ON CONFLICT (market_id, segment) DO UPDATE SET ts_listed = ?3, listed = ?4"},
    {MEMBER(mark),
     "INSERT INTO instrument_list (id, ts_read, broker) VALUES (1, ?1, ?2)"
     " ON CONFLICT (id) DO UPDATE SET ts_read = ?1, broker = ?2"},
};
/* clang-format on */
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

int list_writer_open(struct list_writer *writer, sqlite3 *db, struct err *err)
{
    *writer = (struct list_writer){.db = db};
    return sql_prepare_all(writer, statements, STATEMENTS, db, err);
}

void list_writer_close(struct list_writer *writer)
{
    sql_finalize_all(writer, statements, STATEMENTS);
}

/* --- rows ------------------------------------------------------------------------------------- */

/* Also the product of "" or of an unknown form, which is the whole symbol. */
static const char *product_of(const char *symbol, char out[INSTRUMENT_TEXT_BYTES + 1])
{
    const struct symbol_parts parts = symbol_parts(symbol);
    snprintf(out, INSTRUMENT_TEXT_BYTES + 1, "%.*s", (int)parts.ticker_bytes, parts.ticker);
    return out;
}

static const char *date_of(const char *maturity, char out[DATE_BYTES])
{
    if (!maturity)
        return NULL;
    snprintf(out, DATE_BYTES, "%.4s-%.2s-%.2s", maturity, maturity + 4, maturity + 6);
    return out;
}

static const char *ranges_of(const struct instrument *i, struct buf *out)
{
    if (!i->ranges_count)
        return NULL;
    buf_clear(out);
    for (int r = 0; r < i->ranges_count; r++) {
        buf_puts(out, r ? ",[" : "[[");
        json_put_number(out, i->ranges[r].from);
        buf_puts(out, ",");
        json_put_number(out, i->ranges[r].to);
        buf_puts(out, ",");
        json_put_number(out, i->ranges[r].tick);
        buf_puts(out, "]");
    }
    buf_puts(out, "]");
    return buf_text(out);
}

static int put(struct list_writer *w, const struct instrument *i, int64_t now_ns,
               struct buf *ranges)
{
    char product[INSTRUMENT_TEXT_BYTES + 1], date[DATE_BYTES];
    const struct sql_value values[] = {
        SQL_TEXT(i->market_id),
        SQL_TEXT(i->symbol),
        SQL_WHOLE(i->ts_listed ? i->ts_listed : now_ns),
        SQL_WHOLE(i->listed),
        SQL_WHOLE(i->ts_listed),
        SQL_TEXT(product_of(i->symbol, product)),
        SQL_TEXT(i->segment),
        SQL_TEXT(i->cfi_code),
        SQL_TEXT(i->currency),
        SQL_TEXT(date_of(i->maturity, date)),
        SQL_REAL(i->strike),
        SQL_TEXT(i->underlying),
        SQL_REAL(i->price_tick),
        SQL_TEXT(ranges_of(i, ranges)),
        SQL_REAL(i->size_step),
        SQL_REAL(i->round_lot),
        SQL_REAL(i->multiplier),
        SQL_REAL(i->price_factor),
        SQL_REAL(i->low_limit),
        SQL_REAL(i->high_limit),
        SQL_REAL(i->min_size),
        SQL_REAL(i->max_size),
        SQL_WHOLE(instrument_decimals(i)),
        SQL_WHOLE(i->size_digits),
        SQL_TEXT(i->description),
        SQL_TEXT(i->settl_type),
        SQL_TEXT(i->order_types),
        SQL_TEXT(i->times_in_force),
    };
    return sql_run(w->put, values, sizeof(values) / sizeof(values[0]));
}

int list_writer_put(struct list_writer *w, const struct instrument_list *list)
{
    int64_t now_ns = clock_now().wall_ns;
    struct buf ranges;
    int rc = SQLITE_OK;
    buf_init(&ranges, RANGES_BYTES);
    for (size_t i = 0; rc == SQLITE_OK && i < instrument_list_count(list); i++)
        rc = put(w, instrument_list_at(list, i), now_ns, &ranges);
    buf_finish(&ranges);
    return rc;
}

/* --- slices ----------------------------------------------------------------------------------- */

/* *at: the next instrument. */
static int write_rows(struct list_writer *w, const struct list_progress *progress, size_t *at)
{
    const struct now began = clock_now();
    size_t count = instrument_list_count(progress->list);
    struct buf ranges;
    int rc = SQLITE_OK;
    buf_init(&ranges, RANGES_BYTES);
    for (size_t n = 1; rc == SQLITE_OK && *at < count; n++) {
        rc = put(w, instrument_list_at(progress->list, (*at)++), began.wall_ns, &ranges);
        if (n % LOOK_ROWS == 0 && clock_now().mono_ms - began.mono_ms >= LIST_WRITER_MS)
            break;
    }
    buf_finish(&ranges);
    return rc;
}

static int write_segments(struct list_writer *w, const struct instrument_list *list)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < instrument_list_segments(list); i++) {
        const struct market_segment *s = instrument_list_segment(list, i);
        rc = sql_run(w->put_segment, SQL_VALUES(SQL_TEXT(s->market_id), SQL_TEXT(s->id),
                                                SQL_WHOLE(s->ts_listed), SQL_WHOLE(s->listed)));
    }
    return rc;
}

int list_writer_step(struct list_writer *w, struct list_progress *progress)
{
    size_t at = progress->at, count = instrument_list_count(progress->list);
    int rc = sql_begin(w->db);
    if (rc != SQLITE_OK)
        return rc;
    rc = write_rows(w, progress, &at);
    if (rc == SQLITE_OK && at == count)
        rc = write_segments(w, progress->list);
    if (rc == SQLITE_OK && at == count && progress->ts_read)
        rc = sql_run(w->mark, SQL_VALUES(SQL_WHOLE(progress->ts_read), SQL_TEXT(progress->broker)));
    rc = sql_end(w->db, rc);
    if (rc != SQLITE_OK)
        return rc;
    progress->at = at;
    progress->done = at == count;
    return SQLITE_OK;
}

bool list_progress_pending(const struct list_progress *progress)
{
    return progress->list && !progress->done;
}

void list_progress_finish(struct list_progress *progress)
{
    instrument_list_release(progress->list);
    free(progress->broker);
    *progress = (struct list_progress){0};
}
