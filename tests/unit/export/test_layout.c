#include "export/layout.h"

#include "export/format_excel.h"
#include "support/t.h"

#include <stdlib.h>
#include <unistd.h>

static void names(void **state)
{
    (void)state;
    const struct row {
        const char *name;
        struct layout layout;
    } rows[] = {
        // clang-format off
        {"snapshots/date=2026-11-23/part-0.csv.zst", {EXTRACT_SNAPSHOTS, 20780, 0, &format_csv, COMPRESS_ZSTD}},
        {"trades/date=2026-11-23/part-12.jsonl",     {EXTRACT_TRADES, 20780, 12, &format_jsonl, COMPRESS_NONE}},
        {"bars/date=1970-01-01/part-0.csv.gz",       {EXTRACT_BARS, 0, 0, &format_csv, COMPRESS_GZIP}},
        {"bars/date=2026-11-23/part-0.excel.csv",    {EXTRACT_BARS, 20780, 0, &format_excel, COMPRESS_NONE}},
        {"events.csv",                               {EXTRACT_EVENTS, LAYOUT_NO_DAY, LAYOUT_NO_PART, &format_csv, COMPRESS_NONE}},
        {"coverage-3.jsonl.zst",                     {EXTRACT_COVERAGE, LAYOUT_NO_DAY, 3, &format_jsonl, COMPRESS_ZSTD}},
        {"snapshots/date=2262-04-11/part-9223372036854775807.jsonl.zst", {EXTRACT_SNAPSHOTS, 106751, INT64_MAX, &format_jsonl, COMPRESS_ZSTD}},
        // clang-format on
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[LAYOUT_BYTES];
        t_row(rows[i].name);
        t_str(layout_path(out, &rows[i].layout), rows[i].name);
    }
}

static void endings_of_names(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        const struct format *format;
        int compress;
        enum target target;
    } rows[] = {
        // clang-format off
        {"-",                 NULL,          -1,            TARGET_STDOUT},
        {"none/out",          NULL,          -1,            TARGET_FOLDER},
        {"none/out/",         NULL,          -1,            TARGET_FOLDER},
        {"none/t.csv",        &format_csv,   COMPRESS_NONE, TARGET_FILE},
        {"none/t.csv.gz",     &format_csv,   COMPRESS_GZIP, TARGET_FILE},
        {"none/t.jsonl.zst",  &format_jsonl, COMPRESS_ZSTD, TARGET_FILE},
        {"none/t.excel.csv",  &format_excel, COMPRESS_NONE, TARGET_FILE},
        {"none/t.excel.csv.gz", &format_excel, COMPRESS_GZIP, TARGET_FILE},
        {"none/excel.csv",    &format_csv,   COMPRESS_NONE, TARGET_FILE},
        {"none/t.gz",         NULL,          COMPRESS_GZIP, TARGET_UNKNOWN},
        {"none/t.csv.bz2",    NULL,          -1,            TARGET_UNKNOWN},
        {"none/t.csvx",       NULL,          -1,            TARGET_UNKNOWN},
        {"t.xlsx",            NULL,          -1,            TARGET_UNKNOWN},
        {"none/t.parquet",    NULL,          -1,            TARGET_UNKNOWN},
        {"none/t.7z",         NULL,          -1,            TARGET_UNKNOWN},
        {"none/t.xlsx/",      NULL,          -1,            TARGET_FOLDER},
        {"none.d/out",        NULL,          -1,            TARGET_FOLDER},
        {"2026.11",           NULL,          -1,            TARGET_FOLDER},
        {"none/v1.2",         NULL,          -1,            TARGET_FOLDER},
        {"none/of.everything", NULL,         -1,            TARGET_FOLDER},
        {"none/a.b c",        NULL,          -1,            TARGET_FOLDER},
        {".hidden",           NULL,          -1,            TARGET_FOLDER},
        {"..",                NULL,          -1,            TARGET_FOLDER},
        {"none/t.",           NULL,          -1,            TARGET_FOLDER},
        {".csv",              NULL,          -1,            TARGET_FOLDER},
        {"/",                 NULL,          -1,            TARGET_FOLDER},
        {"/dev/null",         NULL,          -1,            TARGET_FILE},
        // clang-format on
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_true(layout_format_of(rows[i].name) == rows[i].format);
        t_int(layout_compress_of(rows[i].name), rows[i].compress);
        t_int(layout_target(rows[i].name), rows[i].target);
    }
}

static void an_existing_folder_named_like_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/cinta-XXXXXX.csv";
    assert_non_null(mkdtemp(strncpy(path, "/tmp/cinta-XXXXXX", sizeof(path))));
    char odd[64];
    snprintf(odd, sizeof(odd), "%s.csv", path);
    t_int(rename(path, odd), 0);
    t_int(layout_target(odd), TARGET_FOLDER);
    t_int(rmdir(odd), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(endings_of_names),
        cmocka_unit_test(an_existing_folder_named_like_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
