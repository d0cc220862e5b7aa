#include "market/shortfall.h"

#include "support/t.h"

static void test_reported_once_when_it_begins_and_ends(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t at_ms;
        struct subscription_state state;
        bool closed; /* before */
        enum shortfall_news news;
    } rows[] = {
        {"none received", 1000, {.waiting = 114, .asked = 50}, false, SHORTFALL_NO_NEWS},
        {"19 s", 20000, {.live = 100, .asked = 64}, false, SHORTFALL_NO_NEWS},
        {"30 s", 31000, {.live = 100, .asked = 64}, false, SHORTFALL_BEGAN},
        {"still some missing", 41000, {.live = 101, .asked = 63}, false, SHORTFALL_NO_NEWS},
        {"another connection", 50000, {.live = 0, .waiting = 164}, true, SHORTFALL_NO_NEWS},
        {"the same shortfall", 90000, {.live = 100, .asked = 64}, false, SHORTFALL_NO_NEWS},
        {"none requested", 95000, {.live = 0}, false, SHORTFALL_NO_NEWS},
        {"all received", 100000, {.live = 160, .refused = 4}, false, SHORTFALL_ENDED},
        {"still all received", 110000, {.live = 160, .refused = 4}, false, SHORTFALL_NO_NEWS},
        {"one requested again", 120000, {.live = 159, .asked = 1}, false, SHORTFALL_NO_NEWS},
        {"and received", 130000, {.live = 160}, false, SHORTFALL_NO_NEWS},
        {"another one requested again",
         140000,
         {.live = 159, .asked = 1},
         false,
         SHORTFALL_NO_NEWS},
        {"and not received for 30 s", 170000, {.live = 159, .asked = 1}, false, SHORTFALL_BEGAN},
        {"denied", 180000, {.live = 10, .waiting = 150, .denied = true}, false, SHORTFALL_NO_NEWS},
        {"mute from the start", 300000, {.asked = 160}, true, SHORTFALL_NO_NEWS},
        {"mute for 100 s", 400000, {.asked = 160}, false, SHORTFALL_NO_NEWS},
    };
    struct shortfall shortfall = {0};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        if (rows[i].closed)
            shortfall_closed(&shortfall);
        t_int(shortfall_look(&shortfall, &rows[i].state, rows[i].at_ms), rows[i].news);
    }
}

static void test_silent_are_those_that_wait_for_data(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct subscription_state state;
        int32_t silent;
    } rows[] = {
        {"asked and waiting", {.live = 5, .asked = 3, .waiting = 4, .refused = 2}, 7},
        {"all live", {.live = 5}, 0},
        {"all denied", {.asked = 3, .waiting = 4, .denied = true}, 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(shortfall_silent(&rows[i].state), rows[i].silent);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reported_once_when_it_begins_and_ends),
        cmocka_unit_test(test_silent_are_those_that_wait_for_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
