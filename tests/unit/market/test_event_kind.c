#include "market/event_kind.h"
#include "support/t.h"

#include <ctype.h>

static void every_kind_has_a_unique_name_and_a_sentence(void **state)
{
    (void)state;
    for (int i = 0; i < EVENT_KINDS; i++) {
        const char *name = event_kind_name((enum event_kind)i);
        const char *meaning = event_kind_meaning((enum event_kind)i);
        assert_non_null(name);
        t_row(name);
        t_int(event_kind_find(name), i);
        t_true(strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name) && strlen(name) > 3);
        t_true(isupper((unsigned char)meaning[0]) && meaning[strlen(meaning) - 1] == '.');
        for (int other = 0; other < i; other++)
            t_true(strcmp(name, event_kind_name((enum event_kind)other)) != 0);
    }
}

static void names_are_a_contract(void **state)
{
    (void)state;
    static const struct {
        enum event_kind kind;
        const char *name;
    } rows[] = {
        {EVENT_STARTED, "started"},
        {EVENT_STOPPED, "stopped"},
        {EVENT_CONFIG_RELOADED, "config_reloaded"},
        {EVENT_LOGIN, "login"},
        {EVENT_LOGIN_REFUSED, "login_refused"},
        {EVENT_STREAM_OPEN, "stream_open"},
        {EVENT_STREAM_CLOSED, "stream_closed"},
        {EVENT_STREAM_REFUSED, "stream_refused"},
        {EVENT_STALE, "stale"},
        {EVENT_DIVERGENCE, "divergence"},
        {EVENT_RATE_LIMITED, "rate_limited"},
        {EVENT_UNKNOWN_SYMBOL, "unknown_symbol"},
        {EVENT_STORE_DELAYED, "store_delayed"},
        {EVENT_DROPPED, "dropped"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++)
        t_str(event_kind_name(rows[i].kind), rows[i].name);
    t_int(event_kind_find("Stale"), -1);
    t_int(event_kind_find(""), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_unique_name_and_a_sentence),
        cmocka_unit_test(names_are_a_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
