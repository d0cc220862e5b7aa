#include "serve/guest_list.h"

#include "support/t.h"

static struct guest_list *list_of(int all, int each)
{
    struct guest_list *list = guest_list_create(&(const struct guest_limits){all, each});
    t_true(list);
    return list;
}

static void each_address_has_a_limit(void **state)
{
    (void)state;
    struct guest_list *list = list_of(100, 2);
    struct guest *a = guest_list_add(list, "192.0.2.1");
    t_true(a);
    t_true(guest_list_add(list, "192.0.2.1"));
    t_true(!guest_list_add(list, "192.0.2.1"));
    t_true(guest_list_add(list, "192.0.2.2"));
    t_true(guest_list_add(list, "fe80::1"));
    t_int(guest_list_count(list), 4);
    t_int(guest_list_refused(list), 1);
    guest_list_remove(a);
    t_int(guest_list_count(list), 3);
    t_true(guest_list_add(list, "192.0.2.1"));
    t_true(!guest_list_add(list, "192.0.2.1"));
    guest_list_destroy(list);
}

/* Also what is not known counts as one address. */
static void this_machine_has_none(void **state)
{
    (void)state;
    static const char *const local[] = {"127.0.0.1", "127.1.2.3", "::1", "unix"};
    struct guest_list *list = list_of(41, 1);
    for (size_t n = 0; n < 10; n++) {
        for (size_t i = 0; i < T_COUNT(local); i++)
            t_true(guest_list_add(list, local[i]));
    }
    t_true(guest_list_add(list, ""));
    t_true(!guest_list_add(list, ""));
    guest_list_destroy(list);
}

static void all_together_have_one(void **state)
{
    (void)state;
    struct guest_list *list = list_of(3, 2);
    struct guest *a = guest_list_add(list, "127.0.0.1"), *b = guest_list_add(list, "192.0.2.1");
    t_true(a && b && guest_list_add(list, "192.0.2.2"));
    t_true(!guest_list_add(list, "127.0.0.1"));
    t_true(!guest_list_add(list, "192.0.2.3"));
    t_int(guest_list_refused(list), 2);
    guest_list_remove(b);
    guest_list_remove(a);
    guest_list_remove(NULL);
    t_true(guest_list_add(list, "192.0.2.3") && guest_list_add(list, "127.0.0.1"));
    t_int(guest_list_count(list), 3);
    guest_list_destroy(list);
    guest_list_destroy(NULL);
}

static void the_first_request_of_a_connection(void **state)
{
    (void)state;
    struct guest_list *list = guest_list_create(&(struct guest_limits){4, 4});
    struct guest *one = guest_list_add(list, "192.0.2.1"), *other = guest_list_add(list, "");
    assert_true(guest_requests(one));
    assert_false(guest_requests(one));
    assert_true(guest_requests(other));
    assert_true(guest_requests(NULL));
    guest_list_destroy(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_address_has_a_limit),
        cmocka_unit_test(this_machine_has_none),
        cmocka_unit_test(all_together_have_one),
        cmocka_unit_test(the_first_request_of_a_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
