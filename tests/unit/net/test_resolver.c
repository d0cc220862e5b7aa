#include "net/resolver.h"

#include "fake_dns.h"

#define PATIENCE_MS 20000
#define MINUTE_MS   INT64_C(60000)
#define HOUR_MS     (60 * MINUTE_MS)

/* --- a clock that can be advanced ------------------------------------------------------------- */

static int64_t moved_ms;

struct now __real_clock_now(void);
struct now __wrap_clock_now(void);
struct now __wrap_clock_now(void)
{
    struct now now = __real_clock_now();
    now.mono_ms += moved_ms;
    return now;
}

/* --- asking ----------------------------------------------------------------------------------- */

struct asked {
    struct loop *loop;
    struct resolver_wait *wait;
    int told;
    char addresses[256], why[256];
};

static void note(void *arg, const char *addresses, const char *why)
{
    struct asked *a = arg;
    a->told++;
    a->wait = NULL;
    snprintf(a->addresses, sizeof(a->addresses), "%s", addresses ? addresses : "none");
    snprintf(a->why, sizeof(a->why), "%s", addresses ? "" : why);
    loop_stop(a->loop);
}

/* True: the addresses were known. */
static bool ask(struct loop *loop, struct asked *a, const char *host)
{
    *a = (struct asked){.loop = loop};
    const char *known = resolver_ask(resolver_of(loop), host, &a->wait, note, a);
    if (known)
        snprintf(a->addresses, sizeof(a->addresses), "%s", known);
    t_int(a->told, 0);
    t_true((known == NULL) == (a->wait != NULL));
    return known;
}

static void on_patience_over(void *arg)
{
    (void)arg;
    fail_msg("%s: no result within %d ms", t_row_name, PATIENCE_MS);
}

static void wait_told(struct asked *a)
{
    struct loop_timer *patience = loop_timer_create(a->loop, on_patience_over, NULL);
    loop_timer_set(patience, PATIENCE_MS);
    while (!a->told)
        loop_run(a->loop);
    loop_timer_destroy(patience);
    t_int(a->told, 1);
}

static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *host, *addresses, *why;
    } rows[] = {
        {"good.test", "127.0.0.1", ""},
        {"six.test", "[::1],127.0.0.1", ""},
        {"none.test", "none", "Name or service not known"},
        {"local.test", "none", "no usable address"},
    };
    struct loop *loop = loop_create();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct asked a;
        t_row(rows[i].host);
        t_true(!ask(loop, &a, rows[i].host));
        wait_told(&a);
        t_str(a.addresses, rows[i].addresses);
        t_str(a.why, rows[i].why);
    }
    t_row("");
    loop_destroy(loop);
}

static void known_names_are_not_looked_up_again(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    struct asked a;
    int before = dns_calls();
    ask(loop, &a, "good.test");
    wait_told(&a);
    for (int i = 0; i < 100; i++)
        t_true(ask(loop, &a, i % 2 ? "good.test" : "GOOD.Test"));
    t_str(a.addresses, "127.0.0.1");
    t_int(dns_calls() - before, 1);
    loop_destroy(loop);
}

static void requests_for_one_name_share_a_thread(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    struct asked many[20];
    int before = dns_calls();
    for (size_t i = 0; i < T_COUNT(many); i++)
        ask(loop, &many[i], "hang.test");
    dns_until_hanging(1);
    for (size_t i = 0; i < T_COUNT(many); i += 2)
        resolver_cancel(many[i].wait);
    dns_release();
    for (size_t i = 1; i < T_COUNT(many); i += 2)
        wait_told(&many[i]);
    for (size_t i = 0; i < T_COUNT(many); i++) {
        t_int(many[i].told, i % 2);
        if (i % 2)
            t_str(many[i].addresses, "127.0.0.1");
    }
    t_int(dns_calls() - before, 1);
    loop_destroy(loop);
}

struct again {
    struct asked first, second;
    bool known;
};

static void ask_again(void *arg, const char *addresses, const char *why)
{
    struct again *again = arg;
    struct loop *loop = again->first.loop;
    note(&again->first, addresses, why);
    again->known = ask(loop, &again->second, "none.test");
}

static void a_request_from_a_callback_waits_for_the_next_result(void **state)
{
    (void)state;
    struct again again = {.first.loop = loop_create()};
    struct loop *loop = again.first.loop;
    t_true(!resolver_ask(resolver_of(loop), "none.test", &again.first.wait, ask_again, &again));
    wait_told(&again.first);
    t_true(!again.known);
    wait_told(&again.second);
    t_str(again.second.addresses, "none");
    loop_destroy(loop);
}

static void threads_are_limited(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    struct asked hung[RESOLVER_THREADS_MAX], one_more, good;
    for (int i = 0; i < RESOLVER_THREADS_MAX; i++) {
        char host[32];
        snprintf(host, sizeof(host), "hang%d.test", i);
        ask(loop, &hung[i], host);
    }
    dns_until_hanging(RESOLVER_THREADS_MAX);
    ask(loop, &one_more, "good.test");
    wait_told(&one_more);
    t_contains(one_more.why, "too many name look-ups");
    dns_release();
    for (int i = 0; i < RESOLVER_THREADS_MAX; i++)
        wait_told(&hung[i]);
    ask(loop, &good, "good.test");
    wait_told(&good);
    t_str(good.addresses, "127.0.0.1");
    loop_destroy(loop);
}

static void a_hung_look_up_is_retried_with_few_threads(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    struct asked a[10];
    for (size_t i = 0; i < T_COUNT(a); i++) {
        ask(loop, &a[i], "hang.test");
        moved_ms += 20000;
    }
    dns_until_hanging(3);
    dns_release();
    for (size_t i = 0; i < T_COUNT(a); i++)
        wait_told(&a[i]);
    loop_destroy(loop);
}

static void destroy_does_not_wait_for_look_ups(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    struct asked a;
    ask(loop, &a, "hang.test");
    dns_until_hanging(1);
    resolver_cancel(a.wait);
    loop_destroy(loop); /* the look-up still hangs */
    t_int(a.told, 0);
    dns_release();
    resolver_cancel(NULL);
}

static void addresses_are_kept_while_the_dns_is_down(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    struct asked a;
    ask(loop, &a, "good.test");
    wait_told(&a);
    dns_set(&dns.down, true);
    moved_ms += 10 * MINUTE_MS;
    t_true(!ask(loop, &a, "good.test")); /* look-up first */
    wait_told(&a);
    t_str(a.addresses, "127.0.0.1");
    int before = dns_calls();
    t_true(ask(loop, &a, "good.test")); /* no second look-up right after a failure */
    t_int(dns_calls(), before);
    moved_ms += 25 * HOUR_MS;
    t_true(!ask(loop, &a, "good.test"));
    wait_told(&a);
    t_contains(a.why, "Temporary failure in name resolution");
    dns_set(&dns.down, false);
    loop_destroy(loop);
}

static void addresses_are_kept_while_the_dns_hangs(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    struct asked a;
    ask(loop, &a, "hang.test");
    dns_until_hanging(1);
    dns_release();
    wait_told(&a);
    moved_ms += 90 * 1000;
    t_true(ask(loop, &a, "hang.test")); /* look-up in the background */
    dns_until_hanging(1);
    moved_ms += 10 * MINUTE_MS;
    t_true(ask(loop, &a, "hang.test")); /* waited a second already */
    dns_until_hanging(2);
    dns_release();
    loop_destroy(loop);
}

static void old_addresses_are_used_after_a_second(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    struct asked a;
    ask(loop, &a, "hang.test");
    dns_until_hanging(1);
    dns_release();
    wait_told(&a);
    moved_ms += 10 * MINUTE_MS;
    t_true(!ask(loop, &a, "hang.test"));
    wait_told(&a); /* the new look-up hangs */
    t_str(a.addresses, "127.0.0.1");
    dns_until_hanging(1);
    dns_release();
    loop_destroy(loop);
}

static void names_are_forgotten(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    struct asked a;
    for (int i = 0; i < 100; i++) {
        char host[32];
        snprintf(host, sizeof(host), "none%d.test", i);
        ask(loop, &a, host);
        wait_told(&a);
        t_str(a.addresses, "none");
    }
    loop_destroy(loop);
}

static void use_by_age(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t age_ms, looking_ms, failed_ms;
        enum resolver_use expected;
    } rows[] = {
        {"new", 0, -1, -1, RESOLVER_USE},
        {"under a minute", MINUTE_MS - 1, -1, -1, RESOLVER_USE},
        {"a minute", MINUTE_MS, -1, -1, RESOLVER_REFRESH},
        {"under two minutes", 2 * MINUTE_MS - 1, 0, -1, RESOLVER_REFRESH},
        {"two minutes", 2 * MINUTE_MS, -1, -1, RESOLVER_PREFER},
        {"two, look-up just started", 2 * MINUTE_MS, 999, -1, RESOLVER_PREFER},
        {"two, look-up hangs", 2 * MINUTE_MS, 1000, -1, RESOLVER_REFRESH},
        {"two, look-up just failed", 2 * MINUTE_MS, -1, 0, RESOLVER_USE},
        {"two, look-up failed 10 s ago", 2 * MINUTE_MS, -1, 10000, RESOLVER_PREFER},
        {"under a day", 24 * HOUR_MS - 1, -1, -1, RESOLVER_PREFER},
        {"a day", 24 * HOUR_MS, -1, -1, RESOLVER_FORGET},
        {"a day, look-up just failed", 24 * HOUR_MS, -1, 0, RESOLVER_FORGET},
        {"a day, look-up hangs", 24 * HOUR_MS, 5000, -1, RESOLVER_FORGET},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(resolver_use(rows[i].age_ms, rows[i].looking_ms, rows[i].failed_ms),
              rows[i].expected);
    }
    t_row("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(known_names_are_not_looked_up_again),
        cmocka_unit_test(requests_for_one_name_share_a_thread),
        cmocka_unit_test(a_request_from_a_callback_waits_for_the_next_result),
        cmocka_unit_test(threads_are_limited),
        cmocka_unit_test(a_hung_look_up_is_retried_with_few_threads),
        cmocka_unit_test(destroy_does_not_wait_for_look_ups),
        cmocka_unit_test(addresses_are_kept_while_the_dns_is_down),
        cmocka_unit_test(addresses_are_kept_while_the_dns_hangs),
        cmocka_unit_test(old_addresses_are_used_after_a_second),
        cmocka_unit_test(names_are_forgotten),
        cmocka_unit_test(use_by_age),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
