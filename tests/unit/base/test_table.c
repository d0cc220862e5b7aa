#include "base/table.h"

#include "support/t.h"

static const struct table_column columns[] = {{"symbol", false}, {"bid", true}, {"note", false}};

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

static void a_cleared_table_forgets_its_widths(void **state)
{
    (void)state;
    struct table table;
    table_init(&table, columns, 3);
    add(&table, "a very long symbol", "1", "x");
    table_clear(&table);
    t_int(table_rows(&table), 0);
    add(&table, "A", "1", "x");
    check(&table, 9,
          "symbol  bid  note\n"
          "A         1  x\n");
    table_finish(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned),
        cmocka_unit_test(no_more_rows_than_asked_for),
        cmocka_unit_test(a_cleared_table_forgets_its_widths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
