#include "export/format_excel.h"

#include "base/clock.h"
#include "format_text.h"

#include <float.h>

#define BOM     "\xEF\xBB\xBF"
#define COLUMNS 40

static const struct side two = {2, {{999.5, 10}, {999, NAN}}};

/* The cell is that of trades.symbol: market;symbol;event_time;price;size;origin;seq. */
static void every_kind_of_cell(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        struct cell cell;
        const char *expected;
    } rows[] = {
        // clang-format off
        {"none",             {.kind = CELL_NONE},                  ""},
        {"a price",          {CELL_NUMBER, .number = 104.905},  "104,905"},
        {"a whole price",    {CELL_NUMBER, .number = 61},       "61"},
        {"its decimals",     {CELL_NUMBER, .number = 61, .decimals = 2}, "61,00"},
        {"negative",         {CELL_NUMBER, .number = -0.5},     "-0,5"},
        {"large",            {CELL_NUMBER, .number = 1.5e300},  "1,5e+300"},
        {"a seq",            {CELL_WHOLE, .whole = 123456},     "123456"},
        {"a time",           {CELL_TIME, .whole = INT64_C(1795712578123999999)}, "26/11/2026 14:02:58"},
        {"before midnight",  {CELL_TIME, .whole = INT64_C(1795402799999999999)}, "22/11/2026 23:59:59"},
        {"midnight",         {CELL_TIME, .whole = INT64_C(1795402800000000000)}, "23/11/2026 00:00:00"},
        {"before 1970",      {CELL_TIME, .whole = -1},          "31/12/1969 20:59:59"},
        {"a minute",         {CELL_MINUTE, .whole = INT64_C(1795446000000000000)}, "23/11/2026 12:00:00"},
        {"a day",            {CELL_DAY, .whole = 20780},        "23/11/2026"},
        {"text",             {CELL_TEXT, .text = "DLR/DIC26"},  "DLR/DIC26"},
        {"a comma",          {CELL_TEXT, .text = "BI,OF"},      "BI,OF"},
        {"a semicolon",      {CELL_TEXT, .text = "a;b"},        "\"a;b\""},
        {"a quote",          {CELL_TEXT, .text = "5\" x"},      "\"5\"\" x\""},
        {"UTF-8",            {CELL_TEXT, .text = "d\xc3\xb3lar"}, "d\xc3\xb3lar"},
        {"a formula",        {CELL_TEXT, .text = "=1+1"},       "'=1+1"},
        {"a formula; quoted", {CELL_TEXT, .text = "=A1;\""},    "\"'=A1;\"\"\""},
        {"a command",        {CELL_TEXT, .text = "@SUM(1)"},    "'@SUM(1)"},
        {"a sign",           {CELL_TEXT, .text = "+54"},        "'+54"},
        {"empty",            {CELL_TEXT, .text = ""},           ""},
        {"levels",           {CELL_LEVELS, .side = &two},       "[[999.5,10],[999,null]]"},
        {"JSON",             {CELL_JSON, .text = "[[1,2]]"},    "[[1,2]]"},
        // clang-format on
    };
    struct buf out;
    char expected[256];
    buf_init(&out, 65536);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct cell cells[COLUMNS] = {{.kind = CELL_NONE}};
        cells[1] = rows[i].cell;
        t_row(rows[i].name);
        snprintf(expected, sizeof(expected), ";%s;;;;;\r\n", rows[i].expected);
        t_str(format_text_row(&out, &format_excel, EXTRACT_TRADES, cells), expected);
    }
    buf_finish(&out);
}

static void headers(void **state)
{
    (void)state;
    static const struct row {
        enum extract_table table;
        const char *expected;
    } rows[] = {
        {EXTRACT_TRADES, BOM "market;symbol;event_time;price;size;origin;seq\r\n"},
        {EXTRACT_BARS, BOM "market;symbol;minute;open;high;low;close;volume;trades\r\n"},
        {EXTRACT_EVENTS, BOM "time;kind;symbol;detail;meaning;recorder\r\n"},
        {EXTRACT_COVERAGE, BOM "market;symbol;from_time;to_time;source;reason\r\n"},
    };
    struct buf out;
    buf_init(&out, 65536);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_str(format_text(&out, &format_excel, rows[i].table, NULL, 0), rows[i].expected);
    }
    buf_finish(&out);
}

/* No table has integers of nanoseconds; each omitted column has the same time in another column. */
static void ts_columns_are_omitted_but_their_times_are_not(void **state)
{
    (void)state;
    for (int t = 0; t < EXTRACT_TABLES; t++) {
        enum extract_table table = (enum extract_table)t;
        struct cell cells[COLUMNS];
        struct buf out;
        int times = 0, count = extract_columns_count(table);
        t_row(extract_table_name(table));
        t_true(count <= COLUMNS);
        for (int i = 0; i < count; i++) {
            bool ns = strncmp(extract_column_name(table, i), "ts", 2) == 0;
            times += ns;
            cells[i] = ns ? (struct cell){CELL_WHOLE, .whole = INT64_C(1795446000000000001)}
                          : (struct cell){CELL_TIME, .whole = INT64_C(1795446000000000001)};
        }
        buf_init(&out, 65536);
        format_text_row(&out, &format_excel, table, cells);
        t_true(times > 0);
        t_true(!strstr(buf_text(&out), "1795446000"));
        t_contains(buf_text(&out), "23/11/2026 12:00:00");
        buf_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_cell),
        cmocka_unit_test(headers),
        cmocka_unit_test(ts_columns_are_omitted_but_their_times_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
