/* The copy of section sink outlives the configuration. */
#include "sink/settings.h"

#include "support/t.h"

static void it_is_a_copy(void **state)
{
    (void)state;
    static const char text[] =
        "broker { url = \"https://x.example/\" user = \"u\" }\n"
        "instruments { symbols = {\"A\"} }\n"
        "sink { nats = \"nats://127.0.0.1:4222\" subject = \"a.b\" stream = \"S\"\n"
        " replicas = 3 max_age = 0.5 max_size = 10 duplicates = 60 rate = 50 }\n"
        "state_dir = \"/var/x\"\n";
    struct config *config;
    struct sink_settings settings;
    struct err err;
    if (config_parse(text, strlen(text), "test", &config, &err))
        fail_msg("%s", err.text);
    t_int(sink_settings_copy(&settings, config, "/var/x/db"), 0);
    config_free(config);
    t_str(settings.all, "a.b.>");
    t_str(settings.state_dir, "/var/x");
    t_str(settings.database, "/var/x/db");
    const struct nats_settings link = sink_settings_link(&settings);
    t_str(link.servers, "nats://127.0.0.1:4222");
    t_str(link.user, "");
    const struct nats_stream_wish all = sink_settings_stream(&settings);
    t_str(all.name, "S");
    t_str(all.subject, "a.b.>");
    t_int(all.replicas, 3);
    t_int(all.max_age_ns, INT64_C(43200) * 1000000000);
    t_int(all.max_bytes, 10000000);
    t_int(all.duplicates_ns, INT64_C(60) * 1000000000);
    const struct nats_stream_wish last = sink_settings_last(&settings);
    t_str(last.name, "S_LAST");
    t_str(last.mirror_of, "S");
    t_int(last.max_per_subject, 1);
    sink_settings_finish(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_is_a_copy)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
