#include "export/format.h"

#include "base/clock.h"
#include "export/format_csv.h"
#include "export/format_excel.h"
#include "export/format_jsonl.h"
#include "format_text.h"

#include <errno.h>
#include <float.h>
#include <stdlib.h>

#define COLUMNS 8 /* of trades and coverage: room for any cells */

static const struct side two = {2, {{999.5, 10}, {999, NAN}}};
static const struct side one = {1, {{0.1, 0.25}}};

static void every_kind_of_cell(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        struct cell cell;
        const char *csv, *json;
    } rows[] = {
        // clang-format off
        {"none",          {.kind = CELL_NONE},                  "", "null"},
        {"zero",          {CELL_NUMBER, .number = 0},        "0.0", "0.0"},
        {"a whole price", {CELL_NUMBER, .number = 61},       "61.0", "61.0"},
        {"negative",      {CELL_NUMBER, .number = -3},       "-3.0", "-3.0"},
        {"a large one",   {CELL_NUMBER, .number = 123456789012345}, "123456789012345.0", "123456789012345.0"},
        {"a larger one",  {CELL_NUMBER, .number = 1e15},     "1e+15", "1e+15"},
        {"tiny",          {CELL_NUMBER, .number = 1e-5},     "1e-05", "1e-05"},
        {"a price",       {CELL_NUMBER, .number = 1598.5},   "1598.5", "1598.5"},
        {"a tick of 0.05", {CELL_NUMBER, .number = 27.5, .decimals = 2}, "27.50", "27.5"},
        {"no decimals",   {CELL_NUMBER, .number = 88150, .decimals = 0}, "88150.0", "88150.0"},
        {"off the tick",  {CELL_NUMBER, .number = 1598.125, .decimals = 1}, "1598.125", "1598.125"},
        {"a tick of 1e-8", {CELL_NUMBER, .number = 1.23e-5, .decimals = 8}, "0.00001230", "1.23e-05"},
        {"a third",       {CELL_NUMBER, .number = 1.0 / 3},  "0.3333333333333333", "0.3333333333333333"},
        {"the largest",   {CELL_NUMBER, .number = DBL_MAX},  "1.7976931348623157e+308", "1.7976931348623157e+308"},
        {"ns",            {CELL_WHOLE, .whole = INT64_C(1795446000000000001)}, "1795446000000000001", "1795446000000000001"},
        {"least",         {CELL_WHOLE, .whole = INT64_MIN},  "-9223372036854775808", "-9223372036854775808"},
        {"a time",        {CELL_TIME, .whole = INT64_C(1795446000123999999)}, "2026-11-23T15:00:00.123Z", "\"2026-11-23T15:00:00.123Z\""},
        {"a minute",      {CELL_MINUTE, .whole = INT64_C(1795446000000000000)}, "2026-11-23T15:00:00Z", "\"2026-11-23T15:00:00Z\""},
        {"a day",         {CELL_DAY, .whole = 20780},        "2026-11-23", "\"2026-11-23\""},
        {"a leap day",    {CELL_DAY, .whole = 19782},        "2024-02-29", "\"2024-02-29\""},
        {"text",          {CELL_TEXT, .text = "DLR/DIC26"},  "DLR/DIC26", "\"DLR/DIC26\""},
        {"empty",         {CELL_TEXT, .text = ""},           "", "\"\""},
        {"spaces",        {CELL_TEXT, .text = " a b "},      " a b ", "\" a b \""},
        {"a comma",       {CELL_TEXT, .text = "BI,OF"},      "\"BI,OF\"", "\"BI,OF\""},
        {"a quote",       {CELL_TEXT, .text = "5\" \"x\""},  "\"5\"\" \"\"x\"\"\"", "\"5\\\" \\\"x\\\"\""},
        {"one quote",     {CELL_TEXT, .text = "\""},         "\"\"\"\"", "\"\\\"\""},
        {"lines",         {CELL_TEXT, .text = "a\nb\r"},     "\"a\nb\r\"", "\"a\\nb\\u000d\""},
        {"a backslash",   {CELL_TEXT, .text = "a\\b\t"},     "a\\b\t", "\"a\\\\b\\t\""},
        {"a formula",     {CELL_TEXT, .text = "=1+1"},       "=1+1", "\"=1+1\""},
        {"UTF-8",         {CELL_TEXT, .text = "d\xc3\xb3lar"}, "d\xc3\xb3lar", "\"d\xc3\xb3lar\""},
        {"levels",        {CELL_LEVELS, .side = &two},       "\"[[999.5,10],[999,null]]\"", "[[999.5,10],[999,null]]"},
        {"one level",     {CELL_LEVELS, .side = &one},       "\"[[0.1,0.25]]\"", "[[0.1,0.25]]"},
        {"JSON",          {CELL_JSON, .text = "[[1,2]]"},    "\"[[1,2]]\"", "[[1,2]]"},
        // clang-format on
    };
    struct buf out;
    char expected[256];
    buf_init(&out, 65536);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct cell cells[COLUMNS] = {rows[i].cell};
        t_row(rows[i].name);
        snprintf(expected, sizeof(expected), "%s,,,,,,,\r\n", rows[i].csv);
        t_str(format_text_row(&out, &format_csv, EXTRACT_TRADES, cells), expected);
        snprintf(expected, sizeof(expected),
                 "{\"market\":%s,\"symbol\":null,\"event_time\":null,\"ts_event\":null,"
                 "\"price\":null,\"size\":null,\"origin\":null,\"seq\":null}\n",
                 rows[i].json);
        t_str(format_text_row(&out, &format_jsonl, EXTRACT_TRADES, cells), expected);
    }
    buf_finish(&out);
}

static void headers(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 65536);
    t_str(format_text(&out, &format_csv, EXTRACT_BARS, NULL, 0),
          "market,symbol,minute,ts_minute,open,high,low,close,volume,trades\r\n");
    t_str(format_text(&out, &format_jsonl, EXTRACT_BARS, NULL, 0), "");
    buf_finish(&out);
}

static void the_list_of_formats(void **state)
{
    (void)state;
    t_true(format_find("csv") == &format_csv);
    t_true(format_find("jsonl") == &format_jsonl);
    t_true(format_find("excel") == &format_excel);
    t_true(!format_find("parquet"));
    t_true(!format_find("CSV"));
    t_true(!format_find(""));
    for (int i = 0; format_all[i]; i++) {
        t_str(format_all[i]->name, export_formats[i]);
        t_true(format_find(export_formats[i]) == format_all[i]);
        t_int(*format_all[i]->suffix, '.');
    }
}

/* A file is recognised as one of its format and table, and of no other table. */
static void how_files_begin(void **state)
{
    (void)state;
    struct cell cells[40];
    struct buf out;
    for (size_t i = 0; i < T_COUNT(cells); i++)
        cells[i] = (struct cell){CELL_WHOLE, .whole = 61};
    buf_init(&out, 65536);
    for (int i = 0; format_all[i]; i++) {
        for (int t = 0; t < EXTRACT_TABLES; t++) {
            t_row(format_all[i]->name);
            format_text(&out, format_all[i], (enum extract_table)t, cells, 1);
            for (int other = 0; other < EXTRACT_TABLES; other++)
                t_int(
                    format_all[i]->begins(buf_text(&out), out.len_bytes, (enum extract_table)other),
                    other == t);
            t_true(!format_all[i]->begins("", 0, (enum extract_table)t));
        }
    }
    buf_finish(&out);
}

/* --- what all formats have to do -------------------------------------------------------------- */

/* Takes `left` bytes and fails then. */
struct small_sink {
    size_t left;
    int calls;
};

static int take_some(void *arg, const void *data, size_t len_bytes, struct err *err)
{
    struct small_sink *sink = arg;
    (void)data;
    sink->calls++;
    if (len_bytes > sink->left)
        return err_set(err, -ENOSPC, "full");
    sink->left -= len_bytes;
    return 0;
}

static int write_rows(const struct format *format, struct small_sink *sink, int rows,
                      struct err *err)
{
    struct cell cells[COLUMNS] = {{CELL_TEXT, .text = "a symbol of some length"}};
    const struct format_parts parts = {EXTRACT_TRADES, {take_some, sink}};
    struct format_writer *w;
    int rc = format_create(&w, format, &parts, err);
    for (int i = 0; rc == 0 && i < rows; i++)
        rc = format_row(w, cells, err);
    if (rc == 0)
        rc = format_finish(w, err);
    format_destroy(w);
    return rc;
}

/* Errors of the sink end the file, in a row and at the end; memory is bounded. */
static void errors_of_the_sink_are_returned(void **state)
{
    (void)state;
    for (int i = 0; format_all[i]; i++) {
        struct small_sink all = {SIZE_MAX, 0}, none = {0, 0}, some = {SIZE_MAX / 2, 0};
        struct err err;
        t_row(format_all[i]->name);
        t_int(write_rows(format_all[i], &all, 20000, &err), 0);
        t_true(all.calls > 1);
        size_t written = SIZE_MAX - all.left;
        t_int(write_rows(format_all[i], &none, 1, &err), -ENOSPC);
        t_str(err.text, "full");
        t_int(write_rows(format_all[i], &none, 20000, &err), -ENOSPC);
        some.left = written - 1;
        t_int(write_rows(format_all[i], &some, 20000, &err), -ENOSPC);
        some = (struct small_sink){written, 0};
        t_int(write_rows(format_all[i], &some, 20000, &err), 0);
    }
    format_destroy(NULL);
}

/* A row that is larger than the buffer may be: the file is given up, not written without it. */
static void a_row_that_is_too_long(void **state)
{
    (void)state;
    size_t len = (size_t)20 * 1024 * 1024;
    char *text = malloc(len + 1);
    assert_non_null(text);
    memset(text, 'x', len);
    text[len] = '\0';
    struct cell cells[COLUMNS] = {{CELL_TEXT, .text = text}};
    for (int i = 0; format_all[i]; i++) {
        struct small_sink all = {SIZE_MAX, 0};
        const struct format_parts parts = {EXTRACT_TRADES, {take_some, &all}};
        struct format_writer *w;
        t_row(format_all[i]->name);
        t_int(format_create(&w, format_all[i], &parts, NULL), 0);
        t_int(format_row(w, cells, NULL), -ENOMEM);
        t_int(all.calls, 0);
        format_destroy(w);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_cell),
        cmocka_unit_test(headers),
        cmocka_unit_test(how_files_begin),
        cmocka_unit_test(the_list_of_formats),
        cmocka_unit_test(errors_of_the_sink_are_returned),
        cmocka_unit_test(a_row_that_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
