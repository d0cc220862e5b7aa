/* The copy of section source outlives the configuration. */
#include "replica/source_settings.h"

#include "support/t.h"

static void it_is_a_copy(void **state)
{
    (void)state;
    static const char text[] = "source { nats = \"nats://127.0.0.1:4222\" subject = \"a.b\" stream "
                               "= \"S\" start = \"last\""
                               " user = \"u\" }\n";
    struct config *config;
    struct source_settings settings;
    struct err err;
    if (config_parse(text, strlen(text), "test", &config, &err))
        fail_msg("%s", err.text);
    t_int(source_settings_copy(&settings, &config->source), 0);
    config_free(config);
    t_str(settings.all, "a.b.>");
    t_true(settings.source.start_last);
    const struct nats_settings link = source_settings_link(&settings);
    t_str(link.section, "source");
    t_str(link.servers, "nats://127.0.0.1:4222");
    t_str(link.user, "u");
    const struct nats_stream_wish all = source_settings_stream(&settings);
    t_str(all.name, "S");
    t_str(all.subject, "a.b.>");
    const struct nats_stream_wish last = source_settings_last(&settings);
    t_str(last.name, "S_LAST");
    t_str(last.mirror_of, "S");
    source_settings_finish(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_is_a_copy)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
