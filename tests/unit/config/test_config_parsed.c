#include "config/config_parsed.h"

#include "config/config_keys.h"
#include "support/t.h"

#include <errno.h>

static void segments_are_found_without_regard_to_case(void **state)
{
    (void)state;
    struct config_parsed parsed;
    struct err err;
    t_true(config_parsed_init(&parsed));
    t_true(config_parsed_segment(&parsed, "MERV") == NULL);
    t_int(config_parsed_add_segment(&parsed, "MERV", 7, &err), 0);
    t_int(config_parsed_add_segment(&parsed, "DDF", 9, &err), 0);
    struct config_segment *segment = config_parsed_segment(&parsed, "merv");
    t_true(segment != NULL);
    t_str(segment->name, "MERV");
    t_int(segment->line, 7);
    config_value_of(segment->values, CONFIG_SEGMENT, "hours")->line = 8;
    t_int(config_value_of(parsed.segments[1].values, CONFIG_SEGMENT, "hours")->line, 0);
    config_parsed_finish(&parsed);
    t_int(parsed.segments_count, 0);
}

static void names_and_number_of_segments_are_limited(void **state)
{
    (void)state;
    struct config_parsed parsed;
    struct err err;
    char name[16];
    t_true(config_parsed_init(&parsed));
    t_int(config_parsed_add_segment(&parsed, "", 1, &err), -EINVAL);
    t_int(config_parsed_add_segment(&parsed, "A B", 1, &err), -EINVAL);
    t_contains(err.text, "segment \"A B\": not a name of 1 to");
    for (int i = 0; i < CONFIG_SEGMENTS_MAX; i++) {
        snprintf(name, sizeof(name), "S%d", i);
        t_int(config_parsed_add_segment(&parsed, name, i, &err), 0);
    }
    t_int(config_parsed_add_segment(&parsed, "MORE", 1, &err), -EINVAL);
    t_contains(err.text, "segment \"MORE\": more than 16 segments");
    config_parsed_finish(&parsed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_are_found_without_regard_to_case),
        cmocka_unit_test(names_and_number_of_segments_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
