#include "store/write/growth.h"

#include "base/clock.h"
#include "store/sql.h"

#include <math.h>
#include <sqlite3.h>
#include <stddef.h>

#define WEEK_DAYS 7 /* so that every period includes a weekend */

double growth_per_day(int64_t ts_from, int64_t bytes_from, int64_t ts_to, int64_t bytes_to)
{
    double hours = (double)(ts_to - ts_from) / (double)NS_PER_HOUR;
    if (hours < 1)
        return NAN;
    return (double)(bytes_to - bytes_from) / hours * 24;
}

static int read_sizes(sqlite3 *db, struct growth *out)
{
    int64_t page_bytes = 0, pages = 0, spare = 0; /* spare: free pages */
    int rc = sql_number(db, "PRAGMA page_size", &page_bytes);
    if (rc == SQLITE_OK)
        rc = sql_number(db, "PRAGMA page_count", &pages);
    if (rc == SQLITE_OK)
        rc = sql_number(db, "PRAGMA freelist_count", &spare);
    out->used_bytes = (pages - spare) * page_bytes;
    out->free_bytes = spare * page_bytes;
    return rc;
}

static int write_day(sqlite3 *db, int64_t now_ns, int64_t bytes)
{
    return sql_once(db,
                    "INSERT INTO size_day VALUES (?1, ?2, ?3, ?2, ?3) "
                    "ON CONFLICT (ts_day) DO UPDATE SET ts_to = ?2, bytes_to = ?3",
                    SQL_VALUES(SQL_WHOLE(art_day_begins_ns(art_day(now_ns))), SQL_WHOLE(now_ns),
                               SQL_WHOLE(bytes)));
}

static int read_first(sqlite3 *db, int64_t now_ns, struct growth *out)
{
    sqlite3_stmt *stmt;
    int rc = sqlite3_prepare_v2(db,
                                "SELECT ts_from, bytes_from FROM size_day WHERE ts_day >= ?1 "
                                "ORDER BY ts_day LIMIT 1",
                                -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_int64(stmt, 1, art_day_begins_ns(art_day(now_ns) - WEEK_DAYS));
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        out->bytes_per_day = growth_per_day(sqlite3_column_int64(stmt, 0),
                                            sqlite3_column_int64(stmt, 1), now_ns, out->used_bytes);
    sqlite3_finalize(stmt);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

int growth_look(sqlite3 *db, int64_t now_ns, struct growth *out)
{
    struct growth look = {.bytes_per_day = NAN};
    int rc = read_sizes(db, &look);
    if (rc == SQLITE_OK)
        rc = write_day(db, now_ns, look.used_bytes);
    if (rc == SQLITE_OK)
        rc = read_first(db, now_ns, &look);
    if (rc == SQLITE_OK)
        *out = look;
    return rc;
}
