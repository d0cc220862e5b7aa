#include "store/write/carried_state.h"

#include "base/array.h"
#include "store/sql.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct carried_state_mark {
    sqlite3_value **values; /* owned, each of them too */
    int count;
};

static void forget_marks(struct carried_state *carry)
{
    for (size_t i = 0; i < carry->export_marks_count; i++) {
        for (int k = 0; k < carry->marks[i].count; k++)
            sqlite3_value_free(carry->marks[i].values[k]);
        free(carry->marks[i].values);
    }
    free(carry->marks);
    carry->marks = NULL;
    carry->export_marks_count = 0;
}

void carried_state_finish(struct carried_state *carry)
{
    forget_marks(carry);
    for (size_t i = 0; i < carry->names_count; i++)
        pending_instrument_finish(&carry->names[i]);
    free(carry->names);
    free(carry->states);
    free(carry->seen);
    free(carry->watched);
    *carry = (struct carried_state){0};
}

/* --- after each commit ------------------------------------------------------------------------ */

static void take_names(struct carried_state *carry, struct batch *batch)
{
    size_t count = carry->names_count + batch->pending.instruments_count;
    carry->names = array_must_grow(carry->names, &carry->names_cap, count, sizeof(*carry->names));
    if (batch->pending.instruments_count)
        memcpy(carry->names + carry->names_count, batch->pending.instruments,
               batch->pending.instruments_count * sizeof(*batch->pending.instruments));
    carry->names_count = count;
    batch->pending.instruments_count = 0; /* carry owns the texts now */
}

static void take_state(struct carried_state *carry, const struct store_snapshot *state)
{
    size_t at = (size_t)state->instrument;
    carry->states =
        array_must_grow(carry->states, &carry->states_cap, at + 1, sizeof(*carry->states));
    carry->states[at] = *state;
}

static void take_seen(struct carried_state *carry, size_t at, int64_t ts_seen)
{
    carry->seen = array_must_grow(carry->seen, &carry->seen_cap, at + 1, sizeof(*carry->seen));
    carry->seen[at] = ts_seen;
}

static void take_watch(struct carried_state *carry, const struct coverage_rows_watch *watch)
{
    int32_t *watched = malloc((watch->count + 1) * sizeof(*watched));
    if (!watched)
        abort();
    memcpy(watched, watch->instruments, watch->count * sizeof(*watched));
    free(carry->watched);
    carry->watched = watched;
    carry->watched_count = watch->count;
}

/* Those of a day begin with the general one. */
static void take_session(struct carried_state *carry, const struct store_session *session)
{
    if (!*session->segment)
        carry->sessions_count = 0;
    if (carry->sessions_count < CALENDARS_MAX)
        carry->sessions[carry->sessions_count++] = *session;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void carried_state_take(struct carried_state *carry, struct batch *batch, int64_t now_ns)
{
    take_names(carry, batch);
    for (size_t i = 0; i < batch->pending.known_count; i++) {
        take_state(carry, &batch->pending.known[i].state);
        take_seen(carry, (size_t)batch->pending.known[i].state.instrument,
                  batch->pending.known[i].ts_seen);
    }
    for (size_t i = 0; i < batch->pending.kept_count; i++) {
        if (batch->pending.kept[i].seq)
            take_state(carry, &batch->pending.kept[i]);
    }
    for (size_t i = 0; i < batch->rows_count; i++) {
        if (!batch->rows[i].past)
            take_state(carry, &batch->rows[i]);
    }
    for (size_t i = 0; i < batch->pending.seen_count; i++) {
        if (batch->pending.seen[i])
            take_seen(carry, i, batch->pending.seen[i]);
    }
    for (size_t i = 0; i < batch->pending.spans.sessions_count; i++)
        take_session(carry, &batch->pending.spans.sessions[i]);
    if (batch->pending.spans.watches_count)
        take_watch(carry, &batch->pending.spans.watches[batch->pending.spans.watches_count - 1]);
    for (size_t i = 0; i < batch->rows_count; i++) /* those of a replica may be out of order */
        carry->last_seq = larger(carry->last_seq, batch->rows[i].seq);
    carry->last_seq = larger(carry->last_seq, batch->pending.skipped_to);
    carry->place = batch->place;
    carry->ts_committed = now_ns;
}

/* --- from the lost database ------------------------------------------------------------------- */

static bool read_mark(sqlite3_stmt *stmt, struct carried_state_mark *mark)
{
    *mark = (struct carried_state_mark){.count = sqlite3_column_count(stmt)};
    mark->values = calloc((size_t)mark->count, sizeof(*mark->values));
    for (int k = 0; mark->values && k < mark->count; k++)
        mark->values[k] = sqlite3_value_dup(sqlite3_column_value(stmt, k));
    return mark->values != NULL;
}

void carried_state_read(struct carried_state *carry, const struct batch_writer *writer)
{
    sqlite3_stmt *stmt;
    size_t cap = 0;
    forget_marks(carry);
    carry->last_event_id = writer->last_event_id;
    if (sqlite3_prepare_v2(writer->db, "SELECT * FROM export_mark", -1, &stmt, NULL) != SQLITE_OK)
        return;
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        carry->marks = array_must_grow(carry->marks, &cap, carry->export_marks_count + 1,
                                       sizeof(*carry->marks));
        if (read_mark(stmt, &carry->marks[carry->export_marks_count]))
            carry->export_marks_count++;
    }
    sqlite3_finalize(stmt);
}

/* --- into the new database -------------------------------------------------------------------- */

static int64_t count_states(const struct carried_state *carry)
{
    int64_t count = 0;
    for (size_t i = 0; i < carry->states_cap && i < carry->names_count; i++)
        count += carry->states[i].seq != 0;
    return count;
}

struct carried_state_plan carried_state_plan(const struct carried_state *carry, int64_t seq_offset,
                                             int64_t file_last_seq)
{
    int64_t ours = carry->last_seq + seq_offset;
    if (carry->replica)
        return (struct carried_state_plan){.seq_before = carry->last_seq,
                                           .states = count_states(carry)};
    struct carried_state_plan plan = {.seq_before = ours > file_last_seq ? ours : file_last_seq,
                                      .states = count_states(carry)};
    plan.elsewhere = plan.seq_before - file_last_seq;
    plan.seq_offset = plan.seq_before + plan.states - carry->last_seq;
    return plan;
}

static int write_names(const struct carried_state *carry, struct batch_writer *writer,
                       struct batch *batch)
{
    batch->pending.instruments = carry->names;
    batch->pending.instruments_count = carry->names_count;
    int rc = batch_put(writer, batch);
    batch->pending.instruments_count = 0;
    return rc;
}

/* A carried state is not a change, so `changed` of its row is 0. In a replica it is the change
 * itself, which the lost database had. */
static int write_states(const struct carried_state *carry, struct batch_writer *writer,
                        struct batch *batch, int64_t seq)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < carry->states_cap && i < carry->names_count; i++) {
        if (!carry->states[i].seq)
            continue;
        struct store_snapshot *row = &batch->rows[batch->rows_count++];
        *row = carry->states[i];
        if (!carry->replica) {
            row->seq = ++seq;
            row->changed = 0;
        }
        if (batch->rows_count < BATCH_ROWS)
            continue;
        rc = batch_put(writer, batch);
        batch->rows_count = 0;
    }
    return rc == SQLITE_OK ? batch_put(writer, batch) : rc;
}

static int write_present(const struct carried_state *carry, struct batch_writer *writer,
                         struct batch *batch)
{
    struct coverage_rows_watch watch = {carry->watched, carry->watched_count, carry->ts_committed};
    *batch = (struct batch){.pending.seen = carry->seen, .place = carry->place};
    batch->pending.seen_count =
        carry->seen_cap < carry->names_count ? carry->seen_cap : carry->names_count;
    batch->pending.spans.watches = &watch;
    batch->pending.spans.watches_count = carry->watched != NULL;
    memcpy(batch->pending.spans.sessions, carry->sessions, sizeof(carry->sessions));
    batch->pending.spans.sessions_count = carry->sessions_count;
    return batch_put(writer, batch);
}

static int write_mark(struct batch_writer *writer, const struct carried_state_mark *mark)
{
    sqlite3_stmt *stmt;
    char sql[256] = "INSERT INTO export_mark VALUES (?";
    for (int k = 1; k < mark->count && k < 64; k++)
        strcat(sql, ", ?");
    strcat(sql, ")");
    int rc = sqlite3_prepare_v2(writer->db, sql, -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    for (int k = 0; k < mark->count; k++)
        sqlite3_bind_value(stmt, k + 1, mark->values[k]);
    rc = sql_run(stmt, SQL_NONE);
    sqlite3_finalize(stmt);
    return rc;
}

/* A database that already has marks keeps them: they describe what was exported of it. */
static int write_marks(const struct carried_state *carry, struct batch_writer *writer)
{
    int64_t there = 0;
    int rc = sql_number(writer->db, "SELECT count(*) FROM export_mark", &there);
    for (size_t i = 0; rc == SQLITE_OK && !there && i < carry->export_marks_count; i++)
        rc = write_mark(writer, &carry->marks[i]);
    return rc;
}

/* Its id is above those of the lost database, because exports of events continue by id. */
static int write_event(const struct carried_state *carry, struct batch_writer *writer,
                       int64_t now_ns, const char *words)
{
    int rc = sql_once(writer->db,
                      "INSERT INTO feed_event (id, ts, kind, detail) "
                      "SELECT iif(?1 > coalesce(max(seq), 0), ?1 + 1, NULL), ?2, ?3, ?4 "
                      "FROM sqlite_sequence WHERE name = 'feed_event'",
                      SQL_VALUES(SQL_WHOLE(carry->last_event_id), SQL_WHOLE(now_ns),
                                 SQL_TEXT(event_kind_name(EVENT_STORE_REOPENED)), SQL_TEXT(words)));
    writer->last_event_id = sqlite3_last_insert_rowid(writer->db);
    return rc;
}

static int write_all(const struct carried_state *carry, struct batch_writer *writer,
                     struct batch *batch, const struct carried_state_plan *plan)
{
    int rc =
        sql_once(writer->db,
                 carry->replica ? "UPDATE ledger SET listed = max(listed, ?3)"
                                : "UPDATE ledger SET elsewhere = elsewhere + ?1, last_seq = ?2, "
                                  "listed = max(listed, ?3)",
                 SQL_VALUES(SQL_WHOLE(plan->elsewhere), SQL_WHOLE(plan->seq_before),
                            SQL_WHOLE(carry->listed)));
    if (rc == SQLITE_OK)
        rc = write_names(carry, writer, batch);
    if (rc == SQLITE_OK)
        rc = write_states(carry, writer, batch, plan->seq_before);
    if (rc == SQLITE_OK)
        rc = write_present(carry, writer, batch);
    return rc == SQLITE_OK ? write_marks(carry, writer) : rc;
}

int carried_state_write(const struct carried_state *carry, struct batch_writer *writer,
                        const struct carried_state_plan *plan, int64_t now_ns, const char *words)
{
    struct batch *batch = calloc(1, sizeof(*batch)); /* borrows everything it points to */
    if (!batch)
        return SQLITE_NOMEM;
    int rc = sql_begin(writer->db);
    if (rc == SQLITE_OK)
        rc = write_all(carry, writer, batch, plan);
    if (rc == SQLITE_OK)
        rc = write_event(carry, writer, now_ns, words);
    if (rc == SQLITE_OK)
        rc = sql_exec(writer->db, "COMMIT");
    free(batch);
    writer->seq_offset = plan->seq_offset;
    /* Earlier data is in another file. */
    coverage_cuts_add(&writer->coverage.cuts, (struct coverage_cut){0, carry->ts_committed});
    return rc;
}

int carried_state_renew(const struct carried_state *carry, struct batch_writer *writer,
                        int64_t seq_offset, int64_t now_ns, const char *words)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (!batch)
        return SQLITE_NOMEM;
    int rc = sql_begin(writer->db);
    if (rc == SQLITE_OK)
        rc = write_names(carry, writer, batch);
    if (rc == SQLITE_OK)
        rc = write_event(carry, writer, now_ns, words);
    if (rc == SQLITE_OK)
        rc = sql_exec(writer->db, "COMMIT");
    free(batch);
    writer->seq_offset = seq_offset;
    return rc;
}
