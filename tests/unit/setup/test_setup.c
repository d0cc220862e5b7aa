#include "setup/setup.h"

#include "config/conf_sample.h"
#include "support/config_text.h"

#include <unistd.h>

static void wipe(struct setup *setup)
{
    setup_finish(setup);
    *setup = (struct setup){0};
}

/* --- single answers --------------------------------------------------------------------------- */

static void brokers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *url, *words; /* url, or the error */
    } rows[] = {
        {"remarkets", "https://api.remarkets.primary.com.ar/", NULL},
        {"Cocos", "https://api.cocos.xoms.com.ar/", NULL},
        {"api.broker.example", "https://api.broker.example/", NULL},
        {"api.broker.example:8443/base", "https://api.broker.example:8443/base/", NULL},
        {"https://api.broker.example", "https://api.broker.example/", NULL},
        {"https://api.broker.example/", "https://api.broker.example/", NULL},
        {"http://127.0.0.1:8787", "http://127.0.0.1:8787/", NULL},
        {"coccos", NULL, "did you mean 'cocos'?"},
        {"somebodyelse", NULL, "not a known name: give the address of its API"},
        {"http://api.broker.example/", NULL, "unencrypted: use https://"},
        {"http://127.0.0.1.evil.example/", NULL, "unencrypted: use https://"},
        {"https://alice:x@api.broker.example/", NULL, "contains a user name"},
        {"alice:x@api.broker.example", NULL, "contains a user name"},
        {"wss://api.broker.example/", NULL, "is not an address like"},
        {"https://api broker.example/", NULL, "a blank or another character"},
        {"https://api.broker.example/\n", NULL, "control character"},
        {"https://api.broker.example/?a=b", NULL, "has a query"},
        {"", NULL, "has no valid host"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct setup setup = {.url = "before"};
        struct err err = {0};
        t_row(rows[i].text);
        t_int(setup_broker(&setup, rows[i].text, &err), rows[i].url ? 0 : -EINVAL);
        t_str(setup.url, rows[i].url ? rows[i].url : "before");
        if (rows[i].words)
            t_contains(err.text, rows[i].words);
    }
}

static void too_long_answers(void **state)
{
    (void)state;
    char text[PATH_MAX + 2] = "https://a.";
    struct setup setup = {0};
    struct err err;
    memset(text + 10, 'x', sizeof(text) - 11);
    text[sizeof(text) - 1] = '\0';
    t_int(setup_path(setup.db, text, &err), -ENAMETOOLONG);
    text[SETUP_URL_BYTES] = '\0';
    t_int(setup_broker(&setup, text, &err), -EINVAL);
    t_contains(err.text, "longer than");
    text[SETUP_USER_BYTES] = '\0';
    t_int(setup_user(&setup, text, &err), -EINVAL);
    text[SETUP_USER_BYTES - 1] = '\0';
    t_int(setup_user(&setup, text, &err), 0);
    t_str(setup.user, text);
    t_str(setup.url, "");
}

static void what_to_record(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum setup_kind kind;
        const char *symbols, *globs; /* each item followed by |; NULL: refused */
    } rows[] = {
        {"A", SETUP_EITHER, "A|", ""},
        {"A,B", SETUP_EITHER, "A|B|", ""},
        {" A , B ", SETUP_EITHER, "A|B|", ""},
        {"A; B;C*", SETUP_EITHER, "A|B|", "C*|"},
        {"DLR/*, A B - C,?X,[Y]", SETUP_EITHER, "A B - C|", "DLR/*|?X|[Y]|"},
        {"DLR/*", SETUP_SYMBOL, "DLR/*|", ""},
        {"DLR/DIC26", SETUP_GLOB, "", "DLR/DIC26|"},
        {"", SETUP_EITHER, NULL, NULL},
        {"  ", SETUP_EITHER, NULL, NULL},
        {"A,", SETUP_EITHER, NULL, NULL},
        {",A", SETUP_EITHER, NULL, NULL},
        {"A,,B", SETUP_EITHER, NULL, NULL},
        {"A,*,B\tC", SETUP_EITHER, NULL, NULL},
        {"A,\xff", SETUP_EITHER, NULL, NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct setup setup = {0};
        struct err err = {0};
        char symbols[256] = "", globs[256] = "";
        t_row(rows[i].text);
        t_int(setup_record(&setup, rows[i].text, rows[i].kind, &err),
              rows[i].symbols ? 0 : -EINVAL);
        for (size_t n = 0; n < setup.symbols.count; n++)
            strcat(strcat(symbols, setup.symbols.item[n]), "|");
        for (size_t n = 0; n < setup.match.count; n++)
            strcat(strcat(globs, setup.match.item[n]), "|");
        t_str(symbols, rows[i].symbols ? rows[i].symbols : "");
        t_str(globs, rows[i].globs ? rows[i].globs : "");
        wipe(&setup);
    }
}

/* --- paths ------------------------------------------------------------------------------------ */

static void paths(void **state)
{
    (void)state;
    static const struct {
        const char *text, *path; /* NULL: refused */
    } rows[] = {
        {"/a/b", "/a/b"},
        {"/a/b//", "/a/b"},
        {"/", "/"},
        {"x", "/tmp/x"},
        {"./x/", "/tmp/x"},
        {".//./x", "/tmp/x"},
        {".", "/tmp"},
        {"./", "/tmp"},
        {"../x", "/tmp/../x"},
        {"~/x", "/home/alice/x"},
        {"~/", "/home/alice"},
        {"~x", "/tmp/~x"},
        {"./~/x", "/tmp/~/x"},
        {"", NULL},
        {"a\nb", NULL},
        {"${HOME}", "/tmp/${HOME}"},
    };
    t_int(chdir("/tmp"), 0);
    setenv("HOME", "/home/alice", 1);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[PATH_MAX] = "before";
        t_row(rows[i].text);
        t_int(setup_path(out, rows[i].text, NULL), rows[i].path ? 0 : -EINVAL);
        t_str(out, rows[i].path ? rows[i].path : "before");
    }
}

struct place {
    const char *name, *config_home, *data_home, *home;
    const char *dir; /* NULL: the default */
    const char *expect_dir, *expect_data;
};

static void expect_places(const struct place *row)
{
    char dir[PATH_MAX] = "", data[PATH_MAX] = "";
    t_row(row->name);
    setenv("XDG_CONFIG_HOME", row->config_home, 1);
    setenv("XDG_DATA_HOME", row->data_home, 1);
    setenv("HOME", row->home, 1);
    t_int(setup_default_dir(dir, NULL), row->expect_dir ? 0 : -ENOENT);
    t_str(dir, row->expect_dir ? row->expect_dir : "");
    if (!row->expect_data)
        return;
    t_int(setup_default_data(data, row->dir ? row->dir : dir, NULL), 0);
    t_str(data, row->expect_data);
}

static void places(void **state)
{
    (void)state;
    static const struct place of_root[] = {
        {"root", "/c", "/d", "/root", NULL, "/etc/cinta", "/var/lib/cinta"},
        {"root elsewhere", "", "", "/root", "/srv/c", "/etc/cinta", "/srv/c"},
        {"root in a home", "", "", "/root", "/root/.config/cinta", "/etc/cinta",
         "/root/.config/cinta"},
    };
    static const struct place of_others[] = {
        {"home", "", "", "/h", NULL, "/h/.config/cinta", "/h/.local/share/cinta"},
        {"xdg", "/c", "/d", "/h", NULL, "/c/cinta", "/d/cinta"},
        {"xdg with relative paths, ignored", "c", "d", "/h", NULL, "/h/.config/cinta",
         "/h/.local/share/cinta"},
        {"elsewhere", "", "", "/h", "/srv/c", "/h/.config/cinta", "/srv/c"},
        {"/etc", "", "", "/h", "/etc/cinta", "/h/.config/cinta", "/var/lib/cinta"},
        {"no home", "", "", "", NULL, NULL, NULL},
    };
    bool root = geteuid() == 0;
    for (size_t i = 0; root && i < T_COUNT(of_root); i++)
        expect_places(&of_root[i]);
    t_true(!root || seteuid(65534) == 0);
    for (size_t i = 0; i < T_COUNT(of_others); i++)
        expect_places(&of_others[i]);
    t_true(!root || seteuid(0) == 0);
}

static void data_sets_only_what_is_not_set(void **state)
{
    (void)state;
    struct setup setup = {.dir = "/srv/c", .db = "/x.db"};
    t_int(setup_data(&setup, NULL, NULL), 0);
    t_str(setup.db, "/x.db");
    t_str(setup.state_dir, "/srv/c");
    setup = (struct setup){.dir = "/srv/c"};
    t_int(setup_data(&setup, "/data/", NULL), 0);
    t_str(setup.db, "/data/cinta.db");
    t_str(setup.state_dir, "/data");
}

/* --- the configuration ------------------------------------------------------------------------ */

static struct config *load(const struct setup *setup)
{
    struct buf text;
    struct err err = {0};
    struct config *config = NULL;
    buf_init(&text, 1024 * 1024);
    if (setup_text(setup, &text, &err) ||
        config_parse(buf_text(&text), text.len_bytes, "f.conf", &config, &err))
        fail_msg("%s: %s", t_row_name, err.text);
    buf_finish(&text);
    return config;
}

/* Texts with characters that have a meaning in a configuration. */
static const char *const special[] = {
    "plain",    "two words",  "a  b",      "\"",     "\\",
    "\\\\",     "'",          "\"'\\",     "a\"b",   "ends in \\",
    "\\\"",     "\\'",        "${HOME}",   "${",     "$",
    "$HOME",    "}",          "{",         "{a, b}", "a = b",
    "#",        "a # b",      "//",        "/*",     "/* a */",
    "*/",       "+=",         "|",         "'${X}'", "\"${X}\"",
    "\\${X}",   "\\\\${X}\\", "${X}'\"\\", "$\\{X}", "${X",
    "\xc3\xb1", "\\n",        "\\x41",     "\\101",  "include(\"x\")",
    "%s%n",     "true",
};

static void special_characters_are_preserved(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(special); i++) {
        const char *text = special[i];
        char path[PATH_MAX];
        struct setup setup = {.url = "https://api.broker.example/"};
        t_row(text);
        snprintf(path, sizeof(path), "/p/%s", text);
        snprintf(setup.user, sizeof(setup.user), "%s", text);
        snprintf(setup.dir, PATH_MAX, "/c/%s/d", text);
        snprintf(setup.db, PATH_MAX, "%s", path);
        snprintf(setup.ca_file, PATH_MAX, "%s", path);
        snprintf(setup.state_dir, PATH_MAX, "%s", path);
        setup.symbols = setup.match = (struct config_strings){(char *[]){(char *)text}, 1};
        struct config *config = load(&setup);
        t_str(config->broker.user, text);
        t_str(config->store.path, path);
        t_str(config->broker.ca_file, path);
        t_str(config->state_dir, path);
        t_int(config->rules.texts[RULE_SYMBOL].count, 1);
        t_str(config->rules.texts[RULE_SYMBOL].item[0], text);
        t_int(config->rules.texts[RULE_MATCH].count, 1);
        t_str(config->rules.texts[RULE_MATCH].item[0], text);
        snprintf(path, sizeof(path), "/c/%s/d/password", text);
        t_str(config->broker.password_file, path);
        config_free(config);
    }
}

static void long_lists_are_preserved(void **state)
{
    (void)state;
    struct setup setup = {.url = "https://api.broker.example/",
                          .user = "u",
                          .dir = "/c",
                          .db = "/d",
                          .state_dir = "/s"};
    for (size_t i = 0; i < T_COUNT(special) * 20; i++) {
        char text[64];
        snprintf(text, sizeof(text), "%zu%s", i,
                 strchr(special[i % T_COUNT(special)], ',') ? "-" : special[i % T_COUNT(special)]);
        for (char *end = text + strlen(text); end > text && end[-1] == ' ';)
            *--end = '\0';
        t_int(setup_record(&setup, text, i % 2 ? SETUP_SYMBOL : SETUP_GLOB, NULL), 0);
    }
    struct config *config = load(&setup);
    t_int(config->rules.texts[RULE_SYMBOL].count + config->rules.texts[RULE_MATCH].count,
          T_COUNT(special) * 20);
    for (size_t i = 0; i < config->rules.texts[RULE_SYMBOL].count; i++)
        t_str(config->rules.texts[RULE_SYMBOL].item[i], setup.symbols.item[i]);
    for (size_t i = 0; i < config->rules.texts[RULE_MATCH].count; i++)
        t_str(config->rules.texts[RULE_MATCH].item[i], setup.match.item[i]);
    config_free(config);
    wipe(&setup);
}

static void the_sandbox_has_session_always(void **state)
{
    (void)state;
    static const char *const names[] = {"remarkets", "cocos"};
    for (size_t i = 0; i < 2; i++) {
        struct setup setup = {.user = "u", .dir = "/c", .db = "/d", .state_dir = "/s"};
        t_row(names[i]);
        t_int(setup_broker(&setup, names[i], NULL), 0);
        t_int(setup_record(&setup, SETUP_RECORD, SETUP_EITHER, NULL), 0);
        struct config *config = load(&setup);
        t_int(config->sessions.each[0].calendar.always, i == 0);
        config_free(config);
        wipe(&setup);
    }
}

static void exports_go_next_to_the_database(void **state)
{
    (void)state;
    static const struct {
        const char *db, *out;
    } rows[] = {
        {"/var/lib/cinta/cinta.db", "/var/lib/cinta/export"},
        {"/var/lib/cinta/veta/cinta.db", "/var/lib/cinta/veta/export"},
        {"/home/alice/market data/x.db", "/home/alice/market data/export"},
        {"/d", "/export"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct setup setup = {.user = "u", .dir = "/c", .state_dir = "/s"};
        t_row(rows[i].db);
        snprintf(setup.db, sizeof(setup.db), "%s", rows[i].db);
        t_int(setup_broker(&setup, "cocos", NULL), 0);
        t_int(setup_record(&setup, "A", SETUP_EITHER, NULL), 0);
        struct config *config = load(&setup);
        t_str(config->export.out, rows[i].out);
        config_free(config);
        wipe(&setup);
    }
}

static void the_sample_equals_the_file_in_etc(void **state)
{
    (void)state;
    static char text[65536];
    FILE *file = fopen(CINTA_TESTS "/../etc/cinta.conf", "r");
    t_true(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    t_str(conf_sample, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brokers),
        cmocka_unit_test(too_long_answers),
        cmocka_unit_test(what_to_record),
        cmocka_unit_test(paths),
        cmocka_unit_test(places),
        cmocka_unit_test(data_sets_only_what_is_not_set),
        cmocka_unit_test(special_characters_are_preserved),
        cmocka_unit_test(long_lists_are_preserved),
        cmocka_unit_test(the_sandbox_has_session_always),
        cmocka_unit_test(exports_go_next_to_the_database),
        cmocka_unit_test(the_sample_equals_the_file_in_etc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
