#include "store/read/outbox.h"

#include "base/clock.h"
#include "base/json.h"
#include "market/tape_merge.h"
#include "store/packed.h"
#include "store/read/change_keys.h"
#include "store/read/read_only.h"
#include "store/schema.h"
#include "store/sql.h"
#include "store/unpack.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct outbox {
    sqlite3 *db;
    char *path;
    dev_t device; /* of the file that is open */
    ino_t inode;
    struct json_parser *parser;
    struct change_keys *keys;
    sqlite3_stmt *ends, *change, *recent_changes, *listed, *events, *known, *shown, *has, *seq_at;
};

#define NAME         "p.market_id, p.symbol, p.segment"
#define INSTRUMENT   1 /* its column in PACKED_COLUMNS */
#define MEMBER(name) offsetof(struct outbox, name)

// clang-format off
static const struct sql_statement statements[] = {
    {MEMBER(ends),
     "SELECT last_seq, coalesce((SELECT max(id) FROM feed_event), 0), listed, ts_trimmed,"
     " EXISTS (SELECT 1 FROM instrument_list),"
     " coalesce((SELECT max(revision) FROM instrument WHERE revision IS NOT NULL), 0) FROM ledger"},
    {MEMBER(change),
     "SELECT " PACKED_COLUMNS ", " NAME
     "  FROM snapshot_recent r CROSS JOIN instrument p ON p.id = r.instrument_id WHERE r.seq = ?3 "
     "UNION ALL "
     "SELECT " PACKED_COLUMNS ", " NAME
     "  FROM snapshot_history h CROSS JOIN instrument p ON p.id = h.instrument_id"
     " WHERE h.instrument_id = ?1 AND h.ts_recv = ?2 AND h.seq = ?3 LIMIT 1"},
    {MEMBER(recent_changes),
     "SELECT " PACKED_COLUMNS ", " NAME
     "  FROM snapshot_recent r CROSS JOIN instrument p ON p.id = r.instrument_id"
     " WHERE r.seq > ?1 ORDER BY r.seq LIMIT ?2"},
    {MEMBER(listed),
     "SELECT -t.seq, 0, t.ts_event, t.price, t.size, t.origin, " NAME
     "  FROM trade t JOIN instrument p ON p.id = t.instrument_id WHERE t.seq < 0 AND t.seq < -?1 "
     "UNION ALL "
     "SELECT t.corrected, t.seq, t.ts_event, t.price, t.size, t.origin, " NAME
     "  FROM trade t JOIN instrument p ON p.id = t.instrument_id"
     " WHERE t.corrected > 0 AND t.corrected > ?1 ORDER BY 1 LIMIT ?2"},
    {MEMBER(events),
     "SELECT id, ts, kind, symbol, detail FROM feed_event WHERE id > ?1 ORDER BY id LIMIT ?2"},
    /* As tape_rows and the view trade_recent: another change's trade, or one that the list has. */
    {MEMBER(known),
     "SELECT iif(EXISTS (SELECT 1 FROM trade WHERE instrument_id = ?1 AND ts_event = ?2 AND seq = ?5), 0,"
     "           EXISTS (SELECT 1 FROM trade WHERE instrument_id = ?1 AND ts_event = ?2 AND price = ?3"
     "                      AND size IS ?4)"
     "           OR EXISTS (SELECT 1 FROM tape_day d WHERE d.instrument_id = ?1 AND d.day = ?6"
     "                         AND (d.ts_complete >= ?2 OR ?7 AND EXISTS ("
     "                              SELECT 1 FROM trade t WHERE t.instrument_id = ?1"
     "                                 AND t.ts_event <= d.ts_complete"
     "                                 AND t.ts_event >= (SELECT max(n.ts_event) - ?8 FROM trade n"
     "                                      WHERE n.instrument_id = ?1 AND n.ts_event <= d.ts_complete)"
     "                                 AND t.price = ?3 AND coalesce(t.size = ?4, true)))))"},
    {MEMBER(shown),
     "SELECT " PACKED_COLUMNS " FROM snapshot_recent WHERE seq <= ?1 AND changed & 4 ORDER BY seq"},
    {MEMBER(has),
     "SELECT EXISTS (SELECT 1 FROM snapshot_recent WHERE seq = ?1 AND ts_recv = ?2) OR EXISTS ("
     " SELECT 1 FROM instrument p CROSS JOIN snapshot_history h"
     "    ON h.instrument_id = p.id AND h.ts_recv = ?2 AND h.seq = ?1 WHERE p.ts_recorded IS NOT NULL)"},
    {MEMBER(seq_at),
     "SELECT max(coalesce((SELECT max(seq) FROM snapshot_recent WHERE ts_recv <= ?1), 0),"
     "           (SELECT coalesce(max((SELECT h.seq FROM snapshot_history h WHERE h.instrument_id = p.id"
     "                                    AND h.ts_recv <= ?1 ORDER BY h.ts_recv DESC, h.seq DESC LIMIT 1)), 0)"
     "              FROM instrument p WHERE p.ts_recorded IS NOT NULL))"},
};
// clang-format on
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

static int fail(const struct outbox *o, struct err *err)
{
    return sql_fail(o->db, "cannot read the database", err);
}

/* --- opening ---------------------------------------------------------------------------------- */

static int note_file(struct outbox *o, struct err *err)
{
    struct stat st;
    if (stat(o->path, &st))
        return err_set(err, -errno, "'%s': %s", o->path, strerror(errno));
    o->device = st.st_dev;
    o->inode = st.st_ino;
    return 0;
}

static int prepare(struct outbox *o, struct err *err)
{
    int version;
    int rc = note_file(o, err);
    if (rc == 0)
        rc = read_only_open_ours(&o->db, o->path, &version, err);
    if (rc)
        return rc;
    if (version < schema_newest())
        return err_set(err, -EPROTO, "'%s' has schema version %d, this program needs %d", o->path,
                       version, schema_newest());
    rc = sql_prepare_all(o, statements, STATEMENTS, o->db, err);
    return rc ? rc : change_keys_open(&o->keys, o->db, err);
}

int outbox_open(struct outbox **out, const char *path, struct err *err)
{
    struct outbox *o = calloc(1, sizeof(*o));
    if (!o)
        return err_set(err, -ENOMEM, "out of memory");
    o->path = strdup(path);
    o->parser = json_parser_create();
    int rc = o->path && o->parser ? prepare(o, err) : err_set(err, -ENOMEM, "out of memory");
    if (rc) {
        outbox_close(o);
        return rc;
    }
    *out = o;
    return 0;
}

void outbox_close(struct outbox *o)
{
    if (!o)
        return;
    change_keys_close(o->keys);
    sql_finalize_all(o, statements, STATEMENTS);
    sqlite3_close(o->db);
    json_parser_destroy(o->parser);
    free(o->path);
    free(o);
}

bool outbox_replaced(const struct outbox *o)
{
    struct stat st;
    return stat(o->path, &st) || st.st_dev != o->device || st.st_ino != o->inode;
}

/* --- reading rows ----------------------------------------------------------------------------- */

/* One statement; `take` gets each row. Returns the number of rows, or an error. */
struct reading {
    struct outbox *outbox;
    sqlite3_stmt *stmt;
    void (*take)(const struct reading *reading);
    union {
        outbox_change_fn *change;
        outbox_trade_fn *trade;
        outbox_event_fn *event;
        outbox_shown_fn *shown;
    } fn;
    void *arg;
};

static int read_rows(const struct reading *reading, struct err *err)
{
    int step, count = 0;
    while ((step = sqlite3_step(reading->stmt)) == SQLITE_ROW) {
        reading->take(reading);
        count++;
    }
    int rc = step == SQLITE_DONE ? count : fail(reading->outbox, err);
    sqlite3_reset(reading->stmt);
    return rc;
}

static const char *text_at(sqlite3_stmt *stmt, int column)
{
    return (const char *)sqlite3_column_text(stmt, column);
}

static struct outbox_name name_of(sqlite3_stmt *stmt, int first)
{
    return (struct outbox_name){text_at(stmt, first), text_at(stmt, first + 1),
                                text_at(stmt, first + 2)};
}

int outbox_ends(struct outbox *o, struct outbox_ends *out, struct err *err)
{
    int step = sqlite3_step(o->ends);
    if (step == SQLITE_ROW)
        *out = (struct outbox_ends){
            .last_seq = sqlite3_column_int64(o->ends, 0),
            .last_event = sqlite3_column_int64(o->ends, 1),
            .last_listed = sqlite3_column_int64(o->ends, 2),
            .ts_trimmed = sqlite3_column_int64(o->ends, 3),
            .reference = sqlite3_column_int(o->ends, 4) != 0,
            .last_revision = sqlite3_column_int64(o->ends, 5),
        };
    int rc = step == SQLITE_ROW ? 0 : fail(o, err);
    sqlite3_reset(o->ends);
    return rc;
}

/* --- changes ---------------------------------------------------------------------------------- */

static void take_change(const struct reading *r)
{
    struct outbox_change change = {
        .name = name_of(r->stmt, PACKED_COLUMNS_COUNT),
        .instrument_id = sqlite3_column_int64(r->stmt, INSTRUMENT),
    };
    unpack_row(r->stmt, r->outbox->parser, &change.row);
    r->fn.change(r->arg, &change);
}

/* By their keys, as long as there are some in the history; the others by their seq alone. */
static int read_changes(struct reading *r, int64_t after, int limit, struct err *err)
{
    struct outbox *o = r->outbox;
    struct change_key key;
    int rc = 0, count = 0;
    r->stmt = o->change;
    while (count < limit && (rc = change_keys_next(o->keys, after, &key, err)) > 0) {
        after = key.seq;
        sql_bind(o->change, SQL_VALUES(SQL_WHOLE(key.instrument_id), SQL_WHOLE(key.ts_recv),
                                       SQL_WHOLE(key.seq)));
        rc = read_rows(r, err);
        if (rc < 0)
            return rc;
        count += rc;
    }
    if (rc < 0 || count == limit)
        return rc < 0 ? rc : count;
    r->stmt = o->recent_changes;
    sql_bind(r->stmt, SQL_VALUES(SQL_WHOLE(after), SQL_WHOLE(limit - count)));
    rc = read_rows(r, err);
    return rc < 0 ? rc : count + rc;
}

int outbox_changes(struct outbox *o, int64_t after, int limit, outbox_change_fn *fn, void *arg,
                   struct err *err)
{
    struct reading reading = {o, NULL, take_change, {.change = fn}, arg};
    if (sql_exec(o->db, "BEGIN") != SQLITE_OK)
        return fail(o, err);
    int rc = read_changes(&reading, after, limit, err);
    sql_exec(o->db, "COMMIT");
    return rc;
}

/* --- trades and events ------------------------------------------------------------------------ */

static void take_listed(const struct reading *r)
{
    const struct outbox_trade trade = {
        .name = name_of(r->stmt, 6),
        .listed = sqlite3_column_int64(r->stmt, 0),
        .corrects = sqlite3_column_int64(r->stmt, 1),
        .trade = {.ts_event = sqlite3_column_int64(r->stmt, 2),
                  .price = sql_real(r->stmt, 3),
                  .size = sql_real(r->stmt, 4),
                  .origin = (enum trade_origin)sqlite3_column_int(r->stmt, 5)},
    };
    r->fn.trade(r->arg, &trade);
}

int outbox_listed(struct outbox *o, int64_t after, int limit, outbox_trade_fn *fn, void *arg,
                  struct err *err)
{
    const struct reading reading = {o, o->listed, take_listed, {.trade = fn}, arg};
    sql_bind(o->listed, SQL_VALUES(SQL_WHOLE(after), SQL_WHOLE(limit)));
    return read_rows(&reading, err);
}

static void take_event(const struct reading *r)
{
    const struct outbox_event event = {
        .id = sqlite3_column_int64(r->stmt, 0),
        .ts = sqlite3_column_int64(r->stmt, 1),
        .kind = text_at(r->stmt, 2),
        .symbol = text_at(r->stmt, 3),
        .detail = text_at(r->stmt, 4),
    };
    r->fn.event(r->arg, &event);
}

int outbox_events(struct outbox *o, int64_t after, int limit, outbox_event_fn *fn, void *arg,
                  struct err *err)
{
    const struct reading reading = {o, o->events, take_event, {.event = fn}, arg};
    sql_bind(o->events, SQL_VALUES(SQL_WHOLE(after), SQL_WHOLE(limit)));
    return read_rows(&reading, err);
}

static bool trade_of(const struct store_snapshot *row, struct outbox_shown *out)
{
    const struct trade_report report = {
        .changed = row->changed,
        .source = row->source,
        .ts_recv = row->ts_recv,
        .ts_event = row->quote.ts_event,
        .ts_last = row->quote.ts_last,
        .price = row->quote.last_price,
        .size = row->quote.last_size,
    };
    out->seq = row->seq;
    out->undated = report.ts_last == 0;
    return trade_shown(&report, &out->trade);
}

static void take_shown(const struct reading *r)
{
    struct store_snapshot row;
    struct outbox_shown shown = {.instrument_id = sqlite3_column_int64(r->stmt, INSTRUMENT)};
    unpack_row(r->stmt, r->outbox->parser, &row);
    if (trade_of(&row, &shown))
        r->fn.shown(r->arg, &shown);
}

int outbox_recent(struct outbox *o, int64_t up_to, outbox_shown_fn *fn, void *arg, struct err *err)
{
    const struct reading reading = {o, o->shown, take_shown, {.shown = fn}, arg};
    sql_bind(o->shown, SQL_VALUES(SQL_WHOLE(up_to)));
    int rc = read_rows(&reading, err);
    return rc < 0 ? rc : 0;
}

bool outbox_change_trade(const struct outbox_change *change, struct outbox_shown *out)
{
    out->instrument_id = change->instrument_id;
    return trade_of(&change->row, out);
}

/* --- single values ---------------------------------------------------------------------------- */

/* A statement that returns one number. */
static int number(struct outbox *o, sqlite3_stmt *stmt, int64_t *out, struct err *err)
{
    return sql_number_of(stmt, SQL_NONE, out) == SQLITE_OK ? 0 : fail(o, err);
}

int outbox_trade_known(struct outbox *o, const struct outbox_shown *shown, bool *known,
                       struct err *err)
{
    int64_t found = 0;
    const struct trade *trade = &shown->trade;
    sql_bind(o->known, SQL_VALUES(SQL_WHOLE(shown->instrument_id), SQL_WHOLE(trade->ts_event),
                                  SQL_REAL(trade->price), SQL_REAL(trade->size),
                                  SQL_WHOLE(shown->seq), SQL_WHOLE(art_day(trade->ts_event)),
                                  SQL_WHOLE(shown->undated), SQL_WHOLE(TAPE_MERGE_BEFORE_NS)));
    int rc = number(o, o->known, &found, err);
    *known = found != 0;
    return rc;
}

int outbox_has(struct outbox *o, int64_t seq, int64_t ts_recv, bool *has, struct err *err)
{
    int64_t found = 0;
    sql_bind(o->has, SQL_VALUES(SQL_WHOLE(seq), SQL_WHOLE(ts_recv)));
    int rc = number(o, o->has, &found, err);
    *has = found != 0;
    return rc;
}

int outbox_seq_at(struct outbox *o, int64_t ts_recv, int64_t *seq, struct err *err)
{
    sql_bind(o->seq_at, SQL_VALUES(SQL_WHOLE(ts_recv)));
    return number(o, o->seq_at, seq, err);
}
