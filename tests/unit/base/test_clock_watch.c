#include "base/clock_watch.h"

#include "support/t.h"

#define S 1000
#define H (3600 * S)

static const struct row {
    const char *name;
    int64_t wall_ms, mono_ms, boot_ms; /* since the last call */
    enum clock_change change;
    int64_t by_ms;
    const char *words;
} rows[] = {
    {"no change", 4 * S, 4 * S, 4 * S, CLOCK_STEADY, 0, "no jump"},
    {"no time passed", 0, 0, 0, CLOCK_STEADY, 0, "no jump"},
    {"NTP slews", 4 * S + 2, 4 * S, 4 * S, CLOCK_STEADY, 0, "no jump"},
    {"a step of a second", 5 * S, 4 * S, 4 * S, CLOCK_STEADY, 0, "no jump"},
    {"a loop blocked for half a minute", 30 * S, 30 * S, 30 * S, CLOCK_STEADY, 0, "no jump"},
    {"set ahead", 3 * H + 4 * S, 4 * S, 4 * S, CLOCK_AHEAD, 3 * H,
     "the wall clock went ahead by 3.0 h: it was set, or the machine was paused"},
    {"set back", 4 * S - H, 4 * S, 4 * S, CLOCK_BACK, H, "the wall clock was set back by 60 min"},
    {"suspended", 3 * H + 4 * S, 4 * S, 3 * H + 4 * S, CLOCK_SLEPT, 3 * H,
     "the machine was suspended for 3.0 h"},
    {"suspended, wall clock not corrected", 4 * S, 4 * S, 9 * S, CLOCK_SLEPT, 5 * S,
     "the machine was suspended for 5 s"},
    {"suspended, and set back", 4 * S - H, 4 * S, H, CLOCK_BACK, H,
     "the wall clock was set back by 60 min"},
    {"stopped", 3 * H, 3 * H, 3 * H, CLOCK_STOPPED, 3 * H,
     "the service did not run for 3.0 h: its process or machine was paused"},
    {"the shortest jump ahead", 4 * S + 2000, 4 * S, 4 * S, CLOCK_AHEAD, 2 * S,
     "the wall clock went ahead by 2 s: it was set, or the machine was paused"},
    {"a millisecond less", 4 * S + 1999, 4 * S, 4 * S, CLOCK_STEADY, 0, "no jump"},
    {"the shortest jump back", 2 * S, 4 * S, 4 * S, CLOCK_BACK, 2 * S,
     "the wall clock was set back by 2 s"},
    {"the shortest suspend", 6 * S, 4 * S, 6 * S, CLOCK_SLEPT, 2 * S,
     "the machine was suspended for 2 s"},
    {"the shortest stop", 60 * S, 60 * S, 60 * S, CLOCK_STOPPED, 60 * S,
     "the service did not run for 60 s: its process or machine was paused"},
    {"not quite a stop", 60 * S - 1, 60 * S - 1, 60 * S - 1, CLOCK_STEADY, 0, "no jump"},
    {"119 s", 123 * S, 4 * S, 123 * S, CLOCK_SLEPT, 119 * S, "the machine was suspended for 119 s"},
    {"120 s are minutes", 124 * S, 4 * S, 124 * S, CLOCK_SLEPT, 120 * S,
     "the machine was suspended for 2 min"},
    {"two hours", 2 * H + 4 * S, 4 * S, 2 * H + 4 * S, CLOCK_SLEPT, 2 * H,
     "the machine was suspended for 2.0 h"},
    {"almost two days", 48 * H, 4 * S, 48 * H, CLOCK_SLEPT, 48 * H - 4 * S,
     "the machine was suspended for 48.0 h"},
    {"two days", 48 * H + 4 * S, 4 * S, 48 * H + 4 * S, CLOCK_SLEPT, 48 * H,
     "the machine was suspended for 2.0 days"},
    {"400 days", INT64_C(400) * 24 * H, 4 * S, 4 * S, CLOCK_AHEAD, INT64_C(400) * 24 * H - 4 * S,
     "the wall clock went ahead by 400.0 days: it was set, or the machine was paused"},
};

static void each_jump_is_reported_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct clock_watch watch = {0};
        struct now now = {77, INT64_C(1795446000) * NS_PER_S};
        char words[CLOCK_JUMP_WORDS];
        t_row(row->name);
        struct clock_jump first = clock_watch_look(&watch, now, 500);
        t_int(first.change, CLOCK_STEADY);
        t_int(first.by_ms, 0);
        now.mono_ms += row->mono_ms;
        now.wall_ns += row->wall_ms * NS_PER_MS;
        struct clock_jump jump = clock_watch_look(&watch, now, 500 + row->boot_ms);
        t_int(jump.change, row->change);
        t_int(jump.by_ms, row->by_ms);
        t_str(clock_jump_words(words, jump), row->words);
        t_int(clock_watch_look(&watch, now, 500 + row->boot_ms).change, CLOCK_STEADY);
    }
    t_row("");
}

static void a_slow_drift_is_not_a_jump(void **state)
{
    (void)state;
    struct clock_watch watch = {0};
    struct now now = {77, INT64_C(1795446000) * NS_PER_S};
    int64_t boot_ms = 1;
    for (int i = 0; i < 100000; i++) { /* 500 ppm for days: several minutes in total */
        t_int(clock_watch_look(&watch, now, boot_ms).change, CLOCK_STEADY);
        now.mono_ms += 4000;
        boot_ms += 4000;
        now.wall_ns += 4002 * NS_PER_MS;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_jump_is_reported_once),
        cmocka_unit_test(a_slow_drift_is_not_a_jump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
