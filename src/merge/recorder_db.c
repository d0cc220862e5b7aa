#include "merge/recorder_db.h"

#include "base/array.h"
#include "base/clock.h"
#include "market/event_kind.h"
#include "store/packed.h"
#include "store/read/read_only.h"
#include "store/schema.h"
#include "store/sql.h"
#include "store/unpack.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* The newest changes and the trades that they show have no index by instrument. */
static const char newest[] =
    "CREATE TEMP TABLE newest (instrument_id INTEGER, ts_recv INTEGER, seq INTEGER,"
    " PRIMARY KEY (instrument_id, ts_recv, seq)) WITHOUT ROWID;"
    "INSERT INTO newest SELECT instrument_id, ts_recv, seq FROM main.snapshot_recent;"
    "CREATE TEMP TABLE newest_trade AS SELECT *, (SELECT last_ago IS NULL FROM"
    " main.snapshot_recent r WHERE r.seq = t.seq) AS undated FROM main.trade_recent t;"
    "CREATE INDEX newest_trade_by_time ON newest_trade (instrument_id, ts_event)";

static const struct sql_statement statements[] = {
    {offsetof(struct recorder_db, coverage),
     "SELECT ts_from, ts_to, source, reason FROM coverage_closed WHERE instrument_id = ?1 "
     "UNION ALL "
     "SELECT ts_from, ts_to, source, 'stopped' FROM coverage_present WHERE instrument_id = ?1"},
    {offsetof(struct recorder_db, changes),
     "SELECT " PACKED_COLUMNS " FROM snapshot_history h WHERE instrument_id = ?1 "
     "AND " SQL_NOT_MOVING("h") " "
                                "UNION ALL "
                                "SELECT " PACKED_COLUMNS " FROM snapshot_recent WHERE seq IN"
                                " (SELECT seq FROM temp.newest WHERE instrument_id = ?1) "
                                "ORDER BY ts_recv, seq"},
    {offsetof(struct recorder_db, trades),
     "SELECT ts_event, seq, price, size, origin, undated FROM trade"
     " WHERE instrument_id = ?1 AND ts_event >= ?2 AND ts_event < ?3 "
     "UNION ALL "
     "SELECT ts_event, seq, price, size, origin, undated FROM temp.newest_trade"
     " WHERE instrument_id = ?1 AND ts_event >= ?2 AND ts_event < ?3 "
     "ORDER BY 1, 2"},
    {offsetof(struct recorder_db, next_trade),
     "SELECT min(ts) FROM (SELECT min(ts_event) AS ts FROM trade"
     " WHERE instrument_id = ?1 AND ts_event >= ?2 "
     "UNION ALL "
     "SELECT min(ts_event) FROM temp.newest_trade WHERE instrument_id = ?1 AND ts_event >= ?2)"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

static int check_version(const struct recorder_db *from, int version, struct err *err)
{
    if (version < schema_newest())
        return err_set(err, -EPROTO,
                       "'%s' has schema version %d, this program needs %d: start `cinta run` on it "
                       "once, then stop it",
                       from->path, version, schema_newest());
    return 0;
}

static int prepare(struct recorder_db *from, struct err *err)
{
    if (sql_exec(from->db, "BEGIN") != SQLITE_OK || sql_exec(from->db, newest) != SQLITE_OK) {
        int rc = sql_fail(from->db, "cannot read it", err);
        err_prefix(err, "'%s': ", from->path);
        return rc;
    }
    int rc = sql_prepare_all(from, statements, STATEMENTS, from->db, err);
    from->parser = json_parser_create();
    return rc == 0 && !from->parser ? err_set(err, -ENOMEM, "out of memory") : rc;
}

int recorder_db_open(struct recorder_db *from, const char *path, int recorder, struct err *err)
{
    const char *slash = strrchr(path, '/');
    int version;
    *from =
        (struct recorder_db){.path = path, .name = slash ? slash + 1 : path, .recorder = recorder};
    int rc = read_only_open_ours(&from->db, path, &version, err);
    if (rc == 0)
        rc = check_version(from, version, err);
    if (rc == 0)
        rc = prepare(from, err);
    if (rc)
        recorder_db_close(from);
    return rc;
}

void recorder_db_close(struct recorder_db *from)
{
    sql_finalize_all(from, statements, STATEMENTS);
    sqlite3_close(from->db);
    json_parser_destroy(from->parser);
    from->db = NULL;
    from->parser = NULL;
}

/* --- coverage --------------------------------------------------------------------------------- */

static const char *reason_of(const unsigned char *text)
{
    int kind = text ? event_kind_find((const char *)text) : -1;
    return event_kind_name(kind < 0 ? EVENT_UNSEEN : (enum event_kind)kind);
}

int recorder_db_coverage(struct recorder_db *from, int64_t id, struct coverage_list *out)
{
    sqlite3_stmt *stmt = from->coverage;
    int rc;
    sql_bind(stmt, SQL_VALUES(SQL_WHOLE(id)));
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct coverage_part *larger =
            array_grow(out->item, &out->cap, out->count + 1, sizeof(*out->item));
        if (!larger) {
            sqlite3_reset(stmt);
            return SQLITE_NOMEM;
        }
        out->item = larger;
        out->item[out->count++] =
            (struct coverage_part){.ts_from = sqlite3_column_int64(stmt, 0),
                                   .ts_to = sqlite3_column_int64(stmt, 1),
                                   .source = (enum source)sqlite3_column_int(stmt, 2),
                                   .recorder = from->recorder,
                                   .reason = reason_of(sqlite3_column_text(stmt, 3))};
    }
    return sqlite3_reset(stmt);
}

/* --- changes ---------------------------------------------------------------------------------- */

void recorder_db_begin(struct recorder_db *from, int64_t id)
{
    sqlite3_reset(from->changes);
    sql_bind(from->changes, SQL_VALUES(SQL_WHOLE(id)));
}

int recorder_db_next(struct recorder_db *from, struct change_row *row)
{
    struct store_snapshot read;
    row->seq = 0;
    if (sqlite3_step(from->changes) != SQLITE_ROW)
        return sqlite3_reset(from->changes);
    unpack_row(from->changes, from->parser, &read);
    row->recorder = from->recorder;
    row->seq = read.seq;
    row->ts_recv = read.ts_recv;
    row->source = read.source;
    row->changed = read.changed;
    row->quote = read.quote;
    return SQLITE_OK;
}

/* --- trades ----------------------------------------------------------------------------------- */

int recorder_db_trade_day(struct recorder_db *from, int64_t id, int64_t ts, int64_t *day)
{
    sqlite3_stmt *stmt = from->next_trade;
    sql_bind(stmt, SQL_VALUES(SQL_WHOLE(id), SQL_WHOLE(ts)));
    *day = INT64_MAX;
    if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
        *day = art_day(sqlite3_column_int64(stmt, 0));
    return sqlite3_reset(stmt);
}

int recorder_db_trades(struct recorder_db *from, int64_t id, int64_t ts_from, int64_t ts_to,
                       struct trade_list *out)
{
    sqlite3_stmt *stmt = from->trades;
    out->count = 0;
    sql_bind(stmt, SQL_VALUES(SQL_WHOLE(id), SQL_WHOLE(ts_from), SQL_WHOLE(ts_to)));
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        struct store_trade *larger =
            array_grow(out->item, &out->cap, out->count + 1, sizeof(*out->item));
        if (!larger) {
            sqlite3_reset(stmt);
            return SQLITE_NOMEM;
        }
        out->item = larger;
        out->item[out->count++] = (struct store_trade){
            .seq = sqlite3_column_int64(stmt, 1),
            .trade = {.ts_event = sqlite3_column_int64(stmt, 0),
                      .price = sqlite3_column_double(stmt, 2),
                      .size = sql_real(stmt, 3),
                      .origin = (enum trade_origin)sqlite3_column_int(stmt, 4)},
            .undated = sqlite3_column_int(stmt, 5)};
    }
    return sqlite3_reset(stmt);
}
