/* Marks of a series of exports: updated by one export at a time, all tables or none. */
#include "store/write/export_marks.h"

#include "store/write/database.h"
#include "support/store_fixture.h"

#include <errno.h>

static struct fixture make_database(void)
{
    struct fixture f = fixture_make();
    struct database database;
    struct err err;
    if (database_open(&database, f.path, false, &err))
        fail_msg("%s", err.text);
    database_close(&database);
    return f;
}

static void expect(const struct fixture *f, const char *name, const char *table,
                   struct mark expected)
{
    struct mark mark;
    t_int(export_marks_read(f->path, name, table, &mark, NULL), 0);
    t_int(mark.after, expected.after);
    t_int(mark.ts_after, expected.ts_after);
    t_int(mark.part, expected.part);
    t_int(mark.stored, expected.stored);
    t_int(mark.seq, expected.seq);
    t_int(mark.listed, expected.listed);
}

static void moves_and_is_read_back(void **state)
{
    (void)state;
    struct fixture f = make_database();
    const struct mark none = {0}, first = {INT64_MAX, T0, 1, true, 4, 5},
                      second = {INT64_MAX, T0 + 1, 2, true, 6, 7};
    const struct mark_move moves[] = {{"snapshots", none, first}, {"trades", none, first}};
    expect(&f, "s", "snapshots", none);
    t_int(export_marks_move(f.path, "s", moves, 2, NULL), 0);
    expect(&f, "s", "snapshots", first);
    expect(&f, "s", "trades", first);
    expect(&f, "other", "trades", none);
    const struct mark_move next[] = {{"trades", first, second}};
    t_int(export_marks_move(f.path, "s", next, 1, NULL), 0);
    expect(&f, "s", "snapshots", first);
    expect(&f, "s", "trades", second);
    fixture_remove(&f);
}

/* Two exports read the same mark: the update of the second one fails. */
static void the_second_of_two_concurrent_updates_fails(void **state)
{
    (void)state;
    struct fixture f = make_database();
    struct err err;
    const struct mark none = {0}, mine = {10, T0, 1, true, 0, 0}, theirs = {20, T0, 1, true, 0, 0};
    const struct mark_move moves[] = {{"trades", none, mine}};
    const struct mark_move both[] = {{"snapshots", none, theirs}, {"trades", none, theirs}};
    t_int(export_marks_move(f.path, "s", moves, 1, NULL), 0);
    t_int(export_marks_move(f.path, "s", both, 2, &err), -ESTALE);
    t_contains(err.text, "'s' ran at the same time");
    expect(&f, "s", "snapshots", none);
    expect(&f, "s", "trades", mine);
    const struct mark_move late[] = {{"trades", theirs, (struct mark){30, T0, 2, true, 0, 0}}};
    t_int(export_marks_move(f.path, "s", late, 1, &err), -ESTALE);
    expect(&f, "s", "trades", mine);
    fixture_remove(&f);
}

/* A run without rows stores its mark with part 0, and the next run can update it. */
static void a_run_without_rows_updates_the_mark(void **state)
{
    (void)state;
    struct fixture f = make_database();
    struct err err;
    const struct mark none = {0}, empty = {10, T0, 0, true, 0, 0}, later = {20, T0, 0, true, 0, 0},
                      full = {30, T0, 1, true, 0, 0};
    const struct mark_move moves[] = {{"bars", none, empty},
                                      {"bars", empty, empty},
                                      {"bars", empty, later},
                                      {"bars", later, full}};
    for (size_t i = 0; i < T_COUNT(moves); i++) {
        t_int(export_marks_move(f.path, "s", &moves[i], 1, NULL), 0);
        expect(&f, "s", "bars", moves[i].to);
    }
    t_int(export_marks_move(f.path, "s", &moves[0], 1, &err), -ESTALE);
    t_int(export_marks_move(f.path, "s", &moves[2], 1, &err), -ESTALE);
    expect(&f, "s", "bars", full);
    fixture_remove(&f);
}

/* The service's flock on the file does not prevent it. */
static void works_while_the_service_runs(void **state)
{
    (void)state;
    struct fixture f = make_database();
    struct database database;
    const struct mark_move moves[] = {{"bars", {0}, {7, 0, 1, true, 8, 9}}};
    t_int(database_open(&database, f.path, false, NULL), 0);
    t_int(export_marks_move(f.path, "s", moves, 1, NULL), 0);
    database_close(&database);
    expect(&f, "s", "bars", moves[0].to);
    fixture_remove(&f);
}

static void a_missing_database_is_an_error(void **state)
{
    (void)state;
    struct mark mark;
    struct err err;
    const struct mark_move moves[] = {{"bars", {0}, {7, 0, 1, true, 8, 9}}};
    t_int(export_marks_read("/no/such/cinta.db", "s", "bars", &mark, &err), -ENOENT);
    t_int(export_marks_move("/no/such/cinta.db", "s", moves, 1, &err), -EIO);
    t_contains(err.text, "unable to open database file");
}

static void names(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        bool valid;
    } rows[] = {
        {"schedule", true}, {"a", true},    {"My_series-2.1", true},
        {"", false},        {"a b", false}, {"a/b", false},
        {"a'", false},      {"ñ", false},   {"\n", false},
    };
    char longest[66];
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(export_marks_name_valid(rows[i].name), rows[i].valid);
    }
    memset(longest, 'x', 65);
    longest[65] = '\0';
    t_true(!export_marks_name_valid(longest));
    t_true(export_marks_name_valid(longest + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_and_is_read_back),
        cmocka_unit_test(the_second_of_two_concurrent_updates_fails),
        cmocka_unit_test(a_run_without_rows_updates_the_mark),
        cmocka_unit_test(works_while_the_service_runs),
        cmocka_unit_test(a_missing_database_is_an_error),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
