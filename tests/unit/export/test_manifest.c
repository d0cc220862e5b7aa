#include "export/manifest.h"

#include "out_folder.h"

#include <errno.h>
#include <fcntl.h>

static struct manifest_entry entry(const char *path, const char *series, int64_t rows)
{
    return (struct manifest_entry){.path = path,
                                   .table = "trades",
                                   .format = "csv",
                                   .compress = "none",
                                   .series = series,
                                   .rows = rows,
                                   .first_seq = 3,
                                   .last_seq = 9,
                                   .ts_first = INT64_C(1795446000000000000),
                                   .ts_last = INT64_C(1795446001000000000),
                                   .file = {12, "ab"}};
}

static void put(struct manifest *m, const char *path, const char *series, int64_t rows)
{
    const struct manifest_entry e = entry(path, series, rows);
    t_int(manifest_put(m, &e, NULL), 0);
}

static void touch(const struct out_folder *f, const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    t_true(fd >= 0);
    close(fd);
}

static void clear(const struct out_folder *f, const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    t_int(unlink(path), 0);
}

static struct manifest *load(const struct out_folder *f)
{
    struct manifest *m;
    struct err err;
    if (manifest_load(&m, f->dir, &err))
        fail_msg("%s", err.text);
    return m;
}

#define LINE(path, series, rows)                                                                   \
    "{\"path\":\"" path "\",\"table\":\"trades\",\"format\":\"csv\",\"compress\":\"none\","        \
    "\"series\":" series ",\"rows\":" rows ",\"bytes\":12,\"sha256\":\"ab\",\"first_seq\":3,"      \
    "\"last_seq\":9,\"first_time\":\"2026-11-23T15:00:00.000Z\","                                  \
    "\"last_time\":\"2026-11-23T15:00:01.000Z\"}\n"

static void sorted_replaced_and_only_existing_files(void **state)
{
    (void)state;
    struct out_folder f = out_folder_make(MANIFEST_NAME);
    touch(&f, "a");
    touch(&f, "b");
    struct manifest *m = load(&f);
    put(m, "b", NULL, 1);
    put(m, "gone", NULL, 1);
    put(m, "a", "s", 5);
    t_int(manifest_write(m, NULL), 0);
    manifest_free(m);
    out_folder_expect(&f, LINE("a", "\"s\"", "5") LINE("b", "null", "1"));
    m = load(&f);
    put(m, "b", NULL, 2);
    t_int(manifest_write(m, NULL), 0);
    manifest_free(m);
    out_folder_expect(&f, LINE("a", "\"s\"", "5") LINE("b", "null", "2"));
    clear(&f, "a");
    m = load(&f);
    t_int(manifest_write(m, NULL), 0);
    manifest_free(m);
    out_folder_expect(&f, LINE("b", "null", "2"));
    clear(&f, "b");
    out_folder_remove(&f);
}

static void files_of_other_series(void **state)
{
    (void)state;
    struct out_folder f = out_folder_make(MANIFEST_NAME);
    struct manifest *m = load(&f);
    touch(&f, "a");
    t_str(manifest_stranger(m, "trades", NULL), NULL);
    put(m, "a", "s", 1);
    t_str(manifest_stranger(m, "trades", NULL), "a");
    t_str(manifest_stranger(m, "trades", "other"), "a");
    t_str(manifest_stranger(m, "trades", "s"), NULL);
    t_str(manifest_stranger(m, "bars", NULL), NULL);
    put(m, "a", NULL, 1);
    t_str(manifest_stranger(m, "trades", NULL), NULL);
    t_str(manifest_stranger(m, "trades", "s"), "a");
    clear(&f, "a");
    t_str(manifest_stranger(m, "trades", "s"), NULL);
    manifest_free(m);
    out_folder_remove(&f);
}

static void rows_without_a_seq(void **state)
{
    (void)state;
    struct buf out;
    struct manifest_entry e = entry("a", NULL, 2);
    buf_init(&out, 4096);
    e.first_seq = e.last_seq = 0;
    manifest_entry_put(&out, &e);
    t_contains(buf_text(&out), "\"first_seq\":null,\"last_seq\":null");
    buf_clear(&out);
    e.rows = 0;
    manifest_entry_put(&out, &e);
    t_contains(buf_text(&out), "\"first_time\":null,\"last_time\":null}");
    buf_finish(&out);
}

static void a_file_not_written_by_cinta_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"hello\n", "{}\n", "\n", "{\"path\":1,\"table\":\"x\"}\n",
                                        "{\"path\":\"a\",\"table\":\"x\"}\n{\"path\":"};
    for (size_t i = 0; i < T_COUNT(texts); i++) {
        struct out_folder f = out_folder_make(MANIFEST_NAME);
        struct manifest *m;
        struct err err;
        t_row(texts[i]);
        int fd = open(f.path, O_WRONLY | O_CREAT, 0600);
        t_int(write(fd, texts[i], strlen(texts[i])), strlen(texts[i]));
        close(fd);
        t_int(manifest_load(&m, f.dir, &err), -EBADMSG);
        t_contains(err.text, i == 4 ? "manifest.jsonl:2: not written by cinta"
                                    : "manifest.jsonl:1: not written by cinta");
        out_folder_remove(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorted_replaced_and_only_existing_files),
        cmocka_unit_test(files_of_other_series),
        cmocka_unit_test(rows_without_a_seq),
        cmocka_unit_test(a_file_not_written_by_cinta_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
