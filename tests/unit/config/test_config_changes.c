#include "config/config_changes.h"

#include "support/config_text.h"

static void sections_that_differ(void **state)
{
    (void)state;
    static const char before[] = CONFIG_MINIMAL
        "poll { rate = 2  entries = {LA, BI} }\nstore { keep_days = 3 }\nstate_dir = \"/x\"\n";
    static const struct {
        const char *name, *after;
        uint32_t changed;
        const char *words;
    } rows[] = {
        {"the same text", before, 0, "nothing"},
        {"other lines, comments and defaults that are written",
         "# moved\nstate_dir = \"/x\"\n\nstore { keep_days = 3 wal_limit = 2048 }\n"
         "poll { rate = 2.0 entries = {LA, BI} }\n" CONFIG_MINIMAL,
         0, "nothing"},
        {"a number",
         CONFIG_MINIMAL
         "poll { rate = 3  entries = {LA, BI} }\nstore { keep_days = 3 }\nstate_dir = \"/x\"\n",
         CONFIG_POLL, "poll"},
        {"an entry of a list",
         CONFIG_MINIMAL
         "poll { rate = 2  entries = {LA, OF} }\nstore { keep_days = 3 }\nstate_dir = \"/x\"\n",
         CONFIG_POLL, "poll"},
        {"a shorter list",
         CONFIG_MINIMAL
         "poll { rate = 2  entries = {LA} }\nstore { keep_days = 3 }\nstate_dir = \"/x\"\n",
         CONFIG_POLL, "poll"},
        {"a switch",
         CONFIG_MINIMAL
         "poll { rate = 2  entries = {LA, BI} }\nstore { keep_days = 3 }\nstate_dir = \"/x\"\n"
         "stream { enable = false }\n",
         CONFIG_STREAM, "stream"},
        {"two sections",
         CONFIG_MINIMAL
         "poll { rate = 2  entries = {LA, BI} }\nstate_dir = \"/x\"\nexport { at = \"17:30\" }\n",
         CONFIG_STORE | CONFIG_EXPORT, "store, export"},
        {"outside of the sections",
         CONFIG_MINIMAL
         "poll { rate = 2  entries = {LA, BI} }\nstore { keep_days = 3 }\nstate_dir = \"/y\"\n",
         CONFIG_STATE_DIR, "state_dir"},
        {"broker, instruments and session",
         "broker { url = \"https://api.broker.example/\" user = \"bob\" }\n"
         "instruments { symbols = {\"DLR/ENE27\"} }\nsession { always = true }\n"
         "poll { rate = 2  entries = {LA, BI} }\nstore { keep_days = 3 }\nstate_dir = \"/x\"\n",
         CONFIG_BROKER | CONFIG_INSTRUMENTS | CONFIG_SESSION, "broker, instruments, session"},
        {"a segment",
         CONFIG_MINIMAL
         "poll { rate = 2  entries = {LA, BI} }\nstore { keep_days = 3 }\nstate_dir = \"/x\"\n"
         "segment MERV { }\n",
         CONFIG_SESSION, "session"},
        {"alert",
         CONFIG_MINIMAL
         "poll { rate = 2  entries = {LA, BI} }\nstore { keep_days = 3 }\nstate_dir = \"/x\"\n"
         "alert { kinds = {stale} }\n",
         CONFIG_ALERT, "alert"},
        {"sink",
         CONFIG_MINIMAL
         "poll { rate = 2  entries = {LA, BI} }\nstore { keep_days = 3 }\nstate_dir = \"/x\"\n"
         "sink { subject = other }\n",
         CONFIG_SINK, "sink"},
        {"lease",
         CONFIG_MINIMAL
         "poll { rate = 2  entries = {LA, BI} }\nstore { keep_days = 3 }\nstate_dir = \"/x\"\n"
         "lease { duration = 20 }\n",
         CONFIG_LEASE, "lease"},
    };
    struct config *a = config_good(before);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char words[64];
        t_row(rows[i].name);
        struct config *b = config_good(rows[i].after);
        t_int(config_changes(a, b), rows[i].changed);
        t_int(config_changes(b, a), rows[i].changed);
        t_str(config_changes_words(words, sizeof(words), rows[i].changed), rows[i].words);
        config_free(b);
    }
    config_free(a);
}

static void segments_that_differ(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        bool changed;
    } rows[] = {
        {"segment MERV { hours = \"11:00-17:00\" }", "segment MERV { hours = \"11:00-17:00\" }",
         false},
        {"segment MERV { hours = \"11:00-17:00\" }", "segment MERV { hours = \"11:00-17:05\" }",
         true},
        {"segment MERV { hours = \"11:00-17:00\" }", "segment DDF { hours = \"11:00-17:00\" }",
         true},
        {"segment MERV { always = false }", "segment MERV { }",
         true}, /* that of session may be true */
        {"segment MERV { holidays = {} }", "segment MERV { }", true},
        {"segment A { }\nsegment B { }", "segment A { }", true},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char before[512], after[512];
        t_row(rows[i].before);
        snprintf(before, sizeof(before), "%s%s", CONFIG_MINIMAL, rows[i].before);
        snprintf(after, sizeof(after), "%s\n\n%s", CONFIG_MINIMAL, rows[i].after);
        struct config *a = config_good(before), *b = config_good(after);
        t_int(config_changes(a, b), rows[i].changed ? CONFIG_SESSION : 0);
        config_free(a);
        config_free(b);
    }
}

static void long_words_are_cut(void **state)
{
    (void)state;
    char words[12];
    config_changes_words(words, sizeof(words), CONFIG_ALL);
    t_str(words, "broker, pol");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_that_differ),
        cmocka_unit_test(segments_that_differ),
        cmocka_unit_test(long_words_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
