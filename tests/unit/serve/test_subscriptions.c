#include "serve/subscriptions.h"

#include "support/t.h"

#include <stdlib.h>

#define LEVEL(level) (&(const struct subscription_terms){1, 5, level})

/* All frames that are due: "a7 b7": clients "a" and "b", instrument 7. */
static const char *due(struct subscriptions *all, int64_t now_ms)
{
    static char text[2000];
    struct due_frame frame;
    size_t used = 0;
    text[0] = '\0';
    while (subscriptions_next(all, now_ms, &frame))
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s%d", used ? " " : "",
                                 (const char *)frame.user, frame.instrument);
    return text;
}

static void a_snapshot_then_changes_at_the_pace_of_the_level(void **state)
{
    static const struct step {
        const char *name;
        int64_t now_ms;
        int32_t changed[4]; /* 0 ends the list */
        const char *due;
        int64_t wait_ms; /* after that */
    } steps[] = {
        {"snapshots", 1000, {0}, "a1 a2", 100},
        {"too soon", 1050, {1, 2}, "", 50},
        {"changes become one frame", 1099, {1, 1, 1}, "", 1},
        {"after the interval", 1100, {0}, "a1", 100},
        {"level 2 is slower", 1200, {0}, "", 300},
        {"an interval without change", 1499, {0}, "", 1},
        {"level 2, kept since 1050", 1500, {0}, "a2", 500},
        {"an unchanged one is not due", 2000, {0}, "", -1},
        {"a change after a long time is due at once", 9000, {2, 1}, "a2 a1", 100},
        {"of an instrument nobody wants", 9050, {3, 99999}, "", 50},
        {"both, each in its time", 9100, {1, 2}, "a1", 100},
        {"", 9499, {0}, "", 1},
        {"", 9500, {0}, "a2", 500},
        {"much later", 99999, {0}, "", -1},
    };
    struct subscriptions *all = subscriptions_create();
    struct subscriber *a = subscriptions_add(all, "a");
    (void)state;
    t_int(subscriptions_wait_ms(all, 0), -1);
    t_int(subscriptions_want(a, 1, LEVEL(1)), 0);
    t_int(subscriptions_want(a, 2, LEVEL(2)), 0);
    t_int(subscriptions_wait_ms(all, 1000), 0);
    for (size_t i = 0; i < T_COUNT(steps); i++) {
        t_row(steps[i].name);
        for (int n = 0; n < 4 && steps[i].changed[n]; n++)
            subscriptions_changed(all, steps[i].changed[n]);
        t_str(due(all, steps[i].now_ms), steps[i].due);
        t_int(subscriptions_wait_ms(all, steps[i].now_ms), steps[i].wait_ms);
    }
    t_true(subscriptions_wanted(all, 1) && subscriptions_wanted(all, 2));
    t_true(!subscriptions_wanted(all, 3) && !subscriptions_wanted(all, 99999));
    subscriptions_remove(a);
    t_true(!subscriptions_wanted(all, 1));
    subscriptions_destroy(all);
}

static void the_interval_of_each_level(void **state)
{
    static const int64_t intervals_ms[] = {100, 500, 1000, 3000, 6000};
    (void)state;
    for (int level = 1; level <= SUBSCRIPTIONS_LEVELS; level++) {
        struct subscriptions *all = subscriptions_create();
        struct subscriber *a = subscriptions_add(all, "a");
        t_int(subscriptions_interval_ms(level), intervals_ms[level - 1]);
        t_int(subscriptions_want(a, 7, LEVEL(level)), 0);
        t_str(due(all, 50), "a7");
        subscriptions_changed(all, 7);
        t_int(subscriptions_wait_ms(all, 51), intervals_ms[level - 1] - 1);
        t_str(due(all, 50 + intervals_ms[level - 1] - 1), "");
        t_str(due(all, 50 + intervals_ms[level - 1]), "a7");
        subscriptions_remove(a);
        subscriptions_destroy(all);
    }
}

static void clients_do_not_affect_each_other(void **state)
{
    struct subscriptions *all = subscriptions_create();
    struct subscriber *a = subscriptions_add(all, "a"), *b = subscriptions_add(all, "b");
    (void)state;
    subscriptions_want(a, 0, LEVEL(1)); /* 0 is an instrument */
    subscriptions_want(b, 0, LEVEL(3));
    subscriptions_want(b, 5, LEVEL(1));
    t_str(due(all, 0), "a0 b0 b5");
    subscriptions_changed(all, 0);
    t_str(due(all, 100), "a0");
    t_str(due(all, 1000), "b0");
    subscriptions_remove(a); /* while its frame of instrument 0 is due */
    subscriptions_changed(all, 0);
    t_str(due(all, 2000), "b0");
    subscriptions_drop(b); /* likewise */
    subscriptions_changed(all, 0);
    subscriptions_changed(all, 5);
    t_str(due(all, 9000), "");
    t_int(subscriptions_wait_ms(all, 9000), -1);
    t_int(subscriptions_want(b, 5, LEVEL(1)), 0); /* and may subscribe again */
    t_str(due(all, 9000), "b5");
    subscriptions_remove(b);
    subscriptions_remove(NULL);
    subscriptions_destroy(all);
    subscriptions_destroy(NULL);
}

static void one_instrument_ends(void **state)
{
    struct subscriptions *all = subscriptions_create();
    struct subscriber *a = subscriptions_add(all, "a"), *b = subscriptions_add(all, "b");
    (void)state;
    for (int32_t i = 1; i <= 3; i++)
        subscriptions_want(a, i, LEVEL(1));
    subscriptions_want(b, 2, LEVEL(1));
    subscriptions_unwant(a, 2); /* while its frame is due */
    t_str(due(all, 0), "a1 a3 b2");
    t_int(subscriptions_count(all), 3);
    subscriptions_unwant(a, 2); /* it is not subscribed to any more */
    subscriptions_unwant(a, 99999);
    subscriptions_changed(all, 2);
    subscriptions_changed(all, 3);
    t_str(due(all, 1000), "a3 b2");
    subscriptions_unwant(b, 2);
    t_true(!subscriptions_wanted(all, 2));
    subscriptions_want(a, 2, LEVEL(1));
    t_str(due(all, 2000), "a2");
    subscriptions_drop(a);
    t_int(subscriptions_count(all), 0);
    subscriptions_remove(a);
    subscriptions_remove(b);
    subscriptions_destroy(all);
}

static void subscribing_again_gives_a_snapshot_with_the_new_terms(void **state)
{
    struct subscriptions *all = subscriptions_create();
    struct subscriber *a = subscriptions_add(all, "a");
    struct due_frame frame;
    (void)state;
    subscriptions_want(a, 3, &(const struct subscription_terms){1, 5, 5});
    subscriptions_want(a, 3, &(const struct subscription_terms){2, 4, 5}); /* before it is sent */
    t_true(subscriptions_next(all, 0, &frame));
    t_int(frame.terms.entries, 2);
    t_int(frame.terms.depth, 4);
    t_true(!subscriptions_next(all, 0, &frame));                           /* once */
    subscriptions_want(a, 3, &(const struct subscription_terms){4, 3, 1}); /* during its pause */
    t_true(subscriptions_next(all, 10, &frame));
    t_int(frame.terms.entries, 4);
    t_int(frame.terms.level, 1);
    subscriptions_changed(all, 3);
    t_true(!subscriptions_next(all, 109, &frame));
    t_true(subscriptions_next(all, 110, &frame)); /* at the new pace */
    subscriptions_remove(a);
    subscriptions_destroy(all);
}

static void a_client_on_hold_gets_the_rest_later(void **state)
{
    struct subscriptions *all = subscriptions_create();
    struct subscriber *a = subscriptions_add(all, "a"), *b = subscriptions_add(all, "b");
    (void)state;
    for (int i = 1; i <= 3; i++) {
        subscriptions_want(a, i, LEVEL(1));
        subscriptions_want(b, i, LEVEL(1));
    }
    subscriptions_hold(a, true);
    t_str(due(all, 0), "b1 b2 b3");
    subscriptions_changed(all, 2);
    t_int(subscriptions_wait_ms(all, 50), 50); /* a's do not count */
    t_str(due(all, 100), "b2");
    subscriptions_unwant(a, 3);
    subscriptions_hold(a, false);
    t_int(subscriptions_wait_ms(all, 150), 0);
    t_str(due(all, 150), "a1 a2");
    t_row("what changed meanwhile is due, and nothing else");
    subscriptions_hold(a, true);
    subscriptions_changed(all, 1);
    subscriptions_changed(all, 1);
    t_str(due(all, 300), "b1");
    t_str(due(all, 500), "");
    subscriptions_hold(a, false);
    t_str(due(all, 500), "a1");
    subscriptions_hold(a, true);
    subscriptions_remove(a);
    subscriptions_remove(b);
    subscriptions_destroy(all);
}

/* Compared with the plain definition, as a table of (client, instrument). */
static void random_calls(void **state)
{
    enum { CLIENTS = 12, INSTRUMENTS = 40, STEPS = 60000 };
    static struct model {
        int level; /* 0: not subscribed */
        bool snapshot, changed;
        int64_t next_ms;
    } model[CLIENTS][INSTRUMENTS];
    static bool on_hold[CLIENTS];
    struct subscriber *clients[CLIENTS];
    struct subscriptions *all = subscriptions_create();
    uint64_t seed = 3;
    int64_t now_ms = 0;
    int frames = 0;
    (void)state;
    for (int c = 0; c < CLIENTS; c++)
        clients[c] = subscriptions_add(all, model[c]);
    for (int step = 0; step < STEPS; step++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        int c = (int)((seed >> 33) % CLIENTS), i = (int)((seed >> 40) % INSTRUMENTS);
        int what = (int)((seed >> 50) % 100);
        now_ms += (int64_t)((seed >> 57) % 10);
        if (what < 5) {
            model[c][i].level = 1 + (int)((seed >> 20) % 5);
            model[c][i].snapshot = true;
            t_int(subscriptions_want(clients[c], i, LEVEL(model[c][i].level)), 0);
        } else if (what == 5) {
            memset(model[c], 0, sizeof(model[c]));
            subscriptions_drop(clients[c]);
        } else if (what < 60) {
            for (int k = 0; k < CLIENTS; k++)
                model[k][i].changed |= model[k][i].level > 0;
            subscriptions_changed(all, i);
        } else if (what < 80) {
            struct due_frame due_frame;
            while (subscriptions_next(all, now_ms, &due_frame)) {
                struct model *m = (struct model *)due_frame.user + due_frame.instrument;
                t_true(!on_hold[(m - model[0]) / INSTRUMENTS]);
                t_int(due_frame.terms.level, m->level);
                t_true(m->snapshot || (m->changed && m->next_ms <= now_ms));
                m->snapshot = m->changed = false;
                m->next_ms = now_ms + subscriptions_interval_ms(m->level);
                frames++;
            }
            for (int k = 0; k < CLIENTS * INSTRUMENTS; k++) { /* nothing was forgotten */
                const struct model *m = &model[k / INSTRUMENTS][k % INSTRUMENTS];
                t_true(on_hold[k / INSTRUMENTS] ||
                       (!m->snapshot && !(m->changed && m->next_ms <= now_ms)));
            }
        } else if (what < 84) {
            on_hold[c] = what < 82;
            subscriptions_hold(clients[c], on_hold[c]);
        }
    }
    t_true(frames > 1000);
    for (int c = 0; c < CLIENTS; c++)
        subscriptions_remove(clients[c]);
    subscriptions_destroy(all);
}

static void the_first_data_are_due_at_once(void **state)
{
    struct subscriptions *all = subscriptions_create();
    struct subscriber *a = subscriptions_add(all, "a"), *b = subscriptions_add(all, "b");
    (void)state;
    subscriptions_want(a, 1, LEVEL(5));
    subscriptions_want(b, 1, LEVEL(1));
    t_str(due(all, 1000), "a1 b1"); /* the caller has nothing to send yet */
    subscriptions_renew(b, 1);
    subscriptions_renew(a, 1);
    subscriptions_renew(a, 1);
    subscriptions_renew(a, 77);
    t_int(subscriptions_wait_ms(all, 1010), 0);
    t_str(due(all, 1010), "b1 a1"); /* not after the pause of the level, and once */
    subscriptions_remove(a);
    subscriptions_remove(b);
    subscriptions_destroy(all);
}

static void the_terms_of_a_client(void **state)
{
    struct subscriptions *all = subscriptions_create();
    struct subscriber *a = subscriptions_add(all, "a"), *b = subscriptions_add(all, "b");
    (void)state;
    subscriptions_want(a, 2, LEVEL(2));
    subscriptions_want(b, 2, LEVEL(3));
    t_int(subscriptions_terms(a, 2)->level, 2);
    t_int(subscriptions_terms(b, 2)->level, 3);
    t_true(!subscriptions_terms(a, 1) && !subscriptions_terms(a, 99));
    subscriptions_unwant(a, 2);
    t_true(!subscriptions_terms(a, 2));
    subscriptions_remove(a);
    subscriptions_remove(b);
    subscriptions_destroy(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_snapshot_then_changes_at_the_pace_of_the_level),
        cmocka_unit_test(the_interval_of_each_level),
        cmocka_unit_test(clients_do_not_affect_each_other),
        cmocka_unit_test(one_instrument_ends),
        cmocka_unit_test(subscribing_again_gives_a_snapshot_with_the_new_terms),
        cmocka_unit_test(a_client_on_hold_gets_the_rest_later),
        cmocka_unit_test(random_calls),
        cmocka_unit_test(the_first_data_are_due_at_once),
        cmocka_unit_test(the_terms_of_a_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
