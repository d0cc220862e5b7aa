#include "merge/instrument_union.h"

#include "base/array.h"
#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the instruments of all databases -----------------------------------------------------------
 */

struct name {
    char *symbol, *market; /* owned */
    int recorder;
    int64_t id;
    int64_t ts_listed, ts_created, ts_recorded; /* 0 = NULL */
};

struct names {
    struct name *item;
    size_t count, cap;
};

static void names_finish(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->item[i].symbol);
        free(names->item[i].market);
    }
    free(names->item);
}

static char *text_of(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    return strdup(text ? text : "");
}

static int add_name(struct names *names, sqlite3_stmt *stmt, int recorder)
{
    struct name *larger =
        array_grow(names->item, &names->cap, names->count + 1, sizeof(*names->item));
    if (!larger)
        return SQLITE_NOMEM;
    names->item = larger;
    struct name *name = &names->item[names->count++];
    *name = (struct name){.symbol = text_of(stmt, 0),
                          .market = text_of(stmt, 1),
                          .recorder = recorder,
                          .id = sqlite3_column_int64(stmt, 2),
                          .ts_listed = sqlite3_column_int64(stmt, 3),
                          .ts_created = sqlite3_column_int64(stmt, 4),
                          .ts_recorded = sqlite3_column_int64(stmt, 5)};
    return name->symbol && name->market ? SQLITE_OK : SQLITE_NOMEM;
}

static int read_names(struct recorder_db *from, struct names *names)
{
    static const char sql[] =
        "SELECT symbol, market_id, id, ts_listed, ts_created, ts_recorded FROM instrument";
    sqlite3_stmt *stmt;
    int rc = sqlite3_prepare_v2(from->db, sql, -1, &stmt, NULL);
    while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        rc = add_name(names, stmt, from->recorder);
    int end = sqlite3_finalize(stmt);
    return rc == SQLITE_OK ? end : rc;
}

static int compare_names(const struct name *a, const struct name *b)
{
    int order = strcmp(a->symbol, b->symbol);
    return order ? order : strcmp(a->market, b->market);
}

static int by_name(const void *one, const void *other)
{
    const struct name *a = one, *b = other;
    int order = compare_names(a, b);
    return order ? order : a->recorder - b->recorder;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

/* Copies rows of `instrument` with all columns, whatever the schema has. */
struct row_copy {
    struct sqlite3_stmt *read[CHANGE_UNION_RECORDERS], *write;
    int columns, id, created, recorded; /* number and positions */
};

static int prepare_copy(struct row_copy *copy, struct recorder_db *from, int from_count,
                        struct union_db *to)
{
    char sql[512] = "INSERT INTO instrument VALUES (?";
    int rc = SQLITE_OK;
    for (int i = 0; i < from_count && rc == SQLITE_OK; i++)
        rc = sqlite3_prepare_v2(from[i].db, "SELECT * FROM instrument WHERE id = ?1", -1,
                                &copy->read[i], NULL);
    copy->columns = rc == SQLITE_OK ? sqlite3_column_count(copy->read[0]) : 0;
    for (int i = 0; i < copy->columns; i++) {
        const char *name = sqlite3_column_name(copy->read[0], i);
        copy->id = strcmp(name, "id") == 0 ? i : copy->id;
        copy->created = strcmp(name, "ts_created") == 0 ? i : copy->created;
        copy->recorded = strcmp(name, "ts_recorded") == 0 ? i : copy->recorded;
        if (i)
            snprintf(sql + strlen(sql), sizeof(sql) - strlen(sql), ",?");
    }
    snprintf(sql + strlen(sql), sizeof(sql) - strlen(sql), ")");
    return rc == SQLITE_OK ? sqlite3_prepare_v2(to->db, sql, -1, &copy->write, NULL) : rc;
}

static void finish_copy(struct row_copy *copy)
{
    for (int i = 0; i < CHANGE_UNION_RECORDERS; i++)
        sqlite3_finalize(copy->read[i]);
    sqlite3_finalize(copy->write);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return !a || (b && b < a) ? b : a;
}

/* The names are of one instrument. */
static int write_row(struct row_copy *copy, const struct name *names, size_t count, int64_t id)
{
    const struct name *newest = names;
    int64_t ts_created = 0, ts_recorded = 0;
    for (size_t i = 0; i < count; i++) {
        newest = names[i].ts_listed > newest->ts_listed ? &names[i] : newest;
        ts_created = earlier(ts_created, names[i].ts_created);
        ts_recorded = earlier(ts_recorded, names[i].ts_recorded);
    }
    sqlite3_stmt *read = copy->read[newest->recorder];
    sql_bind(read, SQL_VALUES(SQL_WHOLE(newest->id)));
    if (sqlite3_step(read) != SQLITE_ROW)
        return sqlite3_reset(read);
    for (int i = 0; i < copy->columns; i++)
        sqlite3_bind_value(copy->write, i + 1, sqlite3_column_value(read, i));
    sqlite3_bind_int64(copy->write, copy->id + 1, id);
    sqlite3_bind_int64(copy->write, copy->created + 1, ts_created);
    sql_bind_whole(copy->write, copy->recorded + 1, ts_recorded, 0);
    int rc = sql_run(copy->write, SQL_NONE);
    sqlite3_reset(read);
    return rc;
}

static int write_all(struct instrument_union *all, const struct names *names, struct row_copy *copy)
{
    int rc = SQLITE_OK;
    for (size_t i = 0, same; i < names->count && rc == SQLITE_OK; i += same) {
        struct union_instrument *instrument = &all->item[all->count++];
        for (same = 0;
             i + same < names->count && compare_names(&names->item[i], &names->item[i + same]) == 0;
             same++)
            instrument->there[names->item[i + same].recorder] = names->item[i + same].id;
        rc = write_row(copy, &names->item[i], same, (int64_t)all->count);
    }
    return rc;
}

int instrument_union_make(struct instrument_union *all, struct recorder_db *from, int from_count,
                          struct union_db *to, struct err *err)
{
    struct names names = {0};
    struct row_copy copy = {0};
    struct sqlite3 *at = to->db;
    int rc = SQLITE_OK;
    *all = (struct instrument_union){0};
    for (int i = 0; i < from_count && rc == SQLITE_OK; i++) {
        at = from[i].db;
        rc = read_names(&from[i], &names);
    }
    all->item = rc == SQLITE_OK ? calloc(names.count + 1, sizeof(*all->item)) : NULL;
    if (all->item) {
        if (names.count)
            qsort(names.item, names.count, sizeof(*names.item), by_name);
        at = to->db;
        rc = prepare_copy(&copy, from, from_count, to);
    }
    if (rc == SQLITE_OK && all->item)
        rc = write_all(all, &names, &copy);
    finish_copy(&copy);
    names_finish(&names);
    if (rc == SQLITE_OK && !all->item)
        return err_set(err, -ENOMEM, "out of memory");
    return rc == SQLITE_OK ? 0 : sql_fail(at, "cannot merge the instruments", err);
}

void instrument_union_finish(struct instrument_union *all)
{
    free(all->item);
    all->item = NULL;
}
