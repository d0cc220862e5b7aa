#include "base/buf.h"
#include "support/config_text.h"

#include "config/config_keys.h"

/* --- refused configurations and their errors -------------------------------------------------- */

#define URL         "url = \"https://a.example/\" "
#define USER        "user = alice "
#define INSTRUMENTS "instruments { symbols = {A} }\n"

static void missing_keys(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *words;
    } rows[] = {
        {"nothing", "", "broker.url is missing"},
        {"only a comment", "# nothing\n", "broker.url is missing"},
        {"no url", "broker { " USER "}\n" INSTRUMENTS, "broker.url is missing"},
        {"no user", "broker { " URL "}\n" INSTRUMENTS, "broker.user is missing"},
        {"no instruments", "broker { " URL USER "}\n", "nothing to record"},
        {"empty lists", "broker { " URL USER "}\ninstruments { symbols = {} match = {} }\n",
         "nothing to record"},
        {"no entries", "broker { " URL USER "}\n" INSTRUMENTS "poll { entries = {} }\n",
         "poll.entries is empty"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        const char *told = config_bad(rows[i].text, strlen(rows[i].text));
        t_contains(told, rows[i].words);
        t_true(strncmp(told, "f.conf", 6) == 0);
    }
}

static void the_example_of_the_readme(void **state)
{
    (void)state;
    struct config *c = config_good(
        "broker {\n"
        "    url           = \"https://api.remarkets.primary.com.ar/\"\n"
        "    user          = \"alice\"\n"
        "    password_file = \"/etc/cinta/password\"      # chmod 600\n"
        "}\n"
        "instruments {\n"
        "    symbols = {\"DLR/DIC26\", \"MERV - XMEV - AL30 - 24hs\"}\n"
        "    match   = {\"DLR/*\"}                        # globs over the broker's list\n"
        "}\n"
        "store { path = \"/var/lib/cinta/cinta.db\" }\n"
        "state_dir = \"/var/lib/cinta\"\n");
    t_int(c->rules.texts[RULE_SYMBOL].count, 2);
    t_str(c->rules.texts[RULE_SYMBOL].item[1], "MERV - XMEV - AL30 - 24hs");
    t_str(c->rules.texts[RULE_MATCH].item[0], "DLR/*");
    t_str(c->broker.password_file, "/etc/cinta/password");
    config_free(c);
}

static void plain_http(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool insecure, good;
    } rows[] = {
        {"http://127.0.0.1:8787/", false, true},
        {"http://localhost/", false, true},
        {"http://[::1]:8787/", false, true},
        {"http://10.0.0.7/", false, false},
        {"http://10.0.0.7/", true, true},
        {"http://api.broker.example/", false, false},
        {"HTTP://api.broker.example/", false, false},
        {"http://127.evil.example/", false, false},
        {"http://127.0.0.1.evil.example/", false, false},
        {"http://localhost.evil.example/", false, false},
        {"https://api.broker.example/", false, true},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[512];
        struct config *c = NULL;
        struct err err = {0};
        t_row(rows[i].url);
        snprintf(text, sizeof(text),
                 INSTRUMENTS "broker { " USER "url = \"%s\" allow_insecure = %s }", rows[i].url,
                 rows[i].insecure ? "true" : "false");
        t_int(config_from(text, strlen(text), &c, &err), rows[i].good ? 0 : -EINVAL);
        t_int(c != NULL, rows[i].good);
        if (!rows[i].good) {
            t_contains(err.text, "broker.url");
            t_contains(err.text, "allow_insecure");
        }
        config_free(c);
    }
}

static void keys_of_the_sink_together(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words; /* NULL: valid */
    } rows[] = {
        {"nats = \"nats://127.0.0.1\"", NULL},
        {"nats = \"nats://127.0.0.1\" user = u password_file = /x", NULL},
        {"nats = \"nats://nats.example\"", NULL},
        {"nats = \"tls://nats.example\" user = u", NULL},
        {"nats = \"nats://nats.example\" credentials_file = /x", NULL},
        {"nats = \"nats://nats.example\" user = u allow_insecure = true", NULL},
        {"nats = \"nats://nats.example\" user = u", "f.conf:4: sink.nats: would send"},
        {"nats = \"nats://nats.example\" token_file = /x", "sink.allow_insecure"},
        {"user = u token_file = /x", "only one can be used"},
        {"password_file = /x", "sink.password_file: needs sink.user"},
        {"certificate_file = /x", "needs sink.key_file"},
        {"key_file = /x", "needs sink.key_file"},
        {"certificate_file = /x key_file = /y", NULL},
        {"duplicates = 3601 max_age = 0.04", "sink.duplicates: is longer than sink.max_age"},
        {"duplicates = 3600 max_age = 0.05", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[512];
        struct config *config = NULL;
        struct err err = {0};
        t_row(rows[i].text);
        snprintf(text, sizeof(text), CONFIG_MINIMAL "sink { %s }\n", rows[i].text);
        t_int(config_from(text, strlen(text), &config, &err), rows[i].words ? -EINVAL : 0);
        if (rows[i].words)
            t_contains(err.text, rows[i].words);
        config_free(config);
    }
}

static void keys_of_the_lease(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words; /* NULL: valid */
    } rows[] = {
        {"sink { nats = \"nats://127.0.0.1\" } lease { name = market }", NULL},
        {"sink { nats = \"tls://nats.example\" } lease { name = market }", NULL},
        {"lease { duration = 20  isolated = stop }", NULL},
        {"lease { name = market }", "f.conf:4: lease.name: a lease is kept by the servers"},
        {"sink { nats = \"nats://nats.example\" } lease { name = market }",
         "the token of the broker"},
        {"lease { name = \"a b\" }", "'a b' is not like broker-a"},
        {"lease { bucket = \"a.b\" }", "'a.b' is not like CINTA_LEASE"},
        {"lease { bucket = \"\" }", "lease.bucket"},
        {"lease { duration = 2.9 }", "lease.duration"},
        {"lease { duration = 301 }", "lease.duration"},
        {"lease { isolated = wait }", "lease.isolated"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[512];
        struct config *config = NULL;
        struct err err = {0};
        t_row(rows[i].text);
        snprintf(text, sizeof(text), CONFIG_MINIMAL "%s\n", rows[i].text);
        t_int(config_from(text, strlen(text), &config, &err), rows[i].words ? -EINVAL : 0);
        if (rows[i].words)
            t_contains(err.text, rows[i].words);
        config_free(config);
    }
}

/* Each text is added to the minimal configuration, from line 4 on. */
static void syntax(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"poll { intervall = 1 }", "f.conf:4: poll.intervall: no such key; did you mean "
                                   "'poll.interval'?"},
        {"poll {\n  rate = 1\n  intervall = 1\n}", "f.conf:6: poll.intervall"},
        {"interval = 1", "f.conf:4: interval: no such key; did you mean 'poll.interval'?"},
        {"broker { interval = 1 }", "did you mean 'poll.interval'?"},
        {"polls { rate = 1 }", "f.conf:4: polls: no such key; did you mean 'poll'?"},
        {"zzzzqqqq { }", "f.conf:4: zzzzqqqq: no such key"},
        {"\n\nzzzzqqqq = 1", "f.conf:6: zzzzqqqq: no such key"},
        {"POLL { }", "f.conf:4: POLL: no such key"},
        {"poll { poll { } }", "f.conf:4: poll.poll: no such key"},
        {"root { }", "f.conf:4: root: no such key"},
        {"poll { rate = 1 } }", "f.conf:4: unexpected closing brace"},
        {"}", "f.conf:4: unexpected closing brace"},
        {"{", "f.conf:4: the '{' that begins here is not closed"},
        {"{ }", "f.conf:4: unexpected token '{'"},
        {"=", "f.conf:4: unexpected token '='"},
        {"poll = 1", "f.conf:4: missing opening brace for section 'poll'"},
        {"poll \"name\" { }", "f.conf:4: missing opening brace for section 'poll'"},
        {"poll", "f.conf:4: premature end of file"},
        {"poll { rate", "f.conf:4: the '{' that begins here is not closed"},
        {"poll {\n rate = 2\n", "f.conf:4: the '{' that begins here is not closed"},
        {"/* no end", "f.conf:4: the comment that begins here is not closed"},
        {"# one\n# two\nzzzz = 1", "f.conf:6: zzzz: no such key"},
        {"poll|depth = 100000", "f.conf:4: unexpected '|'"},
        {"poll { rate }", "f.conf:4: poll: missing equal sign after option 'rate'"},
        {"poll { rate 1 }", "f.conf:4: poll: missing equal sign after option 'rate'"},
        {"poll { rate = }", "f.conf:4: poll: unexpected token '}'"},
        {"poll { rate = {1} }", "f.conf:4: poll: unexpected token '{'"},
        {"poll { rate = 1, depth = 1 }", "f.conf:4: poll: unexpected token ','"},
        {"poll { entries = {BI OF} }", "f.conf:4: poll: unexpected token 'OF'"},
        {"poll { entries = {BI,,OF} }", "f.conf:4: poll: unexpected token ','"},
        {"poll { entries = {BI, {OF}} }", "f.conf:4: poll: unexpected token '{'"},
        {"state_dir = {a}", "f.conf:4: unexpected token '{'"},
        {"poll { rate += 1 }", "f.conf:4: poll: attempt to append to non-list option 'rate'"},
        {"poll { entries = {BI,\nOF\n", "f.conf:4: the '{' that begins here is not closed"},
        {"state_dir { }", "f.conf:4: missing equal sign after option 'state_dir'"},
        {"store { path = \"abc", "f.conf:4: the string that begins here is not closed"},
        {"store { path = \"abc\n\n", "f.conf:4: the string that begins here is not closed"},
        {"store { path = 'abc", "f.conf:4: the string that begins here is not closed"},
        {"store { path = \"a\nb\" }", "f.conf:4: the string that begins here is not closed"},
        {"store { path = \"a\tb\" }", "f.conf:4: store.path: contains a control character"},
        {"store { path = \"\\101\" }", "f.conf:4: unknown escape: after '\\' only"},
        {"include(\"/etc/passwd\")", "f.conf:4: include: no such key"},
        {"include = \"/etc/passwd\"", "f.conf:4: include: no such key"},
        {"poll { include(\"/etc/passwd\") }", "f.conf:4: poll.include: no such key"},
        {"\xef\xbb\xbfpoll { }", "did you mean 'poll'?"}, /* only the first bytes of a file */
        {"broker { password = x }",
         "f.conf:4: broker.password: the password does not belong in this file: write it into"},
        {"broker { pass = x }",
         "f.conf:4: broker.pass: the password does not belong in this file: write it into"},
        {"session { special = {\"2026-12-24 10:00-13:00\"}\n"
         "holidays = {\"2026-12-08\", \"2026-12-24\"} }",
         "f.conf:4: session.special: 2026-12-24 is also in session.holidays: remove it there if"},
        {"poll { rate = 2,5 }", "f.conf:4: poll.rate: '2,5' is not a number: decimals take a"},
        {"poll { rate = \"2,5\" }", "poll.rate: '2,5' is not a number: decimals take a point"},
        {"session { always = yes please }", "f.conf:4: session.always: 'yes please' is more than"},
        {"session { always = maybe }",
         "session.always: 'maybe' is not valid; allowed: true, false"},
        {"session { special = {\"2026-12-24 10:00-13:00\"}\nholidays = {\"2026-12-24\"} }",
         "f.conf:4: session.special: 2026-12-24 is also in session.holidays: remove it there if"},
        {"poll { rate = 1 }\npoll { rate = 2 }",
         "f.conf:5: poll.rate: given twice, first on line 4"},
        {"broker { user = bob }", "f.conf:4: broker.user: given twice, first on line 2"},
        {"store { path = “x.db” }", "f.conf:4: typographic quotation marks"},
        {"store { path = \"x.db \" }", "f.conf:4: store.path: 'x.db ' begins or ends with a blank"},
        {"instruments { match = {\" DLR/*\"} }", "instruments.match: ' DLR/*' begins or ends"},
        {"serve { listen = \"0.0.0.0:8787\" }", "f.conf:4: serve.listen: other machines can "
                                                "connect to '0.0.0.0:8787', so serve.token must"},
        {"serve { listen = \"[::]:0\" token = \"\" }", "so serve.token must be set"},
        {"serve { token = \"secret \" }", "serve.token: the value begins or ends with a blank"},
        {"store { path = \"~bob/x.db\" }",
         "f.conf:4: store.path: '~bob/x.db' names another user's"},
        {"\xff\xfe = 1", "f.conf:4: ?\?: no such key"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[512];
        t_row(rows[i].text);
        snprintf(text, sizeof(text), CONFIG_MINIMAL "%s", rows[i].text);
        t_contains(config_bad(text, strlen(text)), rows[i].words);
    }
}

static void only_the_first_error_is_reported(void **state)
{
    (void)state;
    static const char text[] =
        CONFIG_MINIMAL "poll { rate = 0 }\npoll { depth = 9 }\nnothing = 1\n";
    const char *told = config_bad(text, strlen(text));
    t_contains(told, "f.conf:4: poll.rate: 0 is out of range: 0.01 to 100000 are allowed");
}

/* --- bytes and sizes -------------------------------------------------------------------------- */

static void odd_bytes(void **state)
{
    (void)state;
    static const char nul_inside[] = CONFIG_MINIMAL "poll { rate = \0 1 }";
    static const char nul_at_end[] = CONFIG_MINIMAL;
    t_contains(config_bad(nul_inside, sizeof(nul_inside) - 1), "not a text file");
    t_contains(config_bad(nul_at_end, sizeof(nul_at_end)), "not a text file");
    t_contains(config_bad("\0", 1), "not a text file");
}

static void large_files(void **state)
{
    (void)state;
    const size_t most = 1024 * 1024;
    char *text = malloc(most + 1);
    memset(text, '\n', most + 1);
    memcpy(text, CONFIG_MINIMAL, strlen(CONFIG_MINIMAL));
    struct config *c = NULL;
    t_int(config_parse(text, most, "f.conf", &c, NULL), 0);
    config_free(c);
    t_contains(config_bad(text, most + 1), "f.conf: larger than the 1048576 bytes allowed");
    free(text);
}

static void deep_and_long(void **state)
{
    (void)state;
    static char text[100000];
    const size_t head = strlen(CONFIG_MINIMAL);
    static const char fill[] = {'{', '}', '=', 'a', '\"', '\\', '(', ',', '\x01'};
    for (size_t i = 0; i < sizeof(fill); i++) {
        memcpy(text, CONFIG_MINIMAL, head);
        memcpy(text + head, "poll ", 5);
        memset(text + head + 5, fill[i], sizeof(text) - head - 5);
        config_bad(text, sizeof(text));
    }
}

/* libConfuse's lexer has global state: an error in one parse must not affect the next. */
static void an_error_does_not_affect_the_next_parse(void **state)
{
    (void)state;
    static const char *const broken[] = {
        CONFIG_MINIMAL "store { path = \"abc",     CONFIG_MINIMAL "store { path = 'abc",
        CONFIG_MINIMAL "store { path = /* ",       CONFIG_MINIMAL "store { path = ${HOM",
        CONFIG_MINIMAL "store { path = \"abc\\",   CONFIG_MINIMAL "store { zzz = \"abc",
        CONFIG_MINIMAL "poll { rate = 0 } /* abc", "include(\"x\")",
    };
    for (size_t i = 0; i < T_COUNT(broken); i++) {
        t_row(broken[i]);
        config_bad(broken[i], strlen(broken[i]));
        struct config *c = config_good(CONFIG_MINIMAL "poll { rate = 3 }\n");
        t_double(c->poll.rate, 3);
        config_expect_shown(c, "poll.rate", "3", "line 4");
        config_free(c);
    }
}

static void err_may_be_null(void **state)
{
    (void)state;
    struct config *c = NULL;
    t_int(config_parse("poll { rate = 0 }", 17, "f.conf", &c, NULL), -EINVAL);
    t_true(!c);
    config_free(NULL);
}

/* --- config_print ----------------------------------------------------------------------------- */

static void the_terminals_address(void **state)
{
    (void)state;
    static const struct {
        const char *name, *broker, *stream, *url, *error;
    } rows[] = {
        {"derived", "url = \"https://api.x.xoms.com.ar\"", "{primary, matriz}",
         "https://matriz.x.xoms.com.ar/", NULL},
        {"derived, and not used", "url = \"https://api.x.xoms.com.ar/\"", "{primary}",
         "https://matriz.x.xoms.com.ar/", NULL},
        {"given", "url = \"https://api.x.xoms.com.ar/\" matriz_url = \"https://m.example\"",
         "{matriz}", "https://m.example/", NULL},
        {"not known", "url = \"https://api.example/\"", "{primary}", "", NULL},
        {"needed", "url = \"https://api.example/\"", "{primary, matriz}", NULL,
         "f.conf:2: stream.dialects: matriz needs the address of the browser terminal, which "
         "cannot be derived from broker.url 'https://api.example/': set broker.matriz_url, such "
         "as https://matriz.broker.xoms.com.ar/"},
        {"not encrypted", "url = \"https://api.example/\" matriz_url = \"http://m.example/\"",
         "{matriz}", NULL,
         "f.conf:1: broker.matriz_url: 'http://m.example/' would send the password"},
        {"this machine", "url = \"https://api.example/\" matriz_url = \"http://127.0.0.1:8080\"",
         "{matriz}", "http://127.0.0.1:8080/", NULL},
        {"not encrypted, and not used",
         "url = \"https://api.example/\" matriz_url = \"http://m.example/\"", "{primary}",
         "http://m.example/", NULL},
        {"twice", "url = \"https://api.x.xoms.com.ar/\"", "{matriz, primary, matriz}", NULL,
         "f.conf:2: stream.dialects: matriz is given twice"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[512];
        t_row(rows[i].name);
        snprintf(text, sizeof(text),
                 "broker { user = \"a\" %s }\nstream { dialects = %s }\n"
                 "instruments { symbols = {\"A\"} }\n",
                 rows[i].broker, rows[i].stream);
        if (rows[i].error) {
            t_contains(config_bad(text, strlen(text)), rows[i].error);
            continue;
        }
        struct config *config = config_good(text);
        t_str(config->broker.matriz_url, rows[i].url);
        config_free(config);
    }
}

static void prints_every_key_once(void **state)
{
    (void)state;
    struct config *c = config_good(CONFIG_MINIMAL);
    for (size_t i = 0; i < config_keys_count; i++) {
        const struct config_key *key = &config_keys[i];
        char name[64], line[2048];
        snprintf(name, sizeof(name), "%s%s%s", key->section, *key->section ? "." : "", key->name);
        t_row(name);
        if (strcmp(key->section, CONFIG_SEGMENT) == 0)
            continue; /* there is no segment: see only_what_a_segment_sets_is_printed */
        config_line(c, name, line, sizeof(line));
        t_contains(line, "  # ");
    }
    config_expect_shown(c, "broker.url", "\"https://api.broker.example/\"", "line 1");
    config_expect_shown(c, "broker.user", "\"alice\"", "line 2");
    config_expect_shown(c, "instruments.symbols", "{\"DLR/DIC26\"}", "line 3");
    config_expect_shown(c, "poll.rate", "1", "default");
    config_free(c);
}

static void only_what_a_segment_sets_is_printed(void **state)
{
    (void)state;
    struct config *c = config_good(CONFIG_MINIMAL "segment \"MERV\" {\nhours = \"11:00-17:00\" }\n"
                                                  "segment DDA { holidays = {} }");
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);
    config_print(c, file);
    fclose(file);
    t_contains(text, "# segment \"MERV\": other keys as in section session\n"
                     "segment MERV.hours      = \"11:00-17:00\"                   # line 5\n"
                     "# segment \"DDA\": other keys as in section session\n"
                     "segment DDA.holidays    = {}                              # line 6\n");
    free(text);
    config_free(c);
}

static void never_prints_the_token(void **state)
{
    (void)state;
    struct config *c = config_good(CONFIG_MINIMAL "serve { token = \"letmein\" }\n");
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);
    config_print(c, file);
    fclose(file);
    t_true(!strstr(text, "letmein"));
    config_expect_shown(c, "serve.token", "\"***\"", "line 4");
    free(text);
    config_free(c);
}

/* "2026-01-01" as many times as asked; the caller frees the text. */
static char *many(const char *before, const char *item, int count, const char *after)
{
    struct buf out;
    buf_init(&out, (size_t)4 * 1024 * 1024);
    buf_puts(&out, CONFIG_MINIMAL);
    buf_puts(&out, before);
    for (int i = 0; i < count; i++)
        buf_printf(&out, "%s\"%s\"", i ? ", " : "", item);
    buf_puts(&out, after);
    char *text = strdup(buf_text(&out));
    buf_finish(&out);
    return text;
}

static void lists_have_a_limit(void **state)
{
    (void)state;
    static const struct {
        const char *name, *before, *item, *after, *words;
        int count;
    } rows[] = {
        {"holidays", "session { holidays = {", "2026-01-01", "} }", "session.holidays", 512},
        {"excluded symbols", "instruments { exclude = {", "A", "} }", "instruments.exclude", 20000},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct err err = {0};
        struct config *config = NULL;
        t_row(rows[i].name);
        char *text = many(rows[i].before, rows[i].item, rows[i].count, rows[i].after);
        config_free(config_good(text));
        free(text);
        text = many(rows[i].before, rows[i].item, rows[i].count + 1, rows[i].after);
        t_int(config_parse(text, strlen(text), "f.conf", &config, &err), -EINVAL);
        t_contains(err.text, rows[i].words);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_keys),
        cmocka_unit_test(the_example_of_the_readme),
        cmocka_unit_test(plain_http),
        cmocka_unit_test(keys_of_the_sink_together),
        cmocka_unit_test(keys_of_the_lease),
        cmocka_unit_test(syntax),
        cmocka_unit_test(only_the_first_error_is_reported),
        cmocka_unit_test(odd_bytes),
        cmocka_unit_test(large_files),
        cmocka_unit_test(deep_and_long),
        cmocka_unit_test(an_error_does_not_affect_the_next_parse),
        cmocka_unit_test(err_may_be_null),
        cmocka_unit_test(the_terminals_address),
        cmocka_unit_test(prints_every_key_once),
        cmocka_unit_test(only_what_a_segment_sets_is_printed),
        cmocka_unit_test(never_prints_the_token),
        cmocka_unit_test(lists_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
