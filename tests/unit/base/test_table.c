#include "base/table.h"

#include "support/t.h"

static const struct table_column columns[] = {
    {.title = "symbol"}, {.title = "bid", .right = true}, {.title = "note"}};

static void check(struct table *table, size_t rows_max, const char *expected)
{
    struct buf out;
    buf_init(&out, 4096);
    table_print(table, rows_max, "\n", &out);
    t_str(buf_text(&out), expected);
    buf_finish(&out);
}

static void add(struct table *table, const char *a, const char *b, const char *c)
{
    table_cell(table, a);
    table_cell(table, b);
    table_cell(table, c);
}

static void columns_are_aligned(void **state)
{
    (void)state;
    struct table table;
    table_init(&table, columns, 3);
    add(&table, "DLR/DIC26", "1601.5", "a");
    add(&table, "X", "1234567", "long words");
    add(&table, "ÑANDÚ", NULL, "");
    t_int(table_rows(&table), 3);
    check(&table, 9,
          "symbol         bid  note\n"
          "DLR/DIC26   1601.5  a\n"
          "X          1234567  long words\n"
          "ÑANDÚ            -  -\n");
    table_finish(&table);
}

static void no_more_rows_than_asked_for(void **state)
{
    (void)state;
    struct table table;
    table_init(&table, columns, 3);
    add(&table, "A", "1", "x");
    add(&table, "B", "2", "y");
    check(&table, 1,
          "symbol  bid  note\n"
          "A         1  x\n");
    table_finish(&table);
}

static void columns_of_a_redrawn_table_do_not_move(void **state)
{
    (void)state;
    struct table table;
    table_init(&table, columns, 3);
    add(&table, "a long symbol", "1", "x");
    table_clear(&table);
    t_int(table_rows(&table), 0);
    add(&table, "A", "1", "x");
    check(&table, 9,
          "symbol         bid  note\n"
          "A                1  x\n");
    table_finish(&table);
}

static void minimum_widths_apply_from_the_start(void **state)
{
    (void)state;
    static const struct table_column some[] = {
        {.title = "a"}, {.title = "age", .right = true, .width_min = 6}, {.title = "b"}};
    struct table table;
    table_init(&table, some, 3);
    add(&table, "x", "1.0s", "y");
    check(&table, 9,
          "a     age  b\n"
          "x    1.0s  y\n");
    table_finish(&table);
}

/* Columns of one rank are shown or hidden together; a narrow column of a higher rank may be shown
 * although a wide one of a lower rank is not. */
static void narrow_lines_hide_whole_columns(void **state)
{
    (void)state;
    static const struct table_column ranked[] = {{.title = "symbol"},
                                                 {.title = "bid size", .right = true, .rank = 2},
                                                 {.title = "bid", .right = true, .rank = 1},
                                                 {.title = "offer", .right = true, .rank = 1},
                                                 {.title = "offer size", .right = true, .rank = 2},
                                                 {.title = "src", .rank = 3}};
    static const struct row {
        size_t width;
        int hidden;
        const char *lines;
    } rows[] = {
        {TABLE_WIDE, 0,
         "symbol     bid size     bid   offer  offer size  src\n"
         "DLR/DIC26         7  1598.5  1599.5           9  rest\n"},
        {53, 0,
         "symbol     bid size     bid   offer  offer size  src\n"
         "DLR/DIC26         7  1598.5  1599.5           9  rest\n"},
        {52, 1,
         "symbol     bid size     bid   offer  offer size\n"
         "DLR/DIC26         7  1598.5  1599.5           9\n"},
        {46, 2,
         "symbol        bid   offer  src\n"
         "DLR/DIC26  1598.5  1599.5  rest\n"},
        {30, 3,
         "symbol        bid   offer\n"
         "DLR/DIC26  1598.5  1599.5\n"},
        {24, 4,
         "symbol     src\n"
         "DLR/DIC26  rest\n"},
        {9, 5,
         "symbol\n"
         "DLR/DIC26\n"},
        {1, 5,
         "symbol\n"
         "DLR/DIC26\n"},
    };
    struct table table;
    table_init(&table, ranked, 6);
    static const char *const cells[] = {"DLR/DIC26", "7", "1598.5", "1599.5", "9", "rest"};
    for (size_t i = 0; i < T_COUNT(cells); i++)
        table_cell(&table, cells[i]);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].lines);
        t_int(table_fit(&table, rows[i].width), rows[i].hidden);
        check(&table, 9, rows[i].lines);
    }
    table_finish(&table);
}

static void long_text_continues_on_the_next_line(void **state)
{
    (void)state;
    static const struct table_column some[] = {{.title = "event"},
                                               {.title = "what happened", .wraps = true}};
    struct table table;
    table_init(&table, some, 2);
    table_cell(&table, "stale");
    table_cell(&table, "nothing came for 90 s although the session is open: polling");
    table_cell(&table, "login");
    table_cell(&table, "https://a.very.long.address.without.a.blank.in.it/");
    t_int(table_fit(&table, 40), 0);
    check(&table, 9,
          "event  what happened\n"
          "stale  nothing came for 90 s although\n"
          "       the session is open: polling\n"
          "login  https://a.very.long.address.witho\n"
          "       ut.a.blank.in.it/\n");
    t_int(table_fit(&table, 10), 0);
    check(&table, 1,
          "event  what happened\n"
          "stale  nothing came for 90 s\n"
          "       although the session is\n"
          "       open: polling\n");
    table_fit(&table, TABLE_WIDE);
    check(&table, 1,
          "event  what happened\n"
          "stale  nothing came for 90 s although the session is open: polling\n");
    table_finish(&table);
}

static void wrapped_lines_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t lines;
    } rows[] = {
        {"", 1},
        {"short", 1},
        {"one line of forty characters, exactly so", 1},
        {"one line of forty-one characters, a break", 2},
        {"a b", 1},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        t_row(rows[i].text);
        buf_init(&out, 1000);
        t_int(table_wrap(&out, rows[i].text, 42, 2, "\n"), rows[i].lines);
        buf_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned),
        cmocka_unit_test(no_more_rows_than_asked_for),
        cmocka_unit_test(columns_of_a_redrawn_table_do_not_move),
        cmocka_unit_test(minimum_widths_apply_from_the_start),
        cmocka_unit_test(narrow_lines_hide_whole_columns),
        cmocka_unit_test(wrapped_lines_are_counted),
        cmocka_unit_test(long_text_continues_on_the_next_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
