/* The commands that read a database, run in this process on one with two instruments. */
#include "cli/commands.h"

#include "captured.h"
#include "support/store_fixture.h"

#include <sys/stat.h>

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A copy in the same folder, or a file of an export. */
struct paths {
    char copy[128], rows[128];
};

static struct fixture record(struct paths *paths)
{
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 2);
    for (int64_t seq = 1; seq <= 6; seq++) {
        const struct store_snapshot row = snapshot((int32_t)(seq % 2), seq, 100.5 + (double)seq);
        put_row(store, &row);
    }
    store_event(store, T0, EVENT_LOGIN, NULL, "in");
    fixture_close(store);
    snprintf(paths->copy, sizeof(paths->copy), "%s/copy.db", f.dir);
    snprintf(paths->rows, sizeof(paths->rows), "%s/rows.jsonl", f.dir);
    setenv("CINTA_CONF", "/no/such/cinta.conf", 1);
    return f;
}

static void finish(const struct fixture *f, const struct paths *paths)
{
    char side[160];
    unlink(paths->copy);
    unlink(paths->rows);
    snprintf(side, sizeof(side), "%s-wal", paths->copy);
    unlink(side);
    snprintf(side, sizeof(side), "%s-shm", paths->copy);
    unlink(side);
    fixture_remove(f);
}

static void change(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static int lines(const char *text)
{
    int count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static void verify(void **state)
{
    (void)state;
    struct paths paths;
    struct fixture f = record(&paths);
    struct captured c = capture(&cmd_verify, ARGS("--db", f.path));
    t_int(c.status, STATUS_OK);
    t_int(lines(c.out), 10);
    t_contains(c.out, "changes kept             ok   ");
    t_contains(c.out, "ledger                   ok     6 written, 0 dropped");
    c = capture(&cmd_verify, ARGS("--json", "--db", f.path));
    t_int(c.status, STATUS_OK);
    t_contains(c.out, "{\"ok\":true,\"checks\":[{\"check\":\"file\",\"ok\":true,\"detail\":\"\"},");
    change(f.path, "delete from snapshot_recent where seq = 1");
    c = capture(&cmd_verify, ARGS("--db", f.path));
    t_int(c.status, STATUS_FAILED);
    t_contains(c.out, "changes kept             WRONG  1 more or fewer than were written\n");
    c = capture(&cmd_verify, ARGS("--json", "--db", f.path));
    t_int(c.status, STATUS_FAILED);
    t_contains(c.out, "{\"ok\":false,\"checks\":[");
    t_contains(c.out, "{\"check\":\"changes kept\",\"ok\":false,\"detail\":\"1 more or fewer than "
                      "were written\"}");
    finish(&f, &paths);
}

static void backup(void **state)
{
    (void)state;
    struct paths paths;
    struct fixture f = record(&paths);
    struct captured c = capture(&cmd_backup, ARGS("--db", f.path, paths.copy));
    t_str(c.err, "");
    t_int(c.status, STATUS_OK);
    t_contains(c.out, paths.copy);
    t_int(capture(&cmd_verify, ARGS("--db", paths.copy)).status, STATUS_OK);
    c = capture(&cmd_backup, ARGS("--db", f.path, paths.copy));
    t_int(c.status, STATUS_FAILED);
    t_contains(c.err, "--force replaces it");
    t_int(capture(&cmd_backup, ARGS("--db", f.path, "-f", paths.copy)).status, STATUS_OK);
    c = capture(&cmd_backup, ARGS("--db", f.path, "-f", f.path));
    t_int(c.status, STATUS_FAILED);
    t_true(*c.err);
    t_int(capture(&cmd_verify, ARGS("--db", f.path)).status, STATUS_OK);
    finish(&f, &paths);
}

static void quotes(void **state)
{
    (void)state;
    struct paths paths;
    struct fixture f = record(&paths);
    struct captured c = capture(&cmd_quotes, ARGS("--db", f.path, "--csv", "--all"));
    t_int(c.status, STATUS_OK);
    t_int(lines(c.out), 3);
    t_contains(c.out, "market,symbol,");
    c = capture(&cmd_quotes, ARGS("--db", f.path, "--all", "--columns", "symbol,bid_price", "s1"));
    t_int(c.status, STATUS_OK);
    t_int(lines(c.out), 2);
    t_contains(c.out, "105.5");
    c = capture(&cmd_quotes, ARGS("--db", f.path, "--all", "S2"));
    t_int(c.status, STATUS_FAILED);
    t_contains(c.err, "no symbol matches 'S2'");
    c = capture(&cmd_quotes, ARGS("--db", f.path, "--columns", "symbl"));
    t_int(c.status, STATUS_USAGE);
    t_contains(c.err, "--columns: 'symbl' is not a column; allowed: ");
    finish(&f, &paths);
}

static void export(void **state)
{
    (void)state;
    struct paths paths;
    struct fixture f = record(&paths);
    struct captured c =
        capture(&cmd_export, ARGS("--db", f.path, "-t", "snapshots", "--out", "-", "-m", "S1"));
    t_int(c.status, STATUS_OK);
    t_int(lines(c.out), 4);
    t_contains(c.out, ",105.5,");
    t_contains(c.err, "3 rows in 1 file");
    c = capture(&cmd_export,
                ARGS("--db", f.path, "-t", "events", "--out", paths.rows, "--json", "--quiet"));
    t_str(c.err, "");
    t_int(c.status, STATUS_OK);
    t_contains(c.out, "\"format\":\"jsonl\"");
    c = capture(&cmd_export, ARGS("--db", f.path, "-t", "events", "--out", f.path));
    t_int(c.status, STATUS_USAGE);
    t_contains(c.err, "give another name");
    c = capture(&cmd_export, ARGS("--db", f.path, "-t", "bars", "--out", "-", "-m", "nothing"));
    t_int(c.status, STATUS_OK);
    t_contains(c.err, "0 rows: no symbol matches 'nothing'");
    finish(&f, &paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify),
        cmocka_unit_test(backup),
        cmocka_unit_test(quotes),
        cmocka_unit_test(export),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
