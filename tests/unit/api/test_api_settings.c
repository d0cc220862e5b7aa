#include "api/api_settings.h"

#include "support/config_text.h"

#define BASE                                                                                       \
    "serve { listen = \"127.0.0.1:0\" token = \"t\" origins = {\"https://a\"} hosts = {\"b\"} "

static void a_copy_equals_only_the_same_settings(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool same;
    } rows[] = {
        {CONFIG_MINIMAL BASE "}\n", true},
        {CONFIG_MINIMAL "# another line\n" BASE "}\npoll { rate = 3 }\n", true},
        {CONFIG_MINIMAL BASE "on_demand = 1 }\n", true}, /* clients stay connected */
        {CONFIG_MINIMAL "serve { listen = \"127.0.0.1:1\" token = \"t\" origins = {\"https://a\"} "
                        "hosts = {\"b\"} }\n",
         false},
        {CONFIG_MINIMAL "serve { listen = \"127.0.0.1:0\" token = \"u\" origins = {\"https://a\"} "
                        "hosts = {\"b\"} }\n",
         false},
        {CONFIG_MINIMAL "serve { listen = \"127.0.0.1:0\" token = \"t\" origins = {\"https://c\"} "
                        "hosts = {\"b\"} }\n",
         false},
        {CONFIG_MINIMAL "serve { listen = \"127.0.0.1:0\" token = \"t\" origins = {\"https://a\"} "
                        "hosts = {\"b\", \"c\"} }\n",
         false},
    };
    struct api_settings copy;
    struct config *config = config_good(CONFIG_MINIMAL BASE "}\n");
    t_int(api_settings_copy(&copy, &config->serve), 0);
    config_free(config);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].text);
        config = config_good(rows[i].text);
        t_int(api_settings_equal(&copy, &config->serve), rows[i].same);
        config_free(config);
    }
    const struct access_rules rules = api_settings_rules(&copy);
    t_str(rules.token, "t");
    t_str(rules.hosts[0], "b");
    t_str(rules.origins[0], "https://a");
    t_int(rules.hosts_count + rules.origins_count, 2);
    api_settings_finish(&copy);
    api_settings_finish(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_equals_only_the_same_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
