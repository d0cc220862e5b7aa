#include "support/t.h"

#include "base/text_map.h"

#define KEYS 5000

static void finds_what_was_put(void **state)
{
    (void)state;
    static char keys[KEYS][20];
    struct text_map map = {0};
    t_int(text_map_find(&map, "a", 1), TEXT_MAP_NONE);
    for (int i = 0; i < KEYS; i++) {
        snprintf(keys[i], sizeof(keys[i]), "key_%d", i);
        t_int(text_map_put(&map, keys[i], strlen(keys[i]), i), 0);
    }
    t_int(map.count, KEYS);
    for (int i = 0; i < KEYS; i++)
        t_int(text_map_find(&map, keys[i], strlen(keys[i])), i);
    t_int(text_map_find(&map, "key_", 4), TEXT_MAP_NONE);
    t_int(text_map_find(&map, "", 0), TEXT_MAP_NONE);
    text_map_finish(&map);
    t_int(text_map_find(&map, "key_1", 5), TEXT_MAP_NONE);
}

static void a_key_put_again_has_its_new_value(void **state)
{
    (void)state;
    struct text_map map = {0};
    t_int(text_map_put(&map, "abc", 2, 1), 0); /* of the key only the given bytes count */
    t_int(text_map_put(&map, "abd", 2, 7), 0);
    t_int(text_map_put(&map, "", 0, 3), 0);
    t_int(map.count, 2);
    t_int(text_map_find(&map, "ab", 2), 7);
    t_int(text_map_find(&map, "", 0), 3);
    text_map_finish(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_put),
        cmocka_unit_test(a_key_put_again_has_its_new_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
