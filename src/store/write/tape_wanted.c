#include "store/write/tape_wanted.h"

#include "base/clock.h"
#include "store/sql.h"

#include <sqlite3.h>

#define BUSY_MS 30000 /* the service locks only briefly; another program's lock may last */
#define KEEP_NS (30 * NS_PER_DAY)

static int add_all(sqlite3 *db, const struct tape_wish *wishes, size_t count, int64_t now_ns)
{
    static const char add_sql[] =
        "INSERT INTO tape_wanted (day, instrument_id, ts_asked) VALUES (?1, ?2, ?3)"
        " ON CONFLICT DO UPDATE SET ts_asked = excluded.ts_asked";
    int rc = sql_begin(db);
    if (rc != SQLITE_OK)
        return rc;
    rc = sql_once(db, "DELETE FROM tape_wanted WHERE ts_asked < ?1",
                  SQL_VALUES(SQL_WHOLE(now_ns - KEEP_NS)));
    for (size_t i = 0; i < count && rc == SQLITE_OK; i++)
        rc = sql_once(db, add_sql,
                      SQL_VALUES(SQL_WHOLE(wishes[i].day), SQL_WHOLE(wishes[i].instrument_id),
                                 SQL_WHOLE(now_ns)));
    return rc == SQLITE_OK ? sql_exec(db, "COMMIT") : rc; /* else closing rolls back */
}

int tape_wanted_add(const char *path, const struct tape_wish *wishes, size_t count, int64_t now_ns,
                    struct err *err)
{
    sqlite3 *db;
    int rc = sql_open(&db, path, SQL_WRITE, BUSY_MS, err);
    if (rc)
        return rc;
    if (add_all(db, wishes, count, now_ns) != SQLITE_OK)
        rc = sql_fail(db, "cannot store which trades are wanted", err);
    sqlite3_close(db);
    return rc;
}
