/* Notices come to the loop in their order, with texts of their own. */
#include "service/lease_notices.h"

#include "support/t.h"

struct got {
    struct loop *loop;
    int count;
};

static void on_notice(void *arg, const struct lease_notice *notice)
{
    struct got *got = arg;
    if (got->count++ == 0) {
        t_int(notice->news, LEASE_TAKEN);
        t_int(notice->seq_after, 2000000000);
        t_str(notice->host, "b.example");
        t_str(notice->token, "the-token");
        return;
    }
    t_int(notice->news, LEASE_TROUBLE);
    t_str(notice->why, "no server");
    loop_stop(got->loop);
}

static void they_arrive(void **state)
{
    struct got got = {.loop = loop_create()};
    struct lease_notices *notices = lease_notices_create(got.loop, on_notice, &got);
    char host[] = "b.example", token[] = "the-token";
    (void)state;
    lease_notices_put(
        notices,
        &(struct lease_notice){
            .news = LEASE_TAKEN, .host = host, .why = "", .token = token, .seq_after = 2000000000});
    host[0] = token[0] = 'x';
    lease_notices_put(
        notices,
        &(struct lease_notice){.news = LEASE_TROUBLE, .host = "", .why = "no server", .token = ""});
    loop_run(got.loop);
    t_int(got.count, 2);
    lease_notices_put(notices, &(struct lease_notice){.host = "", .why = "", .token = ""});
    lease_notices_destroy(notices);
    loop_destroy(got.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(they_arrive)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
