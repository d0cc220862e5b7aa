#include "store/read/reader.h"

#include "base/json.h"
#include "base/num.h"
#include "market/symbol_order.h"
#include "store/read/read_only.h"
#include "store/row.h"
#include "store/schema.h"
#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX  64
#define SYMBOL_BYTES 256

struct reader {
    sqlite3 *db;
};

static int fail(struct reader *reader, struct err *err)
{
    return sql_fail(reader->db, "cannot read the database", err);
}

/* The texts of a collation callback are not NUL-terminated. */
static const char *copy_symbol(char out[SYMBOL_BYTES], const void *text, int bytes)
{
    size_t n = bytes < SYMBOL_BYTES ? (size_t)bytes : SYMBOL_BYTES - 1;
    memcpy(out, text, n);
    out[n] = '\0';
    return out;
}

static int compare_symbols(void *arg, int a_bytes, const void *a, int b_bytes, const void *b)
{
    char first[SYMBOL_BYTES], second[SYMBOL_BYTES];
    (void)arg;
    return symbol_order(copy_symbol(first, a, a_bytes), copy_symbol(second, b, b_bytes));
}

static int open_checked(struct reader *reader, const char *path, struct err *err)
{
    int version;
    int rc = read_only_open_ours(&reader->db, path, &version, err);
    if (rc == 0)
        sqlite3_create_collation(reader->db, "symbol_order", SQLITE_UTF8, NULL, compare_symbols);
    return rc;
}

int reader_open(struct reader **out, const char *path, struct err *err)
{
    struct reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return err_set(err, -ENOMEM, "out of memory");
    int rc = open_checked(reader, path, err);
    if (rc)
        reader_close(reader);
    else
        *out = reader;
    return rc;
}

void reader_close(struct reader *reader)
{
    if (!reader)
        return;
    sqlite3_close(reader->db);
    free(reader);
}

int reader_quotes(struct reader *reader, reader_quote_fn *fn, void *arg, struct err *err)
{
    static const char sql[] =
        "SELECT i.market_id, i.symbol, q.seq, coalesce(s.ts_seen, 0), " ROW_COLUMNS
        " FROM quote q JOIN instrument i ON i.id = q.instrument_id"
        " LEFT JOIN quote_seen s ON s.instrument_id = q.instrument_id"
        " ORDER BY i.id";
    sqlite3_stmt *stmt;
    struct json_parser *parser = json_parser_create();
    int step;

    if (!parser)
        return err_set(err, -ENOMEM, "out of memory");
    if (sqlite3_prepare_v2(reader->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        json_parser_destroy(parser);
        return fail(reader, err);
    }
    while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct reader_quote row = {
            .market_id = (const char *)sqlite3_column_text(stmt, 0),
            .symbol = (const char *)sqlite3_column_text(stmt, 1),
            .known.state.seq = sqlite3_column_int64(stmt, 2),
            .known.ts_seen = sqlite3_column_int64(stmt, 3),
        };
        row_read(stmt, 4, parser, &row.known.state);
        if (row.known.ts_seen < row.known.state.ts_recv)
            row.known.ts_seen = row.known.state.ts_recv;
        fn(arg, &row);
    }
    sqlite3_finalize(stmt);
    json_parser_destroy(parser);
    return step == SQLITE_DONE ? 0 : fail(reader, err);
}

int reader_last_seq(struct reader *reader, int64_t *seq, struct err *err)
{
    return sql_number(reader->db, SCHEMA_LAST_SEQ, seq) == SQLITE_OK ? 0 : fail(reader, err);
}

static struct reader_value take_value(sqlite3_stmt *stmt, int column, char *number)
{
    struct reader_value value = {sqlite3_column_name(stmt, column), READER_TEXT, ""};
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_NULL:
        value.type = READER_NULL;
        return value;
    case SQLITE_FLOAT: /* SQLite's 15 digits may parse to another value */
        value.type = READER_NUMBER;
        value.text = num_text(number, sqlite3_column_double(stmt, column));
        return value;
    case SQLITE_INTEGER:
        value.type = READER_NUMBER;
        break;
    default:
        break;
    }
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    if (text)
        value.text = text;
    return value;
}

int reader_select(struct reader *reader, const struct reader_query *query, reader_row_fn *fn,
                  void *arg, struct err *err)
{
    struct reader_value values[COLUMNS_MAX];
    char numbers[COLUMNS_MAX][NUM_TEXT];
    sqlite3_stmt *stmt;
    int step = SQLITE_DONE, stop = 0;

    if (sqlite3_prepare_v2(reader->db, query->sql, -1, &stmt, NULL) != SQLITE_OK)
        return fail(reader, err);
    for (int i = 0; i < query->params_count; i++)
        sqlite3_bind_text(stmt, i + 1, query->params[i], -1, SQLITE_STATIC);
    int columns = sqlite3_column_count(stmt);
    if (columns > COLUMNS_MAX)
        columns = COLUMNS_MAX;
    while (!stop && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        for (int i = 0; i < columns; i++)
            values[i] = take_value(stmt, i, numbers[i]);
        stop = fn(arg, columns, values);
    }
    sqlite3_finalize(stmt);
    return stop || step == SQLITE_DONE ? 0 : fail(reader, err);
}
