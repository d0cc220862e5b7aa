#include "config/config_keys.h"

#include "support/config_text.h"

/* --- the table -------------------------------------------------------------------------------- */

static void each_key_occurs_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < config_keys_count; i++) {
        const struct config_key *key = &config_keys[i];
        t_row(key->name);
        t_true(config_key_find(key->section, key->name) == key);
        t_true(*key->name && key->fallback);
        t_true(key->min <= key->max);
    }
}

/* The parser depends on it. */
static void the_keys_of_a_section_are_consecutive(void **state)
{
    (void)state;
    for (size_t i = 1; i < config_keys_count; i++) {
        const char *section = config_keys[i].section;
        t_row(config_keys[i].name);
        for (size_t j = 0; strcmp(section, config_keys[i - 1].section) != 0 && j < i; j++)
            t_true(strcmp(config_keys[j].section, section) != 0);
    }
}

static void only_the_token_is_secret(void **state)
{
    (void)state;
    for (size_t i = 0; i < config_keys_count; i++) {
        const struct config_key *key = &config_keys[i];
        t_row(key->name);
        t_int(key->secret, strcmp(key->section, "serve") == 0 && strcmp(key->name, "token") == 0);
    }
}

static void finds_exact_names_only(void **state)
{
    (void)state;
    t_true(config_key_find("poll", "interval"));
    t_true(config_key_find("", "state_dir"));
    t_true(!config_key_find("", "interval"));
    t_true(!config_key_find("poll", "state_dir"));
    t_true(!config_key_find("broker", "interval"));
    t_true(!config_key_find("poll", "Interval"));
    t_true(!config_key_find("poll", "interva"));
    t_true(!config_key_find("poll", ""));
    t_true(!config_key_find("", ""));
    t_true(!config_key_find("", "poll"));
}

static void similar_names(void **state)
{
    (void)state;
    static const struct {
        const char *section, *name, *meant;
    } rows[] = {
        {"poll", "intervall", "poll.interval"},
        {"poll", "intreval", "poll.interval"},
        {"poll", "Interval", "poll.interval"},
        {"poll", "in_fligt", "poll.in_flight"},
        {"poll", "in-flight", "poll.in_flight"},
        {"poll", "entry", NULL},
        {"broker", "usr", "broker.user"},
        {"broker", "password", NULL},
        {"broker", "passwordfile", "broker.password_file"},
        {"broker", "interval", "poll.interval"},
        {"poll", "symbols", "instruments.symbols"},
        {"instruments", "batch", "instruments.match"}, /* one letter, before stream.batch */
        {"", "symbols", "instruments.symbols"},
        {"", "pol", "poll"},
        {"", "brokers", "broker"},
        {"", "instrument", "instruments"},
        {"", "statedir", "state_dir"},
        {"", "Store", "store"},
        {"store", "durabilty", "store.durability"},
        {"", "zzzzqqqq", NULL},
        {"poll", "zzzzqqqq", NULL},
        {"", "a_name_far_longer_than_any_key_there_is_or_will_be", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[64] = "untouched";
        t_row(rows[i].name);
        const char *near = config_key_near(rows[i].section, rows[i].name, out, sizeof(out));
        t_str(near, rows[i].meant);
        t_true(!near || near == out);
    }
}

static void a_similar_name_is_truncated_to_the_buffer(void **state)
{
    (void)state;
    char out[4];
    t_str(config_key_near("poll", "intervall", out, sizeof(out)), "pol");
}

/* --- every key -------------------------------------------------------------------------------- */

static void defaults(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value;
    } rows[] = {
        {"broker.stream_url", "\"\""},
        {"broker.password_file", "\"\""},
        {"broker.ca_file", "\"\""},
        {"broker.timeout", "10"},
        {"broker.allow_insecure", "false"},
        {"broker.matriz_url", "\"\""},
        {"poll.interval", "1"},
        {"poll.rate", "1"},
        {"poll.in_flight", "4"},
        {"poll.depth", "5"},
        {"poll.trades_every", "30"},
        {"poll.entries", "{\"BI\", \"OF\", \"LA\", \"OP\", \"CL\", \"SE\", \"HI\", \"LO\", "
                         "\"TV\", \"OI\", \"EV\", \"NV\", \"IV\", \"ACP\"}"},
        {"stream.enable", "true"},
        {"stream.dialects", "{\"primary\"}"},
        {"stream.depth", "5"},
        {"stream.level", "1"},
        {"stream.batch", "50"},
        {"stream.ping", "20"},
        {"stream.stale", "90"},
        {"instruments.match", "{}"},
        {"instruments.exclude", "{}"},
        {"instruments.segments", "{}"},
        {"instruments.cfi", "{}"},
        {"instruments.products", "{}"},
        {"instruments.maturities", "0"},
        {"instruments.currency", "\"\""},
        {"session.days", "\"Mon-Fri\""},
        {"session.hours", "\"10:00-17:05\""},
        {"session.holidays", "{\"argentina\"}"},
        {"session.special", "{}"},
        {"session.pre_open", "\"\""},
        {"session.closing_auction", "\"\""},
        {"session.always", "false"},
        {"store.path", "\"/var/lib/cinta/cinta.db\""},
        {"store.durability", "\"normal\""},
        {"store.commit_every", "0.25"},
        {"store.keep_days", "0"},
        {"store.wal_limit", "2048"},
        {"serve.listen", "\"127.0.0.1:8787\""},
        {"serve.token", "\"\""},
        {"serve.origins", "{}"},
        {"serve.hosts", "{}"},
        {"serve.on_demand", "0"},
        {"export.at", "\"\""},
        {"export.out", "\"/var/lib/cinta/export\""},
        {"export.tables", "{\"snapshots\", \"trades\"}"},
        {"export.format", "\"csv\""},
        {"export.compress", "\"zstd\""},
        {"sink.nats", "\"\""},
        {"sink.subject", "\"md\""},
        {"sink.stream", "\"CINTA\""},
        {"sink.user", "\"\""},
        {"sink.password_file", "\"\""},
        {"sink.token_file", "\"\""},
        {"sink.credentials_file", "\"\""},
        {"sink.ca_file", "\"\""},
        {"sink.certificate_file", "\"\""},
        {"sink.key_file", "\"\""},
        {"sink.allow_insecure", "false"},
        {"sink.replicas", "1"},
        {"sink.max_age", "0"},
        {"sink.max_size", "0"},
        {"sink.duplicates", "120"},
        {"sink.rate", "5000"},
        {"sink.from", "\"now\""},
        {"lease.name", "\"\""},
        {"lease.bucket", "\"CINTA_LEASE\""},
        {"lease.duration", "10"},
        {"lease.isolated", "\"record\""},
        {"source.nats", "\"\""},
        {"source.subject", "\"md\""},
        {"source.stream", "\"CINTA\""},
        {"source.start", "\"beginning\""},
        {"source.user", "\"\""},
        {"source.password_file", "\"\""},
        {"source.token_file", "\"\""},
        {"source.credentials_file", "\"\""},
        {"source.ca_file", "\"\""},
        {"source.certificate_file", "\"\""},
        {"source.key_file", "\"\""},
        {"source.allow_insecure", "false"},
        {"alert.command", "\"\""},
        {"alert.kinds", "{\"stale\", \"divergence\", \"login_refused\", \"dropped\", "
                        "\"store_delayed\", \"export_failed\"}"},
        {"alert.after", "30"},
        {"alert.quiet", "600"},
        {"alert.limit", "20"},
        {"state_dir", "\"/var/lib/cinta\""},
    };
    struct config *config = NULL;
    t_int(config_parse(CONFIG_MINIMAL, strlen(CONFIG_MINIMAL), "f.conf", &config, NULL), 0);
    /* url, user and symbols are given; a segment has the seven values of section session */
    t_int(config_keys_count, T_COUNT(rows) + 3 + 7);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].key);
        config_expect_shown(config, rows[i].key, rows[i].value, "default");
    }
    config_free(config);
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *key, *below, *min, *max, *above;
    } rows[] = {
        {"broker.timeout", "0.999", "1", "120", "120.5"},
        {"poll.interval", "0.049", "0.05", "86400", "86400.1"},
        {"poll.rate", "0.0099", "0.01", "100000", "100001"},
        {"poll.in_flight", "0", "1", "1024", "1025"},
        {"poll.depth", "0", "1", "5", "6"},
        {"poll.trades_every", "-1", "0", "3600", "3601"},
        {"sink.replicas", "0", "1", "5", "6"},
        {"sink.max_age", "-1", "0", "36500", "36501"},
        {"sink.max_size", "-1", "0", "1000000000", "1000000001"},
        {"sink.duplicates", "0.5", "1", "86400", "86401"},
        {"sink.rate", "0.5", "1", "1000000", "1000001"},
        {"stream.depth", "0", "1", "5", "6"},
        {"stream.level", "0", "1", "5", "6"},
        {"stream.batch", "0", "1", "1000", "1001"},
        {"stream.ping", "0.5", "1", "300", "300.5"},
        {"stream.stale", "0", "1", "86400", "86401"},
        {"store.commit_every", "0.009", "0.01", "60", "60.1"},
        {"store.keep_days", "-1", "0", "36500", "36501"},
        {"store.wal_limit", "-1", "0", "1000000", "1000001"},
        {"instruments.maturities", "-1", "0", "1000", "1001"},
        {"serve.on_demand", "-1", "0", "100000", "100001"},
        {"alert.after", "-0.1", "0", "86400", "86400.1"},
        {"alert.quiet", "-0.1", "0", "86400", "86400.1"},
        {"alert.limit", "0.9", "1", "600", "600.1"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char outside[64];
        snprintf(outside, sizeof(outside), "out of range: %s to %s are allowed", rows[i].min,
                 rows[i].max);
        config_refuses(rows[i].key, rows[i].below, outside);
        config_accepts(rows[i].key, rows[i].min, rows[i].min);
        config_accepts(rows[i].key, rows[i].max, rows[i].max);
        config_refuses(rows[i].key, rows[i].above, outside);
        config_refuses(rows[i].key, "-1000000000", outside);
        config_refuses(rows[i].key, "many", "not a number");
        config_refuses(rows[i].key, "1x", "not a number");
        config_refuses(rows[i].key, "true", "not a number");
        config_refuses(rows[i].key, "1e999", "not a number");
        config_refuses(rows[i].key, "99999999999999999999999", "");
    }
}

static void whole_numbers_have_no_fraction(void **state)
{
    (void)state;
    static const char *const keys[] = {"poll.in_flight", "poll.depth",   "stream.depth",
                                       "stream.level",   "stream.batch", "store.keep_days"};
    for (size_t i = 0; i < T_COUNT(keys); i++) {
        config_refuses(keys[i], "1.5", "not a whole number");
        config_refuses(keys[i], "0x10", "not a number");
        config_refuses(keys[i], "\"\"", "not a number");
        config_accepts(keys[i], "0004", "4");
    }
    config_refuses("poll.interval", "nan", "not a number");
    config_refuses("poll.interval", "inf", "not a number");
    config_accepts("poll.interval", "2.5e1", "25");
    config_accepts("poll.rate", "0.1", "0.1");
    config_accepts("poll.in_flight", "010", "10");
}

static void yes_and_no(void **state)
{
    (void)state;
    static const char *const keys[] = {"broker.allow_insecure", "stream.enable", "session.always"};
    for (size_t i = 0; i < T_COUNT(keys); i++) {
        config_accepts(keys[i], "true", "true");
        config_accepts(keys[i], "false", "false");
        config_accepts(keys[i], "yes", "true");
        config_accepts(keys[i], "no", "false");
        config_accepts(keys[i], "on", "true");
        config_accepts(keys[i], "off", "false");
        config_refuses(keys[i], "1", "is not valid; allowed: true, false");
        config_refuses(keys[i], "maybe", "is not valid; allowed: true, false");
        config_refuses(keys[i], "\"\"", "is not valid; allowed: true, false");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_occurs_once),
        cmocka_unit_test(the_keys_of_a_section_are_consecutive),
        cmocka_unit_test(only_the_token_is_secret),
        cmocka_unit_test(finds_exact_names_only),
        cmocka_unit_test(similar_names),
        cmocka_unit_test(a_similar_name_is_truncated_to_the_buffer),
        cmocka_unit_test(defaults),
        cmocka_unit_test(numbers),
        cmocka_unit_test(whole_numbers_have_no_fraction),
        cmocka_unit_test(yes_and_no),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
