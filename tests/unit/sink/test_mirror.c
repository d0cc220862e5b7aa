/* When a mirror stands still. tests/wire/test_sink.py has a mirror that follows nothing. */
#include "sink/mirror.h"

#include "support/t.h"

struct look {
    int64_t at_s;
    uint64_t mirror, stream;
    bool still;
};

static void check(const char *name, const struct look *looks, size_t count)
{
    struct sink_mirror mirror = {0};
    t_row(name);
    for (size_t i = 0; i < count; i++)
        t_int(sink_mirror_stands_still(&mirror, looks[i].mirror, looks[i].stream,
                                       looks[i].at_s * 1000),
              looks[i].still);
}
#define CHECK_LOOKS(name, ...)                                                                     \
    check(name, (const struct look[]){__VA_ARGS__},                                                \
          sizeof((const struct look[]){__VA_ARGS__}) / sizeof(struct look))

static void it_follows(void **state)
{
    (void)state;
    CHECK_LOOKS("an empty stream", {0, 0, 0, false}, {3600, 0, 0, false});
    CHECK_LOOKS("complete, for hours", {0, 7, 7, false}, {3600, 7, 7, false}, {7200, 7, 7, false});
    CHECK_LOOKS("always a little behind", {0, 5, 9, false}, {40, 105, 109, false},
                {80, 205, 209, false});
    CHECK_LOOKS("being filled", {0, 5, 1000, false}, {20, 6, 1000, false}, {45, 7, 1000, false});
    CHECK_LOOKS("complete until now", {0, 9, 9, false}, {600, 9, 9, false}, {610, 9, 20, false},
                {620, 20, 20, false});
    /* The service does not know yet what another program has published. */
    CHECK_LOOKS("ahead of what the service knows", {0, 12, 10, false}, {600, 12, 10, false});
}

static void it_stands_still(void **state)
{
    (void)state;
    CHECK_LOOKS("while the stream grows", {0, 5, 9, false}, {10, 5, 20, false}, {29, 5, 30, false},
                {30, 5, 40, true});
    CHECK_LOOKS("while the stream does not", {0, 5, 9, false}, {30, 5, 9, true});
    CHECK_LOOKS("after it was complete", {0, 9, 9, false}, {600, 9, 9, false}, {610, 9, 10, false},
                {629, 9, 10, false}, {630, 9, 10, true});
    CHECK_LOOKS("the stream was created again", {0, 5000, 3, false}, {20, 5000, 30, false},
                {30, 5000, 40, true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_follows),
        cmocka_unit_test(it_stands_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
