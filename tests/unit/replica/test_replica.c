/* The thread of a replica: without a server it says so, and ends at once when it is asked to. */
#include "replica/replica.h"

#include "config/config.h"
#include "support/t.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static int downs;

static void on_notice(void *arg, const struct replica_notice *notice)
{
    (void)arg;
    pthread_mutex_lock(&lock);
    downs += notice->kind == EVENT_REPLICA_DOWN;
    pthread_cond_signal(&told);
    pthread_mutex_unlock(&lock);
}

static void on_ready(void *arg)
{
    (void)arg;
    fail_msg("there is nothing to be read");
}

static void without_a_server(void **state)
{
    (void)state;
    static const char text[] = "source { nats = \"nats://127.0.0.1:1\" stream = \"S\" }\n";
    struct config *config;
    struct replica *replica;
    struct err err;
    if (config_parse(text, strlen(text), "test", &config, &err))
        fail_msg("%s", err.text);
    const struct replica_parts parts = {
        .source = &config->source, .notice = on_notice, .ready = on_ready};
    if (replica_create(&replica, &parts, &err))
        fail_msg("%s", err.text);
    config_free(config);
    pthread_mutex_lock(&lock);
    while (downs == 0)
        pthread_cond_wait(&told, &lock);
    pthread_mutex_unlock(&lock);
    const struct replica_state now = replica_state(replica);
    t_int(now.phase, REPLICA_DOWN);
    t_str(replica_phase_name(now.phase), "down");
    t_true(*now.why);
    t_str(now.stream, "S");
    t_int(now.behind, -1);
    t_true(replica_take(replica) == NULL);
    replica_destroy(replica);
    t_int(downs, 1);
}

static void how_late_it_is(void **state)
{
    (void)state;
    struct replica_state s = {.behind = 3, .stored_ns = 5000000000};
    t_int(replica_lag_ms(&s, 7000000000), 2000);
    t_int(replica_lag_ms(&s, 4000000000), 0); /* the clocks differ */
    s.behind = 0;
    t_int(replica_lag_ms(&s, 7000000000), 0);
    s = (struct replica_state){.behind = 3};
    t_int(replica_lag_ms(&s, 7000000000), 0); /* nothing was read yet */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(without_a_server),
                                       cmocka_unit_test(how_late_it_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
