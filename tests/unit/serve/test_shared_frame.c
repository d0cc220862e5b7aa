#include "serve/shared_frame.h"

#include "support/t.h"

#include <stdlib.h>

static void a_frame_is_the_header_and_the_text(void **state)
{
    static char text[300];
    (void)state;
    struct shared_frame *f = shared_frame_create("abc", 3);
    t_int(shared_frame_bytes(f), 5);
    t_true(memcmp(shared_frame_data(f),
                  "\x81\x03"
                  "abc",
                  5) == 0);
    shared_frame_unref(f);

    memset(text, 'x', sizeof(text));
    f = shared_frame_create(text, sizeof(text));
    t_int(shared_frame_bytes(f), 4 + sizeof(text));
    t_true(memcmp(shared_frame_data(f) + 4, text, sizeof(text)) == 0);
    shared_frame_unref(f);

    f = shared_frame_create("", 0);
    t_int(shared_frame_bytes(f), 2);
    shared_frame_unref(f);
}

/* The sanitizer reports a use after the last one, and a frame that is never freed. */
static void it_lives_until_the_last_reference_ends(void **state)
{
    struct shared_frame *f = shared_frame_create("abc", 3);
    (void)state;
    t_true(shared_frame_ref(f) == f);
    shared_frame_unref(f);
    t_int(shared_frame_bytes(f), 5);
    shared_frame_unref(f);
    shared_frame_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_the_header_and_the_text),
        cmocka_unit_test(it_lives_until_the_last_reference_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
