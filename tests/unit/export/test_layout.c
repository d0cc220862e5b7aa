#include "export/layout.h"

#include "export/format_csv.h"
#include "export/format_excel.h"
#include "export/format_jsonl.h"
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
        enum compress compress;
        enum target target;
    } rows[] = {
        // clang-format off
        {"-",                 NULL,          COMPRESS_NONE,            TARGET_STDOUT},
        {"none/out",          NULL,          COMPRESS_NONE,            TARGET_FOLDER},
        {"none/out/",         NULL,          COMPRESS_NONE,            TARGET_FOLDER},
        {"none/t.csv",        &format_csv,   COMPRESS_NONE, TARGET_FILE},
        {"none/t.csv.gz",     &format_csv,   COMPRESS_GZIP, TARGET_FILE},
        {"none/t.jsonl.zst",  &format_jsonl, COMPRESS_ZSTD, TARGET_FILE},
        {"none/t.excel.csv",  &format_excel, COMPRESS_NONE, TARGET_FILE},
        {"none/t.excel.csv.gz", &format_excel, COMPRESS_GZIP, TARGET_FILE},
        {"none/excel.csv",    &format_csv,   COMPRESS_NONE, TARGET_FILE},
        {"none/t.gz",         NULL,          COMPRESS_GZIP, TARGET_UNKNOWN},
        {"none/t.csv.bz2",    NULL,          COMPRESS_NONE,            TARGET_UNKNOWN},
        {"none/t.csvx",       NULL,          COMPRESS_NONE,            TARGET_UNKNOWN},
        {"t.xlsx",            NULL,          COMPRESS_NONE,            TARGET_UNKNOWN},
        {"none/t.parquet",    NULL,          COMPRESS_NONE,            TARGET_UNKNOWN},
        {"none/t.7z",         NULL,          COMPRESS_NONE,            TARGET_UNKNOWN},
        {"none/t.geojsonl",   NULL,          COMPRESS_NONE, TARGET_UNKNOWN},
        {"none/t.geojsonls",  NULL,          COMPRESS_NONE, TARGET_FOLDER},
        {"none/t.xlsx/",      NULL,          COMPRESS_NONE,            TARGET_FOLDER},
        {"none.d/out",        NULL,          COMPRESS_NONE,            TARGET_FOLDER},
        {"2026.11",           NULL,          COMPRESS_NONE,            TARGET_FOLDER},
        {"none/v1.2",         NULL,          COMPRESS_NONE,            TARGET_FOLDER},
        {"none/of.everything", NULL,         COMPRESS_NONE,            TARGET_FOLDER},
        {"none/a.b c",        NULL,          COMPRESS_NONE,            TARGET_FOLDER},
        {".hidden",           NULL,          COMPRESS_NONE,            TARGET_FOLDER},
        {"..",                NULL,          COMPRESS_NONE,            TARGET_FOLDER},
        {"none/t.",           NULL,          COMPRESS_NONE,            TARGET_FOLDER},
        {".csv",              NULL,          COMPRESS_NONE,            TARGET_FOLDER},
        {"/",                 NULL,          COMPRESS_NONE,            TARGET_FOLDER},
        {"/dev/null",         NULL,          COMPRESS_NONE,            TARGET_FILE},
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

static const struct format own = {.name = "own", .suffix = ".own", .outer = OUTER_NEVER};

static void a_format_that_compresses_by_itself(void **state)
{
    (void)state;
    t_true(layout_fits(&own, "t.own"));
    t_true(!layout_fits(&own, "t.own.gz"));
    t_true(!layout_fits(&own, ".own"));
    t_true(layout_fits(&format_csv, "t.csv.gz"));
}

static void compressions(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        const struct format *format;
        enum target target;
        int asked, expected;
    } rows[] = {
        // clang-format off
        {"x",             &format_csv,   TARGET_FOLDER, -1,            COMPRESS_ZSTD}, /* as configured */
        {"x.gz",          &format_csv,   TARGET_FOLDER, -1,            COMPRESS_ZSTD},
        {"x",             &format_csv,   TARGET_FOLDER, COMPRESS_GZIP, COMPRESS_GZIP},
        {"x",             &format_csv,   TARGET_FOLDER, COMPRESS_NONE, COMPRESS_NONE},
        {"t.csv.gz",      &format_csv,   TARGET_FILE,   -1,            COMPRESS_GZIP},
        {"t.csv.gz",      &format_csv,   TARGET_FILE,   COMPRESS_ZSTD, COMPRESS_ZSTD},
        {"t.csv",         &format_csv,   TARGET_FILE,   -1,            COMPRESS_NONE},
        {"-",             &format_csv,   TARGET_STDOUT, -1,            COMPRESS_NONE},
        {"-",             &format_csv,   TARGET_STDOUT, COMPRESS_ZSTD, COMPRESS_ZSTD},
        {"x",             &format_excel, TARGET_FOLDER, -1,            COMPRESS_NONE},
        {"x",             &format_excel, TARGET_FOLDER, COMPRESS_ZSTD, COMPRESS_ZSTD},
        {"t.excel.csv.gz", &format_excel, TARGET_FILE,  -1,            COMPRESS_GZIP},
        {"x",             &own,          TARGET_FOLDER, -1,            COMPRESS_NONE},
        {"x",             &own,          TARGET_FOLDER, COMPRESS_NONE, COMPRESS_NONE},
        {"x",             &own,          TARGET_FOLDER, COMPRESS_GZIP, -1},
        {"t.own.gz",      &own,          TARGET_FILE,   -1,            COMPRESS_NONE},
        // clang-format on
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        t_row(r->name);
        t_int(layout_compress(r->format, r->target, r->name, r->asked, COMPRESS_ZSTD), r->expected);
    }
}

static void lists_of_endings(void **state)
{
    (void)state;
    char out[LAYOUT_ENDINGS];
    t_str(layout_endings(out), ".csv, .jsonl, .excel.csv");
    t_str(layout_compressed_endings(out), ".gz, .zst");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(endings_of_names),
        cmocka_unit_test(an_existing_folder_named_like_a_file),
        cmocka_unit_test(a_format_that_compresses_by_itself),
        cmocka_unit_test(compressions),
        cmocka_unit_test(lists_of_endings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
