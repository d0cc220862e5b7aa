#include "support/t.h"

#include "base/text.h"

static void is_compared_by_its_bytes(void **state)
{
    (void)state;
    static const char three[] = {'a', 'b', 'c'}; /* no NUL: ASan detects a read past the end */
    const struct text abc = {three, 3}, empty = {three, 0}, none = text_of(NULL);
    t_true(text_is(abc, "abc") && !text_is(abc, "ab") && !text_is(abc, "abcd"));
    t_true(!text_is(abc, "abd") && !text_is(abc, ""));
    t_true(text_is(empty, "") && !text_is(empty, "a"));
    t_true(!none.text && none.len_bytes == 0 && !text_is(none, ""));
    t_true(!text_is((struct text){"abc\0d", 5}, "abc"));
    t_true(text_same(abc, text_of("abc")) && !text_same(abc, text_of("abd")));
    t_true(!text_same(none, none) && !text_same(abc, none) && !text_same(none, empty));
    t_true(text_is(text_of("abc"), "abc") && text_of("abc").len_bytes == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_compared_by_its_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
