#include "store/write/given_writer.h"

#include "store/packed.h"
#include "store/sql.h"
#include "store/write/history_rows.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define CORRECTED_NS                                                                               \
    (INT64_C(86400) * 1000000000) /* a trade without a time of its own is reported                 \
                                     within a day of it */
#define MEMBER(name) offsetof(struct given_writer, name)
#define QUOTE_FIRST  3 /* parameter of the first of ROW_COLUMNS */

#define VALUES_25 "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
#define VALUES_29 VALUES_25 ", ?, ?, ?, ?"

static const struct sql_statement statements[] = {
    {MEMBER(add), "INSERT INTO snapshot_recent (" PACKED_COLUMNS ") VALUES (" VALUES_29 ")"},
    {MEMBER(add_past), "INSERT INTO snapshot_history (" PACKED_COLUMNS ") VALUES (" VALUES_29 ")"},
    {MEMBER(cover), "INSERT INTO history_seq VALUES (?1 / 32768, ?1, ?2, ?2)" HISTORY_SEQ_EXTEND},
    {MEMBER(has_recent), "SELECT EXISTS (SELECT 1 FROM snapshot_recent WHERE seq = ?1 "
                         "AND ts_recv = ?2 AND instrument_id = ?3)"},
    {MEMBER(has_history), "SELECT EXISTS (SELECT 1 FROM snapshot_history WHERE instrument_id = ?3 "
                          "AND ts_recv = ?2 AND seq = ?1)"},
    {MEMBER(has_seq),
     "SELECT EXISTS (SELECT 1 FROM snapshot_recent WHERE seq = ?1) OR EXISTS (SELECT 1 "
     "FROM history_seq s CROSS JOIN instrument p CROSS JOIN snapshot_history h "
     "ON h.instrument_id = p.id AND h.ts_recv >= s.ts_from AND h.ts_recv <= s.ts_to AND h.seq = ?1 "
     "WHERE s.part = ?1 / 32768 AND p.ts_recorded IS NOT NULL)"},
    {MEMBER(newest), "SELECT last_seq FROM ledger"},
    {MEMBER(keep_ledger), "UPDATE ledger SET last_seq = max(last_seq, ?1), written = written + ?2, "
                          "dropped = dropped + ?3, elsewhere = elsewhere + ?4"},
    /* Which row it replaces, if any, is decided by seq. */
    {MEMBER(put_quote), "INSERT OR REPLACE INTO quote (seq, instrument_id, " ROW_COLUMNS ") "
                        "SELECT ?1, ?2, " VALUES_25 " WHERE NOT EXISTS (SELECT 1 FROM quote "
                        "WHERE instrument_id = ?2 AND seq > ?1)"},
    {MEMBER(marks), "SELECT shown, listed, event FROM replica_recorder WHERE name = ?1"},
    {MEMBER(put_marks), "INSERT OR REPLACE INTO replica_recorder (name, shown, listed, event) "
                        "VALUES (?1, ?2, ?3, ?4)"},
    {MEMBER(others), "SELECT EXISTS (SELECT 1 FROM replica_recorder WHERE name <> ?1 "
                     "AND listed > 0)"},
    {MEMBER(find_trade), "SELECT coalesce((SELECT ts_event FROM trade WHERE instrument_id = ?1 "
                         "AND ts_event > ?3 - ?4 AND ts_event < ?3 + ?4 AND seq = ?2), 0)"},
    {MEMBER(remove_trade),
     "DELETE FROM trade WHERE instrument_id = ?1 AND ts_event = ?2 AND seq = ?3"},
    {MEMBER(keep_listed), "UPDATE ledger SET listed = max(listed, ?1)"},
    {MEMBER(add_event), "INSERT INTO feed_event (ts, kind, symbol, detail, recorder) "
                        "VALUES (?1, ?2, ?3, ?4, ?5)"},
    /* Which broker's it is the messages do not say. */
    {MEMBER(mark_list), "INSERT INTO instrument_list (id, ts_read, broker) VALUES (1, ?1, '') "
                        "ON CONFLICT (id) DO UPDATE SET ts_read = max(ts_read, ?1)"},
    {MEMBER(put_place), "UPDATE replica SET ts_created = ?1, number = ?2, ts_stored = ?3"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

int given_writer_open(struct given_writer *w, sqlite3 *db, struct err *err)
{
    *w = (struct given_writer){0};
    int rc = sql_prepare_all(w, statements, STATEMENTS, db, err);
    if (rc == 0)
        rc = tape_rows_open(&w->tape, db, err);
    if (rc == 0)
        rc = list_writer_open(&w->lists, db, err);
    if (rc)
        given_writer_close(w);
    return rc;
}

void given_writer_close(struct given_writer *w)
{
    sql_finalize_all(w, statements, STATEMENTS);
    tape_rows_close(&w->tape);
    list_writer_close(&w->lists);
}

/* --- changes ---------------------------------------------------------------------------------- */

int given_rows_begin(struct given_writer *w, struct given_rows *rows)
{
    *rows = (struct given_rows){0};
    return sql_number_of(w->newest, SQL_NONE, &rows->newest_seq);
}

static int add(sqlite3_stmt *stmt, const struct store_snapshot *row, int64_t instrument_id,
               struct row_text *text)
{
    packed_bind(stmt, row, instrument_id, text);
    return sql_run(stmt, SQL_NONE);
}

/* *there: this change, or another one with its seq (*other), is in the database. */
static int look(const struct given_writer *w, const struct store_snapshot *row,
                int64_t instrument_id, bool *there, bool *other)
{
    const struct sql_value key[] = {SQL_WHOLE(row->seq), SQL_WHOLE(row->ts_recv),
                                    SQL_WHOLE(instrument_id)};
    int64_t found = 0;
    int rc = sql_number_of(w->has_recent, key, 3, &found);
    if (rc == SQLITE_OK && !found)
        rc = sql_number_of(w->has_history, key, 3, &found);
    *there = found != 0;
    *other = false;
    if (rc != SQLITE_OK || found)
        return rc;
    rc = sql_number_of(w->has_seq, key, 1, &found);
    *other = found != 0;
    return rc;
}

static int add_past(struct given_writer *w, struct given_rows *rows,
                    const struct store_snapshot *row, int64_t instrument_id, struct row_text *text)
{
    bool there, other;
    int rc = look(w, row, instrument_id, &there, &other);
    if (rc == SQLITE_OK && other)
        rows->refused++;
    if (rc != SQLITE_OK || there || other)
        return rc;
    rows->written++;
    rows->elsewhere--;
    rc = add(w->add_past, row, instrument_id, text);
    return rc == SQLITE_OK
               ? sql_run(w->cover, SQL_VALUES(SQL_WHOLE(row->seq), SQL_WHOLE(row->ts_recv)))
               : rc;
}

int given_rows_add(struct given_writer *w, struct given_rows *rows,
                   const struct store_snapshot *row, int64_t instrument_id, struct row_text *text)
{
    if (row->seq <= rows->newest_seq)
        return add_past(w, rows, row, instrument_id, text);
    rows->written++;
    rows->elsewhere += row->seq - rows->newest_seq - 1;
    rows->newest_seq = row->seq;
    return add(w->add, row, instrument_id, text);
}

int given_rows_end(struct given_writer *w, const struct given_rows *rows, int64_t dropped)
{
    if (!rows->written && !dropped)
        return SQLITE_OK;
    return sql_run(w->keep_ledger, SQL_VALUES(SQL_WHOLE(rows->newest_seq), SQL_WHOLE(rows->written),
                                              SQL_WHOLE(dropped), SQL_WHOLE(rows->elsewhere)));
}

int given_writer_quote(struct given_writer *w, const struct store_snapshot *row,
                       int64_t instrument_id, struct row_text *text)
{
    sqlite3_bind_int64(w->put_quote, 1, row->seq);
    sqlite3_bind_int64(w->put_quote, 2, instrument_id);
    row_bind(w->put_quote, QUOTE_FIRST, row, text);
    return sql_run(w->put_quote, SQL_NONE);
}

/* --- trades and events ------------------------------------------------------------------------ */

/* How far the recorder of the present items has been read, and the bar that must be counted. */
struct items {
    struct given_writer *writer;
    const int64_t *ids;
    char recorder[STORE_RECORDER_BYTES]; /* "" = none yet */
    int64_t marks[3];                    /* by enum store_given_kind, but of instruments */
    bool counts;                         /* a bar must be counted again: */
    int64_t instrument_id, minute, number;
};

static int read_marks(struct items *s, const char *recorder)
{
    sqlite3_stmt *stmt = s->writer->marks;
    memset(s->marks, 0, sizeof(s->marks));
    snprintf(s->recorder, sizeof(s->recorder), "%s", recorder);
    sql_bind(stmt, SQL_VALUES(SQL_TEXT(s->recorder)));
    int rc = sqlite3_step(stmt);
    for (int i = 0; rc == SQLITE_ROW && i < 3; i++)
        s->marks[i] = sqlite3_column_int64(stmt, i);
    sqlite3_reset(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int write_marks(const struct items *s)
{
    if (!*s->recorder)
        return SQLITE_OK;
    return sql_run(s->writer->put_marks,
                   SQL_VALUES(SQL_TEXT(s->recorder), SQL_WHOLE(s->marks[GIVEN_SHOWN]),
                              SQL_WHOLE(s->marks[GIVEN_LISTED]), SQL_WHOLE(s->marks[GIVEN_EVENT])));
}

static int enter(struct items *s, const char *recorder)
{
    if (strcmp(s->recorder, recorder) == 0)
        return SQLITE_OK;
    int rc = write_marks(s);
    return rc == SQLITE_OK ? read_marks(s, recorder) : rc;
}

static int count_bar(struct items *s)
{
    bool counts = s->counts;
    s->counts = false;
    return counts ? tape_rows_recount(&s->writer->tape, s->instrument_id, s->minute, s->number)
                  : SQLITE_OK;
}

/* The bar of that minute is counted once for the trades that follow each other. */
static int count_later(struct items *s, int64_t instrument_id, int64_t ts_event, int64_t number)
{
    int64_t minute = trade_minute(ts_event);
    int rc = s->instrument_id == instrument_id && s->minute == minute ? SQLITE_OK : count_bar(s);
    s->counts = true;
    s->instrument_id = instrument_id;
    s->minute = minute;
    s->number = number;
    return rc;
}

/* Another recorder, or another of its changes, may have shown it. */
static int add_shown(struct items *s, const struct store_given *given, int64_t instrument_id)
{
    const struct store_trade row = {
        .instrument_id = instrument_id, .seq = given->number, .trade = given->trade};
    bool found = false;
    int rc = trades_find(&s->writer->tape.trades, &row, &found);
    return rc == SQLITE_OK && !found ? tape_rows_add(&s->writer->tape, &row) : rc;
}

/* Two trades of one list may be equal; of two recorders, both have listed the same one. */
static int is_listed_by_other(const struct items *s, const struct store_trade *row, bool *listed)
{
    int64_t others = 0;
    *listed = false;
    int rc = sql_number_of(s->writer->others, SQL_VALUES(SQL_TEXT(s->recorder)), &others);
    return rc == SQLITE_OK && others ? trades_find(&s->writer->tape.trades, row, listed) : rc;
}

static int add_listed(struct items *s, const struct store_given *given, int64_t instrument_id)
{
    const struct store_trade row = {
        .instrument_id = instrument_id, .seq = -given->number, .trade = given->trade};
    bool listed;
    int rc = is_listed_by_other(s, &row, &listed);
    if (rc != SQLITE_OK || listed)
        return rc;
    rc = tape_rows_add_only(&s->writer->tape, &row);
    if (rc == SQLITE_CONSTRAINT || rc == SQLITE_CONSTRAINT_PRIMARYKEY)
        return SQLITE_OK; /* of two recorders, with equal numbers */
    return rc == SQLITE_OK ? count_later(s, instrument_id, given->trade.ts_event, given->number)
                           : rc;
}

/* The trade gets the time and size of the message; it may be here with others, or not yet. */
static int correct(struct items *s, const struct store_given *given, int64_t instrument_id)
{
    int64_t was = 0;
    const struct store_trade row = {
        .instrument_id = instrument_id, .seq = given->corrects, .trade = given->trade};
    int rc = sql_number_of(s->writer->find_trade,
                           SQL_VALUES(SQL_WHOLE(instrument_id), SQL_WHOLE(given->corrects),
                                      SQL_WHOLE(given->trade.ts_event), SQL_WHOLE(CORRECTED_NS)),
                           &was);
    if (rc == SQLITE_OK && was) {
        rc = sql_run(s->writer->remove_trade, SQL_VALUES(SQL_WHOLE(instrument_id), SQL_WHOLE(was),
                                                         SQL_WHOLE(given->corrects)));
        if (rc == SQLITE_OK)
            rc = count_later(s, instrument_id, was, given->number);
    }
    if (rc == SQLITE_OK)
        rc = tape_rows_add_only(&s->writer->tape, &row);
    return rc == SQLITE_OK ? count_later(s, instrument_id, given->trade.ts_event, given->number)
                           : rc;
}

static int write_listed(struct items *s, const struct store_given *given, int64_t instrument_id)
{
    int rc =
        given->corrects ? correct(s, given, instrument_id) : add_listed(s, given, instrument_id);
    return rc == SQLITE_OK ? sql_run(s->writer->keep_listed, SQL_VALUES(SQL_WHOLE(given->number)))
                           : rc;
}

static int write_event(struct items *s, const struct store_given *given)
{
    return sql_run(s->writer->add_event,
                   SQL_VALUES(SQL_WHOLE(given->ts), SQL_TEXT(given->event), SQL_TEXT(given->symbol),
                              SQL_TEXT(given->detail), SQL_TEXT(s->recorder)));
}

static int write_instruments(const struct items *s, const struct instrument_list *list)
{
    int64_t newest = 0;
    for (size_t i = 0; i < instrument_list_count(list); i++) {
        int64_t ts_listed = instrument_list_at(list, i)->ts_listed;
        newest = ts_listed > newest ? ts_listed : newest;
    }
    int rc = list_writer_put(&s->writer->lists, list);
    return rc == SQLITE_OK ? sql_run(s->writer->mark_list, SQL_VALUES(SQL_WHOLE(newest))) : rc;
}

static int write_item(struct items *s, const struct store_given *given)
{
    if (given->kind == GIVEN_INSTRUMENTS)
        return write_instruments(s, given->instruments);
    int rc = enter(s, given->recorder);
    if (rc != SQLITE_OK || given->number <= s->marks[given->kind])
        return rc;
    s->marks[given->kind] = given->number;
    switch (given->kind) {
    case GIVEN_SHOWN:
        rc = count_bar(s); /* it may be the same bar */
        return rc == SQLITE_OK ? add_shown(s, given, s->ids[given->instrument]) : rc;
    case GIVEN_LISTED:
        return write_listed(s, given, s->ids[given->instrument]);
    case GIVEN_EVENT:
    case GIVEN_INSTRUMENTS:
        break;
    }
    return write_event(s, given);
}

int given_writer_items(struct given_writer *w, const struct store_given *items, size_t count,
                       const int64_t *ids)
{
    struct items s = {.writer = w, .ids = ids};
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < count; i++)
        rc = write_item(&s, &items[i]);
    if (rc == SQLITE_OK)
        rc = count_bar(&s);
    return rc == SQLITE_OK ? write_marks(&s) : rc;
}

/* --- the place -------------------------------------------------------------------------------- */

int given_writer_place(struct given_writer *w, const struct store_place *place)
{
    if (!place->ts_created)
        return SQLITE_OK;
    return sql_run(w->put_place, SQL_VALUES(SQL_WHOLE(place->ts_created), SQL_WHOLE(place->number),
                                            SQL_WHOLE(place->ts_stored)));
}
