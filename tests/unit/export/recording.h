/*
 * recording: a temporary folder with a database of one instrument, and a folder for exports.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include "store/write/database.h"
#include "support/t.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#define T0 INT64_C(1795446000000000000) /* 2026-11-23 12:00:00 in Argentina, ns UTC */

struct recording {
    char dir[32], path[64], out[64];
    sqlite3 *db;
};

__attribute__((unused)) static void sql(const struct recording *r, const char *text)
{
    char *words = NULL;
    if (sqlite3_exec(r->db, text, NULL, NULL, &words) != SQLITE_OK)
        fail_msg("%s: %s", text, words);
}

/* ?1 of the text is `ts`. */
__attribute__((unused)) static void sql_at(const struct recording *r, const char *text, int64_t ts)
{
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(r->db, text, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", text, sqlite3_errmsg(r->db));
    sqlite3_bind_int64(stmt, 1, ts);
    t_int(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_finalize(stmt);
}

__attribute__((unused)) static int64_t count(const struct recording *r, const char *text)
{
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(r->db, text, -1, &stmt, NULL), SQLITE_OK);
    t_int(sqlite3_step(stmt), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

__attribute__((unused)) static struct recording make_recording(void)
{
    struct recording r = {.dir = "/tmp/cinta-series-XXXXXX"};
    struct database database;
    struct err err;
    assert_non_null(mkdtemp(r.dir));
    snprintf(r.path, sizeof(r.path), "%s/cinta.db", r.dir);
    snprintf(r.out, sizeof(r.out), "%s/out", r.dir);
    if (database_open(&database, r.path, false, &err))
        fail_msg("%s", err.text);
    database_close(&database);
    assert_int_equal(sqlite3_open(r.path, &r.db), SQLITE_OK);
    sql(&r, "PRAGMA synchronous = off; INSERT INTO instrument (id, market_id, symbol, ts_created, "
            "ts_recorded) VALUES (1, 'ROFX', 'DLR/DIC26', 1, 1)");
    return r;
}

/* The files of a folder and of its subfolders, and these. */
__attribute__((unused)) static void remove_files(const char *dir)
{
    char path[512];
    DIR *folder = opendir(dir);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        if (entry->d_type == DT_DIR)
            remove_files(path);
        if (entry->d_type == DT_DIR ? rmdir(path) : unlink(path))
            fail_msg("cannot remove %s", path);
    }
    closedir(folder);
}

__attribute__((unused)) static void finish_recording(struct recording *r)
{
    sqlite3_close(r->db);
    remove_files(r->dir);
    t_int(rmdir(r->dir), 0);
}

#endif
