#include "store/read/change_keys.h"

#include "store/packed.h"
#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>

#define PART_ROWS 32768 /* of history_seq.part */

struct change_keys {
    sqlite3 *db;
    sqlite3_stmt *part, *list;
    int64_t after;           /* the keys are those of all changes above it, up to the last one */
    struct change_key *keys; /* NULL: none are kept */
    size_t count, at;        /* those before `at` were returned */
};

#define MEMBER(name) offsetof(struct change_keys, name)

static const struct sql_statement statements[] = {
    {MEMBER(part), "SELECT part, ts_from, ts_to FROM history_seq"
                   " WHERE part >= ?1 AND seq_to > ?2 ORDER BY part LIMIT 1"},
    {MEMBER(list),
     "SELECT h.instrument_id, h.ts_recv, h.seq"
     "  FROM instrument p CROSS JOIN snapshot_history h"
     "    ON h.instrument_id = p.id AND h.ts_recv >= ?3 AND h.ts_recv <= ?4"
     " WHERE p.ts_recorded IS NOT NULL AND h.seq > ?1 AND h.seq < ?2"
     "   AND " SQL_NOT_MOVING("h") " "
                                   "UNION ALL "
                                   "SELECT instrument_id, ts_recv, seq"
                                   "  FROM snapshot_recent WHERE seq > ?1 AND seq < ?2 ORDER BY 3"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

static int fail(const struct change_keys *k, struct err *err)
{
    return sql_fail(k->db, "cannot read the database", err);
}

int change_keys_open(struct change_keys **out, struct sqlite3 *db, struct err *err)
{
    struct change_keys *k = calloc(1, sizeof(*k));
    if (!k)
        return err_set(err, -ENOMEM, "out of memory");
    k->db = db;
    int rc = sql_prepare_all(k, statements, STATEMENTS, db, err);
    if (rc)
        free(k);
    else
        *out = k;
    return rc;
}

static void forget(struct change_keys *k)
{
    free(k->keys);
    k->keys = NULL;
    k->count = k->at = 0;
}

void change_keys_close(struct change_keys *k)
{
    if (!k)
        return;
    forget(k);
    sql_finalize_all(k, statements, STATEMENTS);
    free(k);
}

/* --- reading a range -------------------------------------------------------------------------- */

struct part {
    int64_t seq_end, ts_from, ts_to;
};

/* The first part that has a seq above `after`. 1: found; 0: there is none; or an error. */
static int find_part(struct change_keys *k, int64_t after, struct part *out, struct err *err)
{
    sql_bind(k->part, SQL_VALUES(SQL_WHOLE(after / PART_ROWS), SQL_WHOLE(after)));
    int step = sqlite3_step(k->part);
    if (step == SQLITE_ROW)
        *out = (struct part){.seq_end = (sqlite3_column_int64(k->part, 0) + 1) * PART_ROWS,
                             .ts_from = sqlite3_column_int64(k->part, 1),
                             .ts_to = sqlite3_column_int64(k->part, 2)};
    int rc = step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : fail(k, err);
    sqlite3_reset(k->part);
    return rc;
}

static bool add_row(struct change_keys *k, size_t *room)
{
    if (k->count == *room) {
        size_t larger = *room ? *room * 2 : 1024;
        struct change_key *keys = realloc(k->keys, larger * sizeof(*keys));
        if (!keys)
            return false;
        k->keys = keys;
        *room = larger;
    }
    k->keys[k->count++] =
        (struct change_key){sqlite3_column_int64(k->list, 0), sqlite3_column_int64(k->list, 1),
                            sqlite3_column_int64(k->list, 2)};
    return true;
}

static int read_part(struct change_keys *k, int64_t after, const struct part *part, struct err *err)
{
    size_t room = 0;
    int step;
    bool whole = true;
    forget(k);
    k->after = after;
    sql_bind(k->list, SQL_VALUES(SQL_WHOLE(after), SQL_WHOLE(part->seq_end),
                                 SQL_WHOLE(part->ts_from), SQL_WHOLE(part->ts_to)));
    while (whole && (step = sqlite3_step(k->list)) == SQLITE_ROW)
        whole = add_row(k, &room);
    int rc = !whole                ? err_set(err, -ENOMEM, "out of memory")
             : step != SQLITE_DONE ? fail(k, err)
                                   : 0;
    sqlite3_reset(k->list);
    if (rc)
        forget(k);
    return rc;
}

/* --- next ------------------------------------------------------------------------------------- */

/* False: it is not among those that are kept. */
static bool next_kept(struct change_keys *k, int64_t after, struct change_key *out)
{
    if (after < k->after)
        return false;
    if (k->at > 0 && k->keys[k->at - 1].seq > after)
        k->at = 0; /* as in a second reading */
    while (k->at < k->count && k->keys[k->at].seq <= after)
        k->at++;
    if (k->at == k->count)
        return false;
    *out = k->keys[k->at++];
    return true;
}

/* Part by part, because a part has fewer rows than its numbers when retention deleted some. */
int change_keys_next(struct change_keys *k, int64_t after, struct change_key *out, struct err *err)
{
    struct part part = {0};
    int rc = 1;
    while (rc > 0 && !next_kept(k, after, out)) {
        rc = find_part(k, after, &part, err);
        int failed = rc > 0 ? read_part(k, after, &part, err) : 0;
        rc = failed ? failed : rc;
        if (rc > 0 && k->count == 0)
            after = part.seq_end - 1;
    }
    if (rc == 0)
        forget(k);
    return rc;
}
