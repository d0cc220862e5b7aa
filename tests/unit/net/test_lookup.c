#include "net/lookup.h"

#include "fake_dns.h"

#include <errno.h>

struct results {
    struct loop *loop;
    int told, wanted;
    char text[256]; /* "host=addresses", or "host!why", each followed by a blank */
};

static void note(void *arg, const char *host, char *addresses, const char *why)
{
    struct results *r = arg;
    size_t used = strlen(r->text);
    snprintf(r->text + used, sizeof(r->text) - used, "%s%s%s ", host, addresses ? "=" : "!",
             addresses ? addresses : why);
    free(addresses);
    if (++r->told == r->wanted)
        loop_stop(r->loop);
}

static void each_look_up_has_one_result(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"good.test", "good.test=127.0.0.1 "},
        {"six.test", "six.test=[::1],127.0.0.1 "}, /* in the order of the answer */
        {"local.test", "local.test!no usable address "},
        {"none.test", "none.test!Name or service not known "},
    };
    struct results r = {.loop = loop_create(), .wanted = 1};
    struct lookups *l = lookups_create(r.loop, 1, note, &r);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i][0]);
        r.told = 0;
        r.text[0] = '\0';
        t_int(lookups_start(l, rows[i][0]), 0);
        t_int(r.told, 0);
        loop_run(r.loop);
        t_str(r.text, rows[i][1]);
    }
    lookups_destroy(l);
    loop_destroy(r.loop);
}

static void the_number_of_threads_is_limited(void **state)
{
    (void)state;
    struct results r = {.loop = loop_create(), .wanted = 2};
    struct lookups *l = lookups_create(r.loop, 2, note, &r);
    t_int(lookups_start(l, "hang1.test"), 0);
    t_int(lookups_start(l, "hang2.test"), 0);
    dns_until_hanging(2);
    t_int(lookups_start(l, "good.test"), -EAGAIN);
    dns_release();
    loop_run(r.loop);
    t_int(r.told, 2);
    r.wanted = 3;
    t_int(lookups_start(l, "good.test"), 0); /* the threads are free again */
    loop_run(r.loop);
    t_contains(r.text, "good.test=127.0.0.1 ");
    lookups_destroy(l);
    loop_destroy(r.loop);
}

/* The thread ends after its owner; a leak or a use after free would be reported by ASan. */
static void destroyed_while_a_look_up_hangs(void **state)
{
    (void)state;
    struct results r = {.loop = loop_create(), .wanted = 1};
    struct lookups *l = lookups_create(r.loop, 2, note, &r);
    t_int(lookups_start(l, "hang.test"), 0);
    dns_until_hanging(1);
    lookups_destroy(l);
    loop_destroy(r.loop);
    dns_release();
    t_int(r.told, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_look_up_has_one_result),
        cmocka_unit_test(the_number_of_threads_is_limited),
        cmocka_unit_test(destroyed_while_a_look_up_hangs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
