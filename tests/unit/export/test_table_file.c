#include "export/table_file.h"

#include "base/clock.h"
#include "export/format_csv.h"
#include "grouped_format.h"
#include "out_folder.h"

#define T0 INT64_C(1795446000000000000) /* 2026-11-23 12:00:00 in Argentina, ns UTC */

static int open_file(struct table_file **file, const char *path, const struct format *format,
                     struct err *err)
{
    const struct table_file_parts parts = {path, EXTRACT_TRADES, format, COMPRESS_NONE};
    return table_file_create(file, &parts, err);
}

static int put_row(struct table_file *file, int64_t seq, int64_t ts)
{
    const struct cell cells[16] = {{CELL_TEXT, .text = "ROFX"}};
    const struct extract_row row = {ts, seq, cells};
    return table_file_row(file, &row, NULL);
}

static void rows_and_their_range_are_counted(void **state)
{
    (void)state;
    struct out_folder f = out_folder_make("trades.csv");
    struct manifest_entry entry = {.path = "trades.csv", .series = "daily"};
    struct table_file *file;
    t_int(table_file_rows(NULL), 0);
    t_int(open_file(&file, f.path, &format_csv, NULL), 0);
    t_int(table_file_rows(file), 0);
    t_int(put_row(file, 12, T0 + 5), 0);
    t_int(put_row(file, 11, T0 + 7), 0);
    t_int(put_row(file, 14, T0 + 2), 0);
    t_int(put_row(file, 13, T0 + 6), 0);
    t_int(table_file_rows(file), 4);
    t_int(table_file_commit(file, &entry, NULL), 0);
    t_str(entry.path, "trades.csv");
    t_str(entry.series, "daily");
    t_str(entry.table, "trades");
    t_str(entry.format, "csv");
    t_str(entry.compress, "none");
    t_int(entry.rows, 4);
    t_int(entry.first_seq, 11);
    t_int(entry.last_seq, 14);
    t_int(entry.ts_first, T0 + 2);
    t_int(entry.ts_last, T0 + 7);
    t_int(entry.file.bytes, 57 + 4 * 13);
    out_folder_remove(&f);
}

/* As Parquet needs it: rows are kept, and the end of the file is written in the last call. */
static void a_format_that_keeps_rows(void **state)
{
    (void)state;
    static const struct row {
        int rows;
        const char *text;
    } rows[] = {{0, "<0 rows>"}, {2, "<[2]2 rows>"}, {3, "<[3]3 rows>"}, {7, "<[3][3][1]7 rows>"}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct out_folder f = out_folder_make("t.grouped");
        struct manifest_entry entry = {0};
        struct table_file *file;
        t_row(rows[i].text);
        t_int(open_file(&file, f.path, &grouped_format, NULL), 0);
        for (int n = 0; n < rows[i].rows; n++)
            t_int(put_row(file, n, T0), 0);
        t_int(table_file_commit(file, &entry, NULL), 0);
        out_folder_expect(&f, rows[i].text);
        t_str(entry.format, "grouped");
        t_int(entry.file.bytes, strlen(rows[i].text));
        t_int(grouped_alive, 0);
        out_folder_remove(&f);
    }
}

/* Whichever call fails: its error is returned, no file is left, and nothing leaks. */
static void a_format_that_fails(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        enum grouped_fail fails;
        int create, row, commit;
    } rows[] = {
        {"in create", FAIL_CREATE, -ENOTSUP, 0, 0},
        {"in row", FAIL_ROW, 0, -EIO, 0},
        {"in finish", FAIL_FINISH, 0, 0, -EIO},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct out_folder f = out_folder_make("t.grouped");
        struct manifest_entry entry = {0};
        struct table_file *file = NULL;
        t_row(rows[i].name);
        grouped_fails = rows[i].fails;
        t_int(open_file(&file, f.path, &grouped_format, NULL), rows[i].create);
        if (file) {
            t_int(put_row(file, 1, T0), rows[i].row);
            if (rows[i].row)
                table_file_abort(file);
            else
                t_int(table_file_commit(file, &entry, NULL), rows[i].commit);
        }
        grouped_fails = FAIL_NEVER;
        t_int(out_folder_count(&f), 0);
        t_int(grouped_alive, 0);
        out_folder_remove(&f);
    }
    table_file_abort(NULL);
}

static void a_folder_that_is_missing(void **state)
{
    (void)state;
    struct table_file *file;
    struct err err;
    t_int(open_file(&file, "/no/such/folder/t.csv", &format_csv, &err), -ENOENT);
    t_contains(err.text, "/no/such/folder");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_their_range_are_counted),
        cmocka_unit_test(a_format_that_keeps_rows),
        cmocka_unit_test(a_format_that_fails),
        cmocka_unit_test(a_folder_that_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
