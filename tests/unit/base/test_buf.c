#include "support/t.h"

#include "base/buf.h"

#include <errno.h>

static void appends_bytes(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1000);
    t_str(buf_text(&buf), "");
    t_int(buf_puts(&buf, "DLR"), 0);
    t_int(buf_append(&buf, "/", 1), 0);
    t_int(buf_printf(&buf, "%s%d", "DIC", 26), 0);
    t_str(buf_text(&buf), "DLR/DIC26");
    t_int(buf.len_bytes, 9);
    t_int(buf_append(&buf, NULL, 0), 0);
    t_int(buf_append(&buf, "a\0b", 3), 0);
    t_int(buf.len_bytes, 12);
    t_int(buf.data[12], 0);
    t_true(!buf_failed(&buf));
    buf_finish(&buf);
    t_str(buf_text(&buf), "");
}

static void grows_past_its_first_block(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100000);
    for (int i = 0; i < 10000; i++)
        t_int(buf_printf(&buf, "%04d", i), 0);
    t_int(buf.len_bytes, 40000);
    t_true(memcmp(buf_text(&buf) + 4 * 9999, "9999", 5) == 0);
    buf_finish(&buf);
}

static void the_maximum_is_exact(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 5);
    t_int(buf_puts(&buf, "12345"), 0);
    t_str(buf_text(&buf), "12345");
    t_int(buf_puts(&buf, "6"), -EMSGSIZE);
    t_str(buf_text(&buf), "12345");
    buf_finish(&buf);

    buf_init(&buf, 5);
    t_int(buf_printf(&buf, "%d", 123456), -EMSGSIZE);
    t_str(buf_text(&buf), "");
    buf_finish(&buf);

    buf_init(&buf, 5); /* in the block that it has, but beyond the maximum */
    t_int(buf_puts(&buf, "123"), 0);
    t_int(buf_printf(&buf, "%d", 456), -EMSGSIZE);
    t_str(buf_text(&buf), "123");
    buf_clear(&buf);
    t_int(buf_printf(&buf, "%d", 12345), 0);
    t_str(buf_text(&buf), "12345");
    buf_finish(&buf);
}

static void truncate_keeps_the_beginning(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 8);
    buf_truncate(&buf, 0);
    buf_puts(&buf, "abcdef");
    t_int(buf_puts(&buf, "ghi"), -EMSGSIZE);
    buf_truncate(&buf, 2);
    t_str(buf_text(&buf), "ab");
    t_int(buf_puts(&buf, "cdefgh"), 0);
    t_str(buf_text(&buf), "abcdefgh");
    buf_finish(&buf);
}

static void a_failure_persists_until_clear(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 5);
    buf_puts(&buf, "123");
    buf_puts(&buf, "456");
    t_true(buf_failed(&buf));
    t_int(buf_puts(&buf, "4"), -EMSGSIZE); /* it would fit, but bytes before it are missing */
    t_int(buf_printf(&buf, "4"), -EMSGSIZE);
    t_str(buf_text(&buf), "123");
    buf_clear(&buf);
    t_true(!buf_failed(&buf));
    t_str(buf_text(&buf), "");
    t_int(buf_puts(&buf, "12345"), 0);
    buf_finish(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_bytes),
        cmocka_unit_test(grows_past_its_first_block),
        cmocka_unit_test(the_maximum_is_exact),
        cmocka_unit_test(truncate_keeps_the_beginning),
        cmocka_unit_test(a_failure_persists_until_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
