#include "base/owner.h"

#include "support/t.h"

static void by_name_or_number(void **state)
{
    (void)state;
    char name[OWNER_NAME];
    t_str(owner_name(name, 0), "root");
    t_str(owner_name(name, 4123456789U), "4123456789"); /* nobody has so high a number */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_name_or_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
