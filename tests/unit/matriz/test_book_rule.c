#include "matriz/book_rule.h"

#include "support/t.h"

#define BI ENTRY_BIT(ENTRY_BI)
#define OF ENTRY_BIT(ENTRY_OF)
#define LA ENTRY_BIT(ENTRY_LA)

/* "BI,OF,LA best BI,OF" */
static const char *line_of(struct matriz_book_rule *rule, const char *symbol, bool book)
{
    static char words[160];
    char entries[ENTRY_LIST_TEXT], best[ENTRY_LIST_TEXT];
    struct quote_update u = {.entries = book ? BI | OF : BI | OF | LA, .quote = quote_none()};
    matriz_book_rule_apply(rule, symbol, book, &u);
    entry_list_text(entries, u.entries);
    entry_list_text(best, u.best_only);
    snprintf(words, sizeof(words), "%s%s%s", entries, *best ? " best " : "", best);
    return words;
}

static void the_book_comes_from_book_lines_once_there_is_one(void **state)
{
    (void)state;
    static const char a[] = "A", b[] = "B";
    struct matriz_book_rule *rule = matriz_book_rule_create();
    t_str(line_of(rule, a, false), "BI,OF,LA best BI,OF"); /* not subscribed */
    t_str(line_of(rule, a, true), "BI,OF");
    t_int(matriz_book_rule_begin(rule, a), 0);
    t_int(matriz_book_rule_begin(rule, b), 0);
    t_str(line_of(rule, a, false), "BI,OF,LA best BI,OF");
    t_str(line_of(rule, a, true), "BI,OF");
    t_str(line_of(rule, a, false), "LA");
    t_str(line_of(rule, b, false), "BI,OF,LA best BI,OF");
    t_int(matriz_book_rule_begin(rule, a), 0); /* again */
    t_str(line_of(rule, a, false), "BI,OF,LA best BI,OF");
    t_str(line_of(rule, a, true), "BI,OF");
    t_str(line_of(rule, a, false), "LA");
    matriz_book_rule_destroy(rule);
    matriz_book_rule_destroy(NULL);
}

static void a_side_that_is_not_in_the_line_stays_out(void **state)
{
    (void)state;
    struct matriz_book_rule *rule = matriz_book_rule_create();
    struct quote_update u = {.entries = BI | LA, .quote = quote_none()};
    matriz_book_rule_apply(rule, "x", false, &u);
    t_int(u.entries, BI | LA);
    t_int(u.best_only, BI);
    matriz_book_rule_destroy(rule);
}

static void many_instruments(void **state)
{
    (void)state;
    static char symbols[5000][4];
    struct matriz_book_rule *rule = matriz_book_rule_create();
    for (size_t i = 0; i < T_COUNT(symbols); i++)
        t_int(matriz_book_rule_begin(rule, symbols[i]), 0);
    for (size_t i = 0; i < T_COUNT(symbols); i += 2)
        line_of(rule, symbols[i], true);
    for (size_t i = 0; i < T_COUNT(symbols); i++)
        t_str(line_of(rule, symbols[i], false), i % 2 ? "BI,OF,LA best BI,OF" : "LA");
    matriz_book_rule_destroy(rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_book_comes_from_book_lines_once_there_is_one),
        cmocka_unit_test(a_side_that_is_not_in_the_line_stays_out),
        cmocka_unit_test(many_instruments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
