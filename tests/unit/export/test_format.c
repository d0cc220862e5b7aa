#include "export/format.h"

#include "base/clock.h"
#include "export/format_excel.h"
#include "support/t.h"

#include <float.h>

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
        {"none",          {CELL_NONE, {0}},                  "", "null"},
        {"zero",          {CELL_NUMBER, .number = 0},        "0.0", "0.0"},
        {"a whole price", {CELL_NUMBER, .number = 61},       "61.0", "61.0"},
        {"negative",      {CELL_NUMBER, .number = -3},       "-3.0", "-3.0"},
        {"a large one",   {CELL_NUMBER, .number = 123456789012345}, "123456789012345.0", "123456789012345.0"},
        {"a larger one",  {CELL_NUMBER, .number = 1e15},     "1e+15", "1e+15"},
        {"tiny",          {CELL_NUMBER, .number = 1e-5},     "1e-05", "1e-05"},
        {"a price",       {CELL_NUMBER, .number = 1598.5},   "1598.5", "1598.5"},
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
        buf_clear(&out);
        format_csv.put_row(&out, EXTRACT_TRADES, cells);
        snprintf(expected, sizeof(expected), "%s,,,,,,,\r\n", rows[i].csv);
        t_str(buf_text(&out), expected);
        buf_clear(&out);
        format_jsonl.put_row(&out, EXTRACT_TRADES, cells);
        snprintf(expected, sizeof(expected),
                 "{\"market\":%s,\"symbol\":null,\"event_time\":null,\"ts_event\":null,"
                 "\"price\":null,\"size\":null,\"origin\":null,\"seq\":null}\n",
                 rows[i].json);
        t_str(buf_text(&out), expected);
    }
    buf_finish(&out);
}

static void headers(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 65536);
    format_csv.put_header(&out, EXTRACT_BARS);
    t_str(buf_text(&out), "market,symbol,minute,ts_minute,open,high,low,close,volume,trades\r\n");
    buf_clear(&out);
    format_jsonl.put_header(&out, EXTRACT_BARS);
    t_str(buf_text(&out), "");
    buf_finish(&out);
}

static void finds_implemented_formats(void **state)
{
    (void)state;
    t_true(format_find("csv") == &format_csv);
    t_true(format_find("jsonl") == &format_jsonl);
    t_true(format_find("excel") == &format_excel);
    t_true(!format_find("parquet"));
    t_true(!format_find("CSV"));
    t_true(!format_find(""));
    t_str(FORMAT_NAMES, "csv, jsonl, excel");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_cell),
        cmocka_unit_test(headers),
        cmocka_unit_test(finds_implemented_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
