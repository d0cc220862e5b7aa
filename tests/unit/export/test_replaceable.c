/* Which files an export may replace: other exports and empty files. */
#include "export/replaceable.h"

#include "export/compress.h"
#include "export/format.h"
#include "export/out_file.h"
#include "format_text.h"
#include "out_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#define NO_DATABASE "/no/such/cinta.db"

static void put_file(const struct out_folder *f, const void *data, size_t len)
{
    int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    t_true(fd >= 0);
    t_int(write(fd, data, len), len);
    close(fd);
}

static void put_export(const struct out_folder *f, const struct format *format,
                       enum compress compress, enum extract_table table, bool row)
{
    struct cell cells[64];
    struct buf text;
    struct out_file *file;
    struct out_file_result result;
    for (size_t i = 0; i < T_COUNT(cells); i++)
        cells[i] = (struct cell){CELL_NUMBER, .number = 61.24};
    buf_init(&text, (size_t)2 * 1024 * 1024);
    format_text(&text, format, table, cells, row ? 2000 : 0);
    t_int(out_file_create(&file, f->path, compress, NULL), 0);
    t_int(out_file_write(file, buf_text(&text), text.len_bytes, NULL), 0);
    t_int(out_file_commit(file, &result, NULL), 0);
    buf_finish(&text);
}

/* Of every format, table and compression, with and without rows, under any name. */
static void exports_may_be_replaced(void **state)
{
    (void)state;
    struct out_folder f = out_folder_make("of-any-name");
    char name[96];
    for (const struct format *const *format = format_all; *format; format++) {
        for (int i = 0; i < EXTRACT_TABLES * 3 * 2; i++) {
            enum extract_table table = (enum extract_table)(i / 6);
            enum compress compress = (enum compress)(i / 2 % 3);
            snprintf(name, sizeof(name), "%s %s %s", (*format)->name, extract_table_name(table),
                     compress_name(compress));
            t_row(name);
            put_export(&f, *format, compress, table, i % 2);
            t_int(replaceable_check(f.path, NO_DATABASE, false, NULL), 0);
        }
    }
    out_folder_remove(&f);
}

static void others_need_force(void **state)
{
    (void)state;
    static const struct row {
        const char *name, *text;
        size_t len;
    } rows[] = {
        {"a password", "secret\n", 7},
        {"a configuration", "broker { url = \"\" }\n", 20},
        {"another CSV", "date,symbol,price\r\n", 19},
        {"columns in another order", "market,symbol,price,size,ts\r\n", 29},
        {"too short", "market,symbol", 13},
        {"JSON", "{\"path\":\"trades.csv\",\"table\":\"trades\"}\n", 39},
        {"JSON of other members", "{\"name\":1,\"version\":2,\"private\":3}\n", 35},
        {"broken JSON", "{\"market\":1,\"symbol\":", 21},
        {"JSON array", "[1,2]\n", 6},
        {"a database", "SQLite format 3\0\020\0\001\001", 20},
        {"gzip of nothing", "\x1f\x8b\x08\0\0\0\0\0\0\0", 10},
        {"broken gzip", "\x1f\x8b\x08xxxxxxxxxxxxx", 16},
        {"broken zstd", "\x28\xb5\x2f\xfdxxxxxxxxxxxxx", 17},
        {"a byte", "\0", 1},
    };
    struct out_folder f = out_folder_make("t.csv");
    struct err err;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        put_file(&f, rows[i].text, rows[i].len);
        t_int(replaceable_check(f.path, NO_DATABASE, false, &err), -EEXIST);
        t_contains(err.text, "is not an export of cinta: give another name, or --force");
        t_int(replaceable_check(f.path, NO_DATABASE, true, &err), 0);
    }
    out_folder_remove(&f);
}

static void empty_files_and_devices_are_accepted(void **state)
{
    (void)state;
    struct out_folder f = out_folder_make("t.csv");
    t_int(replaceable_check(f.path, NO_DATABASE, false, NULL), 0); /* does not exist */
    put_file(&f, "", 0);
    t_int(replaceable_check(f.path, NO_DATABASE, false, NULL), 0);
    unlink(f.path);
    t_int(mkfifo(f.path, 0600), 0);
    t_int(replaceable_check(f.path, NO_DATABASE, false, NULL), 0);
    t_int(replaceable_check("/dev/null", NO_DATABASE, false, NULL), 0);
    out_folder_remove(&f);
}

/* Under any name, also with --force, and when it is NAME.tmp. */
static void a_database_is_never_replaced(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    struct out_folder f = out_folder_make("cinta.db");
    char path[128], link_path[128];
    struct err err;
    snprintf(link_path, sizeof(link_path), "%s/t.csv", f.dir);
    for (size_t i = 0; i < T_COUNT(suffixes) * 2; i++) {
        bool force = i % 2;
        snprintf(path, sizeof(path), "%s%s", f.path, suffixes[i / 2]);
        t_row(path);
        t_int(replaceable_check(path, f.path, force, &err), -EPERM); /* before it exists */
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        t_int(symlink(path, link_path), 0);
        t_int(replaceable_check(link_path, f.path, force, &err), -EPERM);
        unlink(link_path);
        t_int(link(path, link_path), 0);
        t_int(replaceable_check(link_path, f.path, force, &err), -EPERM);
        t_contains(err.text, "the database");
        unlink(link_path);
        close(fd);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s.tmp", f.path);
    t_int(replaceable_check(f.path, path, true, &err), -EPERM);
    put_file(&f, "SQLite format 3", 15);
    int fd = open(f.path, O_RDONLY);
    t_int(flock(fd, LOCK_EX), 0); /* as a service does */
    t_int(replaceable_check(f.path, NO_DATABASE, true, &err), -EPERM);
    t_contains(err.text, "a service records into");
    close(fd);
    out_folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exports_may_be_replaced),
        cmocka_unit_test(others_need_force),
        cmocka_unit_test(empty_files_and_devices_are_accepted),
        cmocka_unit_test(a_database_is_never_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
