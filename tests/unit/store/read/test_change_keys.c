/* The keys of changes in the order of seq. tests/unit/store/read/test_outbox.c has the changes
 * themselves. */
#include "store/read/change_keys.h"

#include "base/clock.h"
#include "support/moving.h"
#include "support/store_fixture.h"

#define ROWS        33000 /* more than one part of history_seq */
#define MOVED       20000 /* about so many, in the tests of both tables */
#define INSTRUMENTS 3

static int64_t time_of(int64_t seq)
{
    return T0 + seq * NS_PER_MS - seq / 100 % 3 * NS_PER_HOUR; /* the clock was set back */
}

static void fill(const struct fixture *f, int64_t rows)
{
    struct store *store = fixture_store(f->path, INSTRUMENTS);
    for (int64_t seq = 1; seq <= rows; seq++) {
        struct store_snapshot row = snapshot((int32_t)(seq % INSTRUMENTS), seq, (double)seq);
        row.ts_recv = time_of(seq);
        put_row(store, &row);
        if (seq == MOVED) {
            fixture_close(store);
            store = fixture_store(f->path, INSTRUMENTS);
        }
    }
    fixture_close(store);
}

struct opened {
    sqlite3 *db;
    struct change_keys *keys;
};

static struct opened open_keys(const struct fixture *f)
{
    struct opened o;
    struct err err;
    assert_int_equal(sqlite3_open(f->path, &o.db), SQLITE_OK);
    if (change_keys_open(&o.keys, o.db, &err))
        fail_msg("%s", err.text);
    return o;
}

static void close_keys(struct opened *o)
{
    change_keys_close(o->keys);
    sqlite3_close(o->db);
}

/* Returns the highest seq that is found. */
static int64_t read_from(struct opened *o, int64_t after)
{
    struct change_key key;
    struct err err;
    int rc;
    while ((rc = change_keys_next(o->keys, after, &key, &err)) > 0) {
        t_int(key.seq, after + 1);
        t_int(key.ts_recv, time_of(key.seq));
        after = key.seq;
    }
    t_int(rc, 0);
    return after;
}

static void none_while_nothing_was_moved(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    fill(&f, 1000); /* so few are not moved before ten seconds have passed */
    struct opened o = open_keys(&f);
    t_int(read_from(&o, 0), 0);
    close_keys(&o);
    fixture_remove(&f);
}

static void of_both_tables(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    fill(&f, ROWS);
    move_steps(&f, 1, 0);
    struct opened o = open_keys(&f);
    t_true(ask(&f, "select count(*) from snapshot_recent") > 0);
    t_int(read_from(&o, 0), ROWS); /* each range has rows of both */
    move(&f, 1000000);
    t_int(read_from(&o, 0), ROWS);
    t_int(read_from(&o, 5), ROWS); /* again, also from the middle */
    t_int(read_from(&o, 32760), ROWS);
    t_int(read_from(&o, ROWS), ROWS);
    close_keys(&o);
    fixture_remove(&f);
}

/* Those that are kept are returned although they are deleted; the next reading has them no more. */
static void deleted_meanwhile(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct change_key key;
    struct err err;
    fill(&f, ROWS);
    move(&f, 1000000);
    struct opened o = open_keys(&f);
    t_int(change_keys_next(o.keys, 0, &key, &err), 1);
    t_int(key.seq, 1);
    assert_int_equal(
        sqlite3_exec(o.db, "delete from snapshot_history where seq < 32990", NULL, NULL, NULL),
        SQLITE_OK);
    t_int(change_keys_next(o.keys, 1, &key, &err), 1);
    t_int(key.seq, 2);
    close_keys(&o);
    o = open_keys(&f);
    t_int(change_keys_next(o.keys, 1, &key, &err), 1);
    t_int(key.seq, 32990);
    close_keys(&o);
    fixture_remove(&f);
}

static void an_error_of_the_database(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct change_key key;
    struct err err;
    fill(&f, ROWS);
    move(&f, 1000000);
    struct opened o = open_keys(&f);
    assert_int_equal(
        sqlite3_exec(o.db, "alter table snapshot_history rename to gone", NULL, NULL, NULL),
        SQLITE_OK);
    t_true(change_keys_next(o.keys, 0, &key, &err) < 0);
    t_true(strstr(err.text, "cannot read the database") != NULL);
    close_keys(&o);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_while_nothing_was_moved),
        cmocka_unit_test(of_both_tables),
        cmocka_unit_test(deleted_meanwhile),
        cmocka_unit_test(an_error_of_the_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
