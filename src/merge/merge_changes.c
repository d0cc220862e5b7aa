#include "merge/merge_run.h"

#include "base/array.h"
#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

/* Of one instrument; the arrays are reused for the next. */
struct merging {
    struct merge_run *run;
    size_t instrument;
    struct coverage_list parts;
    struct coverage_part *spans, *missed; /* the latter with room for parts and spans */
    size_t spans_count, spans_cap, missed_cap;
    struct change_union changes;
    struct change_row next[MERGE_MOST]; /* of each database; seq 0: no more */
    int rc;                             /* SQLite's, of writing */
};

static int64_t id_of(const struct merging *m)
{
    return (int64_t)m->instrument + 1;
}

/* --- coverage --------------------------------------------------------------------------------- */

static bool make_room(struct merging *m)
{
    size_t spans = 2 * m->parts.count + 1, missed = 3 * m->parts.count + 1;
    void *larger = array_grow(m->spans, &m->spans_cap, spans, sizeof(*m->spans));
    if (!larger)
        return false;
    m->spans = larger;
    larger = array_grow(m->missed, &m->missed_cap, missed, sizeof(*m->missed));
    if (!larger)
        return false;
    m->missed = larger;
    return true;
}

static bool note_missed(struct merging *m, int recorder)
{
    const struct coverage_union_parts given = {m->parts.item, m->parts.count, m->spans,
                                               m->spans_count};
    size_t count = coverage_union_missed(&given, recorder, m->missed);
    for (size_t i = 0; i < count; i++) {
        m->missed[i].recorder = recorder;
        if (!outages_add(&m->run->report->outages, m->instrument, &m->missed[i]))
            return false;
    }
    return true;
}

static int unite_coverage(struct merging *m)
{
    int rc = SQLITE_OK;
    m->spans_count = coverage_union(m->parts.item, m->parts.count, m->spans);
    for (size_t i = 0; i < m->spans_count && rc == SQLITE_OK; i++)
        rc = union_db_put_coverage(&m->run->to, id_of(m), &m->spans[i]);
    for (int i = 0; i < m->run->from_count && rc == SQLITE_OK; i++) {
        if (m->run->instruments.item[m->instrument].there[i] && !note_missed(m, i))
            rc = SQLITE_NOMEM;
    }
    return rc;
}

static int read_coverage(struct merging *m, struct sqlite3 **at)
{
    m->parts.count = 0;
    for (int i = 0; i < m->run->from_count; i++) {
        int64_t id = m->run->instruments.item[m->instrument].there[i];
        int rc = id ? recorder_db_coverage(&m->run->from[i], id, &m->parts) : SQLITE_OK;
        *at = m->run->from[i].db;
        if (rc != SQLITE_OK)
            return rc;
    }
    return make_room(m) ? SQLITE_OK : SQLITE_NOMEM;
}

/* --- changes ---------------------------------------------------------------------------------- */

static void keep(void *arg, const struct change_row *row)
{
    struct merging *m = arg;
    m->run->report->shares[row->recorder].changes_taken++;
    if (m->rc == SQLITE_OK)
        m->rc = union_db_keep(&m->run->to, id_of(m), row);
}

static int advance(struct merging *m, int recorder)
{
    int rc = recorder_db_next(&m->run->from[recorder], &m->next[recorder]);
    m->run->report->shares[recorder].changes += m->next[recorder].seq != 0;
    return rc;
}

static int begin_rows(struct merging *m, struct sqlite3 **at)
{
    int rc = SQLITE_OK;
    for (int i = 0; i < m->run->from_count && rc == SQLITE_OK; i++) {
        int64_t id = m->run->instruments.item[m->instrument].there[i];
        m->next[i].seq = 0;
        *at = m->run->from[i].db;
        if (id) {
            recorder_db_begin(&m->run->from[i], id);
            rc = advance(m, i);
        }
    }
    return rc;
}

static struct change_row *earliest(struct merging *m)
{
    struct change_row *found = NULL;
    for (int i = 0; i < m->run->from_count; i++) {
        if (m->next[i].seq && (!found || m->next[i].ts_recv < found->ts_recv))
            found = &m->next[i];
    }
    return found;
}

static int unite_rows(struct merging *m, struct sqlite3 **at)
{
    struct change_row *row;
    int rc = begin_rows(m, at);
    change_union_begin(&m->changes, m->spans, m->spans_count, keep, m);
    while (rc == SQLITE_OK && (row = earliest(m))) {
        change_union_add(&m->changes, row);
        *at = m->run->from[row->recorder].db;
        rc = advance(m, row->recorder);
    }
    if (rc == SQLITE_OK)
        change_union_end(&m->changes);
    if (rc != SQLITE_OK || m->rc == SQLITE_OK)
        return rc;
    *at = m->run->to.db;
    return m->rc;
}

/* --- states ----------------------------------------------------------------------------------- */

/* The newest state in any database, of an instrument whose changes were all deleted, or none. */
static int put_old_state(struct merging *m, struct sqlite3 **at)
{
    static const char sql[] = "SELECT " ROW_COLUMNS " FROM quote WHERE instrument_id = ?1";
    struct store_snapshot newest = {.ts_recv = INT64_MIN}, row = {.ts_recv = 0};
    int rc = SQLITE_OK;
    for (int i = 0; i < m->run->from_count && rc == SQLITE_OK; i++) {
        struct recorder_db *from = &m->run->from[i];
        sqlite3_stmt *stmt;
        *at = from->db;
        rc = sqlite3_prepare_v2(from->db, sql, -1, &stmt, NULL);
        sql_bind(stmt, SQL_VALUES(SQL_WHOLE(m->run->instruments.item[m->instrument].there[i])));
        if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
            row_read(stmt, 0, from->parser, &row);
            newest = row.ts_recv > newest.ts_recv ? row : newest;
        }
        sqlite3_finalize(stmt);
    }
    *at = m->run->to.db;
    return rc == SQLITE_OK && newest.ts_recv != INT64_MIN
               ? union_db_put_old_state(&m->run->to, id_of(m), &newest)
               : rc;
}

static int put_state(struct merging *m, struct sqlite3 **at)
{
    if (!m->changes.last.seq)
        return put_old_state(m, at);
    *at = m->run->to.db;
    return union_db_put_state(&m->run->to, id_of(m), &m->changes.last);
}

/* --- all -------------------------------------------------------------------------------------- */

static int unite_instrument(struct merging *m, struct sqlite3 **at)
{
    int rc = read_coverage(m, at);
    if (rc == SQLITE_OK) {
        *at = m->run->to.db;
        rc = unite_coverage(m);
    }
    if (rc == SQLITE_OK)
        rc = unite_rows(m, at);
    return rc == SQLITE_OK ? put_state(m, at) : rc;
}

static int unite_all(struct merging *m, struct sqlite3 **at)
{
    size_t count = m->run->instruments.count;
    const struct merge_parts *parts = m->run->parts;
    int rc = SQLITE_OK;
    for (; m->instrument < count && rc == SQLITE_OK; m->instrument++) {
        rc = unite_instrument(m, at);
        if (parts->progress)
            parts->progress(parts->arg, m->instrument + 1, 2 * count);
    }
    if (rc != SQLITE_OK)
        return rc;
    *at = m->run->to.db;
    return union_db_number(&m->run->to);
}

int merge_changes(struct merge_run *run, struct err *err)
{
    struct merging *m = calloc(1, sizeof(*m));
    if (!m)
        return err_set(err, -ENOMEM, "out of memory");
    struct sqlite3 *at = run->to.db;
    m->run = run;
    int rc = unite_all(m, &at);
    free(m->parts.item);
    free(m->spans);
    free(m->missed);
    free(m);
    if (rc == SQLITE_NOMEM)
        return err_set(err, -ENOMEM, "out of memory");
    run->report->changes = run->to.changes;
    return rc == SQLITE_OK ? 0 : sql_fail(at, "cannot merge the changes", err);
}
