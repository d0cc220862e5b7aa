#include "cli/unmatched.h"

#include "support/store_fixture.h"

static void similar_symbols_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *expected; /* NULL: a symbol matches */
    } rows[] = {
        {"DLR/DIC26", NULL},
        {"DLR/*", NULL},
        {"*", NULL},
        {"DLR/DEC26", "no symbol matches 'DLR/DEC26'; did you mean 'DLR/DIC26'?\n"},
        {"GGAL", "no symbol matches 'GGAL'; did you mean 'MERV - XMEV - GGAL - 24hs', "
                 "'MERV - XMEV - GGAL - CI' or 'GGAL/DIC26'?\n"},
        {"YPFD", "no symbol matches 'YPFD': 'cinta quotes' lists the recorded symbols\n"},
    };
    static const char *const symbols[] = {"DLR/DIC26", "GGAL/DIC26", "MERV - XMEV - GGAL - CI",
                                          "MERV - XMEV - GGAL - 24hs"};
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 0);
    for (int32_t i = 0; i < (int32_t)T_COUNT(symbols); i++)
        store_instrument(store, i, "ROFX", symbols[i]);
    fixture_close(store);
    struct reader *reader = NULL;
    struct err err;
    if (reader_open(&reader, f.path, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        t_row(rows[i].pattern);
        buf_init(&out, 4096);
        t_int(unmatched_put(&out, reader, rows[i].pattern), rows[i].expected != NULL);
        t_str(buf_text(&out), rows[i].expected ? rows[i].expected : "");
        buf_finish(&out);
    }
    reader_close(reader);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(similar_symbols_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
