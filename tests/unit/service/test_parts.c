#include "service/parts.h"

#include "support/t.h"

#include <errno.h>

/* What was called, in order: "+a +b -b" or "~a" for a change. */
struct service {
    char calls[256];
    int failing; /* index of the part that cannot start; -1 = none */
};

static void note(struct service *s, char what, char name)
{
    size_t used = strlen(s->calls);
    snprintf(s->calls + used, sizeof(s->calls) - used, "%s%c%c", used ? " " : "", what, name);
}

static int start(struct service *s, char name, struct err *err)
{
    bool fails = name - 'a' == s->failing;
    note(s, fails ? '!' : '+', name);
    return fails ? err_set(err, -EIO, "%c is broken", name) : 0;
}

#define PART(x)                                                                                    \
    __attribute__((unused)) static int start_##x(struct service *s, struct err *err)               \
    {                                                                                              \
        return start(s, #x[0], err);                                                               \
    }                                                                                              \
    __attribute__((unused)) static void stop_##x(struct service *s)                                \
    {                                                                                              \
        note(s, '-', #x[0]);                                                                       \
    }                                                                                              \
    __attribute__((unused)) static void change_##x(struct service *s)                              \
    {                                                                                              \
        note(s, '~', #x[0]);                                                                       \
    }
PART(a)
PART(b)
PART(c)
PART(d)
PART(e)

// clang-format off
static const struct part parts[] = {
    {"a", start_a, stop_a, SERVICE_CONFIG,  0, NULL,     false},
    {"b", start_b, NULL,   SERVICE_FAILED,  1, change_b, false},
    {"c", start_c, stop_c, SERVICE_FAILED,  6, change_c, false},
    {"d", start_d, stop_d, SERVICE_REFUSED, 8, change_d, true},
    {"e", start_e, stop_e, SERVICE_CONFIG, 16, change_e, true},
};
// clang-format on
#define COUNT T_COUNT(parts)

static void a_failure_stops_those_that_were_started(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int failing;
        enum service_end end;
        const char *calls, *why;
    } rows[] = {
        {"none", -1, SERVICE_DONE, "+a +b +c +d +e", ""},
        {"the first", 0, SERVICE_CONFIG, "!a", "a is broken"},
        {"the second", 1, SERVICE_FAILED, "+a !b -a", "b is broken"},
        {"after one without stop", 2, SERVICE_FAILED, "+a +b !c -a", "c is broken"},
        {"the fourth", 3, SERVICE_REFUSED, "+a +b +c !d -c -a", "d is broken"},
        {"the last", 4, SERVICE_CONFIG, "+a +b +c +d !e -d -c -a", "e is broken"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct service s = {.failing = rows[i].failing};
        struct err err = {0};
        t_row(rows[i].name);
        t_int(parts_start(parts, COUNT, &s, &err), rows[i].end);
        t_str(s.calls, rows[i].calls);
        t_str(err.text, rows[i].why);
    }
}

static void the_stop_is_the_start_backwards(void **state)
{
    (void)state;
    struct service s = {.failing = -1};
    parts_stop(parts, COUNT, &s);
    t_str(s.calls, "-e -d -c -a");
    s = (struct service){.failing = -1};
    parts_stop(parts, 0, &s);
    t_str(s.calls, "");
}

static void the_replaced_ones_are_the_last(void **state)
{
    (void)state;
    static const struct part none[] = {{"a", start_a, stop_a, SERVICE_CONFIG, 1, NULL, false}};
    static const struct part all[] = {{"d", start_d, stop_d, SERVICE_CONFIG, 1, NULL, true}};
    t_int(parts_kept(parts, COUNT), 3);
    t_int(parts_kept(none, 1), 1);
    t_int(parts_kept(all, 1), 0);
    t_int(parts_kept(all, 0), 0);

    size_t kept = parts_kept(parts, COUNT);
    struct service s = {.failing = -1};
    struct err err;
    parts_stop(parts + kept, COUNT - kept, &s);
    t_int(parts_start(parts + kept, COUNT - kept, &s, &err), SERVICE_DONE);
    t_str(s.calls, "-e -d +d +e");
}

static void sections(void **state)
{
    (void)state;
    t_int(parts_reads(parts, COUNT), 31);
    t_int(parts_reads(parts, 3), 7);
    t_int(parts_reads(parts + 3, 2), 24);
    t_int(parts_reads(parts, 0), 0);
}

static void those_that_read_a_changed_section_are_told(void **state)
{
    (void)state;
    static const struct {
        uint32_t changed;
        const char *calls;
    } rows[] = {{0, ""}, {1, "~b"}, {2, "~c"}, {4, "~c"}, {5, "~b ~c"}, {8, ""}, {64, ""}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct service s = {.failing = -1};
        parts_change(parts, parts_kept(parts, COUNT), rows[i].changed, &s);
        t_str(s.calls, rows[i].calls);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_stops_those_that_were_started),
        cmocka_unit_test(the_stop_is_the_start_backwards),
        cmocka_unit_test(the_replaced_ones_are_the_last),
        cmocka_unit_test(sections),
        cmocka_unit_test(those_that_read_a_changed_section_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
