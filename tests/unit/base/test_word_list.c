#include "base/word_list.h"

#include "support/t.h"

static const char *const colours[] = {"red", "green", "blue", NULL};
static const char *const none[] = {NULL};

static void finds_whole_words(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        int found;
    } rows[] = {{"red", 0}, {"blue", 2}, {"Red", -1}, {"re", -1}, {"redd", -1}, {"", -1}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(word_list_find(colours, rows[i].name), rows[i].found);
        t_int(word_list_find(none, rows[i].name), -1);
    }
}

static void writes_the_list(void **state)
{
    (void)state;
    char out[32];
    t_str(word_list_text(out, sizeof(out), colours, ", "), "red, green, blue");
    t_str(word_list_text(out, sizeof(out), colours, "|"), "red|green|blue");
    t_str(word_list_text(out, sizeof(out), none, "|"), "");
    t_str(word_list_text(out, 4, colours, "|"), "red");
    t_str(word_list_text(out, 6, colours, "|"), "red|g");
    t_str(word_list_text(out, 1, colours, "|"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_whole_words),
        cmocka_unit_test(writes_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
