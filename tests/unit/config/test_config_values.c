#include "support/config_text.h"

#include "market/entry.h"

/* --- texts and lists of each key -------------------------------------------------------------- */

static void good_texts(void **state)
{
    (void)state;
    static const struct {
        const char *key, *written, *value;
    } rows[] = {
        {"broker.url", "\"https://b.example/\"", "\"https://b.example/\""},
        {"broker.stream_url", "\"wss://b.example/\"", "\"wss://b.example/\""},
        {"broker.stream_url", "\"\"", "\"\""},
        {"broker.user", "bob", "\"bob\""},
        {"broker.user", "'bob smith'", "\"bob smith\""},
        {"broker.user", "\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\""},
        {"broker.password_file", "/etc/cinta/password", "\"/etc/cinta/password\""},
        {"broker.password_file", "\"\"", "\"\""},
        {"broker.ca_file", "\"/etc/ca.pem\"", "\"/etc/ca.pem\""},
        {"poll.entries", "{BI, \"OF\", 'LA'}", "{\"BI\", \"OF\", \"LA\"}"},
        {"poll.entries", "ACP", "{\"ACP\"}"},
        {"broker.matriz_url", "\"https://m.example/\"", "\"https://m.example/\""},
        {"stream.dialects", "{primary}", "{\"primary\"}"},
        {"instruments.symbols", "{\"MERV - XMEV - AL30 - 24hs\"}",
         "{\"MERV - XMEV - AL30 - 24hs\"}"},
        {"instruments.match", "{\"DLR/*\", \"*\"}", "{\"DLR/*\", \"*\"}"},
        {"session.days", "\"Mon,Wed\"", "\"Mon,Wed\""},
        {"session.hours", "\"11:00-16:30\"", "\"11:00-16:30\""},
        {"session.holidays", "{\"2026-12-25\", \"2027-01-01\"}",
         "{\"2026-12-25\", \"2027-01-01\"}"},
        {"session.holidays", "{argentina, \"2027-11-22\"}", "{\"argentina\", \"2027-11-22\"}"},
        {"session.special", "{\"2026-12-24 10:00-13:00\"}", "{\"2026-12-24 10:00-13:00\"}"},
        {"store.path", "\"/tmp/a b.db\"", "\"/tmp/a b.db\""},
        {"store.durability", "full", "\"full\""},
        {"serve.listen", "\"unix:/run/cinta.sock\"", "\"unix:/run/cinta.sock\""},
        {"serve.listen", "\"\"", "\"\""},
        {"serve.token", "\"letmein\"", "\"***\""},
        {"serve.token", "\"\"", "\"\""},
        {"serve.origins", "{\"https://a.example\"}", "{\"https://a.example\"}"},
        {"export.at", "\"17:30\"", "\"17:30\""},
        {"export.out", "/tmp/out", "\"/tmp/out\""},
        {"export.tables", "{bars, events, coverage}", "{\"bars\", \"events\", \"coverage\"}"},
        {"export.format", "parquet", "\"parquet\""},
        {"export.format", "excel", "\"excel\""},
        {"export.compress", "gzip", "\"gzip\""},
        {"sink.nats", "\"nats://127.0.0.1:4222\"", "\"nats://127.0.0.1:4222\""},
        {"sink.subject", "quotes", "\"quotes\""},
        {"alert.command", "/usr/local/bin/tell", "\"/usr/local/bin/tell\""},
        {"alert.kinds", "{stopped, broker_down}", "{\"stopped\", \"broker_down\"}"},
        {"state_dir", "\"/var/tmp/cinta\"", "\"/var/tmp/cinta\""},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++)
        config_accepts(rows[i].key, rows[i].written, rows[i].value);
}

static void bad_texts(void **state)
{
    (void)state;
    static const struct {
        const char *key, *written, *words;
    } rows[] = {
        {"broker.url", "\"\"", "not an address"},
        {"broker.url", "\"api.broker.example\"", "'api.broker.example' is not an address"},
        {"broker.url", "\"https://a:b@c.example/\"", "contains a user name"},
        {"broker.stream_url", "\"https://a.example/\"", "wss://"},
        {"broker.user", "\"\"", "must not be empty"},
        {"broker.user", "\"al\tice\"", "control character"},
        {"broker.user", "\"alice\x7f\"", "control character"},
        {"broker.password_file", "\"/etc\x01\"", "control character"},
        {"broker.ca_file", "\"\x1b[2J\"", "control character"},
        {"poll.entries", "{BI, XX}", "'XX' is not valid; allowed: BI,OF"},
        {"poll.entries", "{bi}", "'bi'"},
        {"poll.entries", "\"\"", "''"},
        {"stream.dialects", "{fix}", "'fix' is not valid; allowed: primary, matriz"},
        {"instruments.symbols", "{\"A\", \"\"}", "cannot be a symbol"},
        {"instruments.symbols", "{\"A\tB\"}", "control character"},
        {"instruments.symbols", "{\"\xff\"}", "cannot be a symbol"},
        {"instruments.match", "{\"\"}", "cannot be a symbol"},
        {"session.days", "\"Lun-Vie\"", "'Lun-Vie' is not like Mon-Fri"},
        {"session.hours", "\"17:05-10:00\"", "'17:05-10:00' ends before it begins"},
        {"session.hours", "\"10:00-10:00\"", "the later one second, as in 10:00-17:05"},
        {"session.hours", "\"10:00-35:00\"", "is not two times from 00:00 to 24:00"},
        {"session.hours", "\"10:00-55:00\"", "a session lasts 24 hours at most"},
        {"session.hours", "\"10-17\"", "'10-17' is not like 10:00-17:05"},
        {"session.special", "{\"2026-12-24\"}", "'2026-12-24' is not like 2026-12-24 10:00-13:00"},
        {"session.special", "{\"24/12/2026 10:00-13:00\"}", "is not like 2026-12-24 10:00-13:00"},
        {"session.special", "{\"2026-02-30 10:00-13:00\"}", "'2026-02-30' does not exist"},
        {"session.special", "{\"2026-12-24 13:00-10:00\"}", "'13:00-10:00' ends before it begins"},
        {"session.special",
         "{\"2026-12-23 10:00-11:00\", \"2026-12-24 10:00-11:00\", \"2026-12-24 12:00-13:00\"}",
         "2026-12-24"},
        {"session.special", "{\"2026-12-24 10:00-11:00\", \"2026-12-24 12:00-13:00\"}",
         "2026-12-24 is given twice"},
        {"session.holidays", "{\"25/12/2026\"}", "2026-12-25"},
        {"session.holidays", "{uruguay}", "2026-12-25"},
        {"session.holidays", "{\"2026-12-25\", \"2026-13-01\"}", "'2026-13-01'"},
        {"store.path", "\"\"", "must not be empty"},
        {"store.durability", "\"fast\"", "normal, full"},
        {"serve.listen", "\"8787\"", "127.0.0.1:8787"},
        {"serve.token", "\"let\x01me\"", "control character"},
        {"serve.origins", "{\"\"}", "must not be empty"},
        {"export.at", "\"25:00\"", "17:30"},
        {"export.out", "\"\"", "must not be empty"},
        {"export.tables", "{quotes}", "'quotes' is not valid; allowed: snapshots"},
        {"export.format", "xml", "csv, jsonl, excel, parquet"},
        {"export.compress", "lz4", "none, gzip, zstd"},
        {"sink.nats", "\"\x02\"", "control character"},
        {"sink.nats", "\"http://a:4222\"", "is not an address like nats://127.0.0.1:4222"},
        {"sink.subject", "\"a..b\"", "is not like md or cinta.md"},
        {"sink.stream", "\"a.b\"", "is not like CINTA"},
        {"sink.from", "yesterday", "now, beginning"},
        {"alert.kinds", "{stalle}", "'stalle' is no kind of event; did you mean stale?"},
        {"alert.kinds", "{stale, streaming}", "'streaming' is no fault"},
        {"alert.kinds", "{alert_failed}", "'alert_failed' is no fault"},
        {"alert.kinds", "{\"\"}", "is no kind of event"},
        {"alert.kinds", "{everything}", "lists them"},
        {"state_dir", "\"\"", "must not be empty"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++)
        config_refuses(rows[i].key, rows[i].written, rows[i].words);
}

static void a_bad_token_is_not_repeated(void **state)
{
    (void)state;
    char text[512];
    config_write(text, sizeof(text), "serve.token", "\"letmein\x01\"");
    t_true(!strstr(config_bad(text, strlen(text)), "letmein"));
}

/* --- values in struct config ------------------------------------------------------------------ */

static void minimal(void **state)
{
    (void)state;
    struct config *c = config_good(CONFIG_MINIMAL);
    t_str(c->file, "f.conf");
    t_str(c->broker.url, "https://api.broker.example/");
    t_str(c->broker.stream_url, "");
    t_str(c->broker.user, "alice");
    t_str(c->broker.password_file, "");
    t_str(c->broker.ca_file, "");
    t_int(c->broker.timeout_ms, 10000);
    t_int(c->broker.allow_insecure, 0);
    t_int(c->poll.interval_ms, 1000);
    t_double(c->poll.rate, 1);
    t_int(c->poll.in_flight, 4);
    t_int(c->poll.depth, 5);
    t_int(c->poll.trades_ms, 30000);
    t_int(c->poll.entries, ENTRY_ALL);
    t_int(c->rules.texts[RULE_SYMBOL].count, 1);
    t_str(c->rules.texts[RULE_SYMBOL].item[0], "DLR/DIC26");
    t_int(c->rules.texts[RULE_MATCH].count, 0);
    t_str(c->store.path, "/var/lib/cinta/cinta.db");
    t_int(c->store.full_sync, 0);
    t_int(c->store.commit_every_ms, 250);
    t_str(c->state_dir, "/var/lib/cinta");
    config_free(c);
}

static void everything_given(void **state)
{
    (void)state;
    struct config *c = config_good(
        "# all keys that have an effect\n"
        "broker {\n"
        "    url = \"http://10.0.0.7:8080/api\"   # no slash at the end\n"
        "    stream_url = \"ws://10.0.0.7/\"\n"
        "    user = bob  password_file = '/run/pw'  ca_file = /etc/ca.pem\n"
        "    timeout = 2.5  allow_insecure = yes\n"
        "}\n"
        "/* two\n lines */\n"
        "poll { interval = 0.05 rate = 12.5 in_flight = 9 depth = 2 entries = {BI, LA, BI} }\n"
        "// and\n"
        "instruments { symbols = {A, \"B - C\"} match = {\"D*\"} }\n"
        "store { path = \"/x.db\" durability = \"full\" commit_every = 0.0316 }\n"
        "state_dir = /here\n");
    t_str(c->broker.url, "http://10.0.0.7:8080/api/");
    t_str(c->broker.stream_url, "ws://10.0.0.7/");
    t_str(c->broker.user, "bob");
    t_str(c->broker.password_file, "/run/pw");
    t_str(c->broker.ca_file, "/etc/ca.pem");
    t_int(c->broker.timeout_ms, 2500);
    t_int(c->broker.allow_insecure, 1);
    t_int(c->poll.interval_ms, 50);
    t_double(c->poll.rate, 12.5);
    t_int(c->poll.in_flight, 9);
    t_int(c->poll.depth, 2);
    t_int(c->poll.entries, ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_LA));
    t_int(c->rules.texts[RULE_SYMBOL].count, 2);
    t_str(c->rules.texts[RULE_SYMBOL].item[0], "A");
    t_str(c->rules.texts[RULE_SYMBOL].item[1], "B - C");
    t_int(c->rules.texts[RULE_MATCH].count, 1);
    t_str(c->rules.texts[RULE_MATCH].item[0], "D*");
    t_str(c->store.path, "/x.db");
    t_int(c->store.full_sync, 1);
    t_int(c->store.commit_every_ms, 32);
    t_str(c->state_dir, "/here");
    config_free(c);
}

static void symbols_as_written(void **state)
{
    (void)state;
#define BROKER "broker { url = \"https://a.example\" user = u }\n"
    static const struct {
        const char *name, *text;
        size_t count;
        const char *last;
    } rows[] = {
        {"over several lines", BROKER "instruments { symbols = {\n  A,\n  B,\n\n  C\n} }", 3, "C"},
        {"a comma at the end", BROKER "instruments { symbols = {A, B,} }", 2, "B"},
        {"one without braces", BROKER "instruments { symbols = A }", 1, "A"},
        {"in two sections", BROKER "instruments { symbols = {A} }\ninstruments { symbols += {C} }",
         2, "C"},
        {"added to", BROKER "instruments { symbols = {A, B} symbols += {C, D} }", 4, "D"},
        {"added to nothing", BROKER "instruments { symbols += {A} }", 1, "A"},
        {"the same twice stays twice", BROKER "instruments { symbols = {A, A} }", 2, "A"},
        {"no blanks at all", BROKER "instruments{symbols={A,B}}", 2, "B"},
        {"Windows line ends", BROKER "instruments {\r\nsymbols = {A,\r\nB}\r\n}\r\n", 2, "B"},
        {"empty, with a glob", BROKER "instruments { symbols = {} match = {B} }", 0, NULL},
        {"a byte order mark", "\xef\xbb\xbf" BROKER "instruments { symbols = {A} }", 1, "A"},
        {"no-break spaces", BROKER "instruments {\u00a0symbols\u00a0=\u00a0{A}\u00a0}", 1, "A"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        struct config *c = config_good(rows[i].text);
        t_int(c->rules.texts[RULE_SYMBOL].count, rows[i].count);
        if (rows[i].count)
            t_str(c->rules.texts[RULE_SYMBOL].item[rows[i].count - 1], rows[i].last);
        t_str(c->broker.url, "https://a.example/");
        config_free(c);
    }
}

/* A section may occur several times, with different keys. */
static void sections_are_merged(void **state)
{
    (void)state;
    struct config *c = config_good(CONFIG_MINIMAL "poll { rate = 7 interval = 3 }\n"
                                                  "poll { depth = 2 }\n");
    t_double(c->poll.rate, 7);
    t_int(c->poll.interval_ms, 3000);
    t_int(c->poll.depth, 2);
    config_expect_shown(c, "poll.interval", "3", "line 4");
    config_expect_shown(c, "poll.depth", "2", "line 5");
    config_free(c);
}

/* Not relative to the working directory; config_print() also shows the path as written. */
static void paths_are_relative_to_the_file(void **state)
{
    (void)state;
    static const char text[] = CONFIG_MINIMAL "store { path = \"data/x.db\" }\n";
    struct config *c = NULL;
    char line[2048];
    t_row("relative");
    t_int(config_parse(text, strlen(text), "/no/such/f.conf", &c, NULL), 0);
    t_str(c->store.path, "/no/such/data/x.db");
    config_line(c, "store.path", line, sizeof(line));
    t_contains(line, "\"/no/such/data/x.db\"");
    t_contains(line, "# line 4, written as data/x.db");
    config_free(c);
}

static void a_url_ends_in_one_slash(void **state)
{
    (void)state;
    static const struct {
        const char *written, *url;
    } rows[] = {
        {"\"https://a.example\"", "https://a.example/"},
        {"\"https://a.example/\"", "https://a.example/"},
        {"\"https://a.example:8443\"", "https://a.example:8443/"},
        {"\"https://a.example/api\"", "https://a.example/api/"},
        {"\"http://[::1]:80\"", "http://[::1]:80/"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[512];
        t_row(rows[i].written);
        config_write(text, sizeof(text), "broker.url", rows[i].written);
        struct config *c = config_good(text);
        t_str(c->broker.url, rows[i].url);
        config_free(c);
    }
}

static void variables_of_the_environment(void **state)
{
    (void)state;
    static const struct {
        const char *name, *written, *path;
    } rows[] = {
        {"alone", "${CINTA_TEST_WORD}", "/word"},
        {"in double quotes", "\"/a/${CINTA_TEST_WORD}/b\"", "/a//word/b"},
        {"not in single quotes", "'/a/${CINTA_TEST_WORD}'", "/a/${CINTA_TEST_WORD}"},
        {"unset is empty", "\"/a/${CINTA_TEST_NONE}b\"", "/a/b"},
        {"unset with a default", "\"${CINTA_TEST_NONE:-/c}\"", "/c"},
        {"a dollar alone", "\"/a/$CINTA_TEST_WORD\"", "/a/$CINTA_TEST_WORD"},
        {"the value is not parsed", "${CINTA_TEST_QUOTE}", "/a\" } broker { user = eve } #"},
    };
    setenv("CINTA_TEST_WORD", "/word", 1);
    setenv("CINTA_TEST_QUOTE", "/a\" } broker { user = eve } #", 1);
    unsetenv("CINTA_TEST_NONE");
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[512];
        t_row(rows[i].name);
        config_write(text, sizeof(text), "store.path", rows[i].written);
        struct config *c = config_good(text);
        t_str(c->store.path, rows[i].path);
        t_str(c->broker.user, "alice");
        config_free(c);
    }
    config_refuses("store.path", "${CINTA_TEST_NONE}", "must not be empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts),
        cmocka_unit_test(bad_texts),
        cmocka_unit_test(a_bad_token_is_not_repeated),
        cmocka_unit_test(minimal),
        cmocka_unit_test(everything_given),
        cmocka_unit_test(symbols_as_written),
        cmocka_unit_test(sections_are_merged),
        cmocka_unit_test(paths_are_relative_to_the_file),
        cmocka_unit_test(a_url_ends_in_one_slash),
        cmocka_unit_test(variables_of_the_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
