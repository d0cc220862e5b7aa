#include "serve/ws_head.h"

#include "support/t.h"

/* RFC 6455 section 5.2: the shortest form of the length. */
static void the_shortest_form_of_the_length(void **state)
{
    static const struct row {
        const char *name;
        size_t len_bytes;
        const char *head;
        size_t head_bytes;
    } rows[] = {
        {"empty", 0, "\x81\x00", 2},
        {"125", 125, "\x81\x7d", 2},
        {"126", 126, "\x81\x7e\x00\x7e", 4},
        {"65535", 65535, "\x81\x7e\xff\xff", 4},
        {"65536", 65536, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10},
        {"5 GB", 5000000000, "\x81\x7f\x00\x00\x00\x01\x2a\x05\xf2\x00", 10},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        unsigned char head[WS_HEAD_BYTES];
        t_row(rows[i].name);
        t_int(ws_head_write(head, WS_HEAD_TEXT, rows[i].len_bytes), rows[i].head_bytes);
        t_true(memcmp(head, rows[i].head, rows[i].head_bytes) == 0);
    }
}

static void the_first_byte_is_the_caller_s(void **state)
{
    unsigned char head[WS_HEAD_BYTES];
    (void)state;
    ws_head_write(head, 0xc1, 3);
    t_int(head[0], 0xc1);
    t_int(head[1], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shortest_form_of_the_length),
        cmocka_unit_test(the_first_byte_is_the_caller_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
