#include "merge/union_db.h"

#include "store/packed.h"
#include "store/schema.h"
#include "store/sql.h"

#include <sqlite3.h>

/* Nobody else sees the file, and it is discarded after an error. */
static const char settings[] = "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = OFF;"
                               "PRAGMA synchronous = OFF; PRAGMA cache_size = -65536";

/* Its rowids are in the order of snapshot_history, so that the rows are appended there. */
static const char kept[] =
    "CREATE TEMP TABLE kept AS SELECT 0 AS recorder, 0 AS seq_there, " PACKED_COLUMNS
    " FROM main.snapshot_history LIMIT 0;"
    "CREATE TEMP TABLE number (kept INTEGER PRIMARY KEY, seq INTEGER)";

static const struct sql_statement statements[] = {
    {offsetof(struct union_db, keep),
     "INSERT INTO temp.kept SELECT ?30, ?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
     "?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29"},
    {offsetof(struct union_db, put_state),
     "INSERT INTO quote (instrument_id, seq, " ROW_COLUMNS ") VALUES (?26, ?27, ?1, ?2, ?3, ?4, "
     "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, "
     "?24, ?25)"},
    {offsetof(struct union_db, put_coverage),
     "INSERT INTO coverage_closed (instrument_id, ts_from, ts_to, source, reason)"
     " VALUES (?1, ?2, ?3, ?4, ?5)"},
    {offsetof(struct union_db, find_seq),
     "SELECT n.seq FROM temp.kept k JOIN temp.number n ON n.kept = k.rowid"
     " WHERE k.recorder = ?1 AND k.seq_there = ?2 LIMIT 1"},
};
#define STATEMENTS   (sizeof(statements) / sizeof(statements[0]))
#define RECORDER_AT  (PACKED_COLUMNS_COUNT + 1)
#define STATE_ID_AT  (ROW_COLUMNS_COUNT + 1)
#define STATE_SEQ_AT (ROW_COLUMNS_COUNT + 2)

/* --- the file --------------------------------------------------------------------------------- */

static int build(struct union_db *to, struct err *err)
{
    if (sql_exec(to->db, settings) != SQLITE_OK)
        return sql_fail(to->db, "cannot build it", err);
    int rc = schema_apply(to->db, err);
    if (rc == 0 && sql_exec(to->db, kept) != SQLITE_OK)
        rc = sql_fail(to->db, "cannot build it", err);
    if (rc == 0)
        rc = sql_prepare_all(to, statements, STATEMENTS, to->db, err);
    if (rc == 0)
        rc = trades_open(&to->trades, to->db, err);
    if (rc == 0)
        rc = bars_open(&to->bars, to->db, err);
    if (rc == 0 && sql_begin(to->db) != SQLITE_OK)
        rc = sql_fail(to->db, "cannot build it", err);
    return rc;
}

int union_db_open(struct union_db *to, const char *path, struct err *err)
{
    *to = (struct union_db){.part.fd = -1};
    row_text_init(&to->text);
    int rc = new_file_create(&to->part, path, UNION_DB_PART, FILE_GROUP, err);
    if (rc == 0)
        rc = sql_open(&to->db, to->part.beside, SQL_WRITE_NEW, 0, err);
    if (rc == 0)
        rc = build(to, err);
    if (rc)
        union_db_close(to);
    return rc;
}

static void disconnect(struct union_db *to)
{
    sql_finalize_all(to, statements, STATEMENTS);
    trades_close(&to->trades);
    bars_close(&to->bars);
    sqlite3_close(to->db);
    to->db = NULL;
}

int union_db_place(struct union_db *to, bool replace, struct err *err)
{
    if (sql_exec(to->db, "COMMIT; PRAGMA journal_mode = DELETE") != SQLITE_OK)
        return sql_fail(to->db, to->part.path, err);
    disconnect(to);
    return new_file_place(&to->part, replace, err);
}

void union_db_close(struct union_db *to)
{
    disconnect(to);
    row_text_finish(&to->text);
    new_file_discard(&to->part);
}

/* --- changes ---------------------------------------------------------------------------------- */

int union_db_put_coverage(struct union_db *to, int64_t id, const struct coverage_part *part)
{
    const char *reason = part->reason ? part->reason : "merged";
    return sql_run(to->put_coverage,
                   SQL_VALUES(SQL_WHOLE(id), SQL_WHOLE(part->ts_from), SQL_WHOLE(part->ts_to),
                              SQL_WHOLE(part->source), SQL_TEXT(reason)));
}

static struct store_snapshot stored(const struct change_row *row)
{
    return (struct store_snapshot){.source = row->source,
                                   .seq = row->seq,
                                   .ts_recv = row->ts_recv,
                                   .changed = row->changed,
                                   .quote = row->quote};
}

int union_db_keep(struct union_db *to, int64_t id, const struct change_row *row)
{
    const struct store_snapshot snapshot = stored(row);
    packed_bind(to->keep, &snapshot, id, &to->text);
    sqlite3_bind_int(to->keep, RECORDER_AT, row->recorder);
    to->changes++;
    return sql_run(to->keep, SQL_NONE);
}

static int put_state(struct union_db *to, int64_t id, const struct store_snapshot *row, int64_t seq)
{
    row_bind(to->put_state, 1, row, &to->text);
    sqlite3_bind_int64(to->put_state, STATE_ID_AT, id);
    sqlite3_bind_int64(to->put_state, STATE_SEQ_AT, seq);
    return sql_run(to->put_state, SQL_NONE);
}

int union_db_put_state(struct union_db *to, int64_t id, const struct change_row *row)
{
    const struct store_snapshot snapshot = stored(row);
    return put_state(to, id, &snapshot, 0);
}

int union_db_put_old_state(struct union_db *to, int64_t id, const struct store_snapshot *row)
{
    return put_state(to, id, row, ++to->old_states);
}

/* The old states have the first numbers, as changes that were deleted because of their age. */
int union_db_number(struct union_db *to)
{
    static const char number[] =
        "INSERT INTO temp.number"
        " SELECT rowid, ?1 + row_number() OVER (ORDER BY ts_recv, rowid) FROM temp.kept"
        " ORDER BY rowid";
    static const char write[] =
        "INSERT INTO snapshot_history (" PACKED_COLUMNS ")"
        " SELECT n.seq, k.instrument_id, k.ts_recv, k.source, k.changed, k.event_ago, k.last_ago,"
        " k.unit, k.bid_price, k.bid_size, k.offer_price, k.offer_size, k.last_price, k.last_size,"
        " k.open_price, k.high_price, k.low_price, k.close_price, k.close_day, k.settlement_price,"
        " k.settlement_day, k.open_interest, k.trade_volume, k.nominal_volume, k.effective_volume,"
        " k.index_value, k.auction_price, k.bids, k.offers"
        " FROM temp.kept k JOIN temp.number n ON n.kept = k.rowid ORDER BY k.rowid";
    static const char states[] =
        "UPDATE quote SET seq = (SELECT h.seq FROM snapshot_history h"
        " WHERE h.instrument_id = quote.instrument_id ORDER BY h.ts_recv DESC, h.seq DESC LIMIT 1)"
        " WHERE seq = 0";
    static const char ledger[] = "UPDATE ledger SET last_seq = ?1, written = ?1, trimmed = ?2";
    static const char parts[] =
        "INSERT INTO history_seq SELECT seq / 32768, max(seq), min(ts_recv), max(ts_recv)"
        " FROM snapshot_history GROUP BY 1";
    int rc = sql_once(to->db, number, SQL_VALUES(SQL_WHOLE(to->old_states)));
    if (rc == SQLITE_OK)
        rc = sql_exec(to->db, write);
    if (rc == SQLITE_OK)
        rc = sql_exec(to->db, parts);
    if (rc == SQLITE_OK)
        rc = sql_exec(to->db, states);
    if (rc == SQLITE_OK)
        rc = sql_exec(to->db, "CREATE INDEX temp.kept_trade ON kept (recorder, seq_there)");
    if (rc == SQLITE_OK)
        rc = sql_once(
            to->db, ledger,
            SQL_VALUES(SQL_WHOLE(to->old_states + to->changes), SQL_WHOLE(to->old_states)));
    return rc;
}

/* --- trades ----------------------------------------------------------------------------------- */

int union_db_put_trade(struct union_db *to, const struct store_trade *trade, int recorder)
{
    struct store_trade row = *trade;
    int64_t seq = 0;
    int rc = SQLITE_OK;
    if (row.seq > 0)
        rc = sql_number_of(to->find_seq, SQL_VALUES(SQL_WHOLE(recorder), SQL_WHOLE(row.seq)), &seq);
    row.seq = seq ? seq : -++to->listed;
    if (rc == SQLITE_OK)
        rc = trades_add(&to->trades, &row);
    const struct bar bar = bar_of(&row);
    return rc == SQLITE_OK ? bars_put(&to->bars, &bar) : rc;
}
