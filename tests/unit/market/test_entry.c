#include "support/t.h"

#include "market/entry.h"

/* The bits of `changed` in the database are in this order: another order misreads old databases. */
static void names_and_numbers_are_fixed(void **state)
{
    (void)state;
    static const char *const names[] = {"BI", "OF", "LA", "OP", "CL", "SE", "HI",
                                        "LO", "TV", "OI", "EV", "NV", "IV", "ACP"};
    t_int(T_COUNT(names), ENTRY_COUNT);
    for (int e = 0; e < ENTRY_COUNT; e++) {
        t_row(names[e]);
        t_str(entry_name((enum entry)e), names[e]);
        t_int(entry_from_name(names[e], strlen(names[e])), e);
    }
    t_int(ENTRY_ALL, 0x3fff);
}

static void other_names_are_none(void **state)
{
    (void)state;
    static const char *const names[] = {"", "B", "bi", "BI ", "BID", "AC", "ACPX", "TC", "WA"};
    for (size_t i = 0; i < T_COUNT(names); i++) {
        t_row(names[i]);
        t_int(entry_from_name(names[i], strlen(names[i])), -1);
    }
    t_row("a name inside a longer text");
    t_int(entry_from_name("LA,OP", 2), ENTRY_LA);
}

static void lists_are_text(void **state)
{
    (void)state;
    static const struct row {
        const char *text;
        uint32_t entries;
    } rows[] = {
        {"", 0},
        {"ACP", ENTRY_BIT(ENTRY_ACP)},
        {"BI,OF,LA", ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF)},
        {"ACP", ENTRY_BIT(ENTRY_ACP) | ~ENTRY_ALL}, /* other bits mean nothing */
        {"BI,OF,LA,OP,CL,SE,HI,LO,TV,OI,EV,NV,IV,ACP", ENTRY_ALL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[ENTRY_LIST_TEXT];
        t_row(rows[i].text);
        t_str(entry_list_text(text, rows[i].entries), rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_numbers_are_fixed),
        cmocka_unit_test(other_names_are_none),
        cmocka_unit_test(lists_are_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
