#include "record/observers.h"

#include "support/t.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the observers of a test heard, in order: "a:change 7", "b:event login". */
static char heard[4096];

struct watcher {
    const char *name;
    struct observers *observers;
    int number;
    void (*act)(struct watcher *self); /* called from the first call, after it is noted; or NULL */
    struct watcher *other;
};

static void note(struct watcher *w, const char *what, const char *which)
{
    size_t used = strlen(heard);
    snprintf(heard + used, sizeof(heard) - used, "%s%s:%s %s", used ? ", " : "", w->name, what,
             which);
    void (*act)(struct watcher *) = w->act;
    w->act = NULL;
    if (act)
        act(w);
}

static void on_instrument(void *arg, int32_t instrument, const char *market_id, const char *symbol)
{
    char which[64];
    snprintf(which, sizeof(which), "%d %s %s", (int)instrument, market_id, symbol);
    note(arg, "instrument", which);
}

static void on_change(void *arg, const struct market_change *change)
{
    char which[64];
    snprintf(which, sizeof(which), "%lld", (long long)change->present->seq);
    note(arg, "change", which);
}

static void on_event(void *arg, const struct observed_event *event)
{
    char which[96];
    snprintf(which, sizeof(which), "%s %s %s", event_kind_name(event->kind),
             event->symbol ? event->symbol : "-", event->detail);
    note(arg, "event", which);
}

static void on_mode(void *arg, const struct observed_mode *mode)
{
    note(arg, "mode", feed_mode_name(mode->mode));
}

static void add(struct watcher *w, struct observers *observers, const char *name)
{
    const struct observer observer = {w, on_instrument, on_change, on_event, on_mode};
    *w = (struct watcher){.name = name, .observers = observers};
    w->number = observers_add(observers, &observer);
    t_true(w->number > 0);
}

static struct observers *begin(void)
{
    *heard = '\0';
    return observers_create();
}

static void change(struct observers *observers, int64_t seq)
{
    const struct market_quote quote = {.seq = seq};
    observers_change(observers, &(struct market_change){3, ENTRY_BIT(ENTRY_BI), &quote});
}

static void event(struct observers *observers, enum event_kind kind, const char *detail)
{
    observers_event(observers, &(struct observed_event){.kind = kind, .detail = detail});
}

/* --- tests ------------------------------------------------------------------------------------ */

static void everyone_hears_everything_in_order_of_addition(void **state)
{
    (void)state;
    struct observers *o = begin();
    struct watcher a, b, c;
    add(&a, o, "a");
    add(&b, o, "b");
    add(&c, o, "c");
    observers_instrument(o, 0, "ROFX", "DLR/DIC26");
    change(o, 7);
    event(o, EVENT_LOGIN, "in");
    observers_mode(o, &(struct observed_mode){FEED_STALE, FEED_STREAMING, ""});
    t_str(heard, "a:instrument 0 ROFX DLR/DIC26, b:instrument 0 ROFX DLR/DIC26, "
                 "c:instrument 0 ROFX DLR/DIC26, a:change 7, b:change 7, c:change 7, "
                 "a:event login - in, b:event login - in, c:event login - in, "
                 "a:mode stale, b:mode stale, c:mode stale");
    observers_destroy(o);
}

static void functions_may_be_null(void **state)
{
    (void)state;
    struct observers *o = begin();
    struct watcher a;
    t_true(observers_add(o, &(struct observer){.arg = NULL}) > 0);
    add(&a, o, "a");
    observers_instrument(o, 0, "ROFX", "S");
    change(o, 1);
    event(o, EVENT_LOGIN, "in");
    observers_mode(o, &(struct observed_mode){FEED_POLLING, FEED_NO_TOKEN, ""});
    t_str(heard, "a:instrument 0 ROFX S, a:change 1, a:event login - in, a:mode polling");
    observers_destroy(o);
}

static void a_removed_one_hears_nothing_more(void **state)
{
    (void)state;
    struct observers *o = begin();
    struct watcher a, b, c;
    add(&a, o, "a");
    add(&b, o, "b");
    add(&c, o, "c");
    observers_remove(o, b.number);
    observers_remove(o, b.number); /* again, and numbers that were never given out: ignored */
    observers_remove(o, 0);
    observers_remove(o, -ENOMEM);
    observers_remove(o, 99);
    change(o, 1);
    t_str(heard, "a:change 1, c:change 1");
    add(&b, o, "b");
    *heard = '\0';
    change(o, 2);
    t_str(heard, "a:change 2, c:change 2, b:change 2");
    observers_destroy(o);
}

static void remove_self(struct watcher *w)
{
    observers_remove(w->observers, w->number);
}

static void remove_other(struct watcher *w)
{
    observers_remove(w->observers, w->other->number);
}

static void removal_during_a_call(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*act)(struct watcher *self); /* of b */
        int other;                         /* index of the one that it removes */
        const char *first, *second;
    } rows[] = {
        {"itself", remove_self, 0, "a:change 1, b:change 1, c:change 1", "a:change 2, c:change 2"},
        {"one before it", remove_other, 0, "a:change 1, b:change 1, c:change 1",
         "b:change 2, c:change 2"},
        {"one after it", remove_other, 2, "a:change 1, b:change 1", "a:change 2, b:change 2"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct observers *o = begin();
        struct watcher w[3];
        t_row(rows[i].name);
        add(&w[0], o, "a");
        add(&w[1], o, "b");
        add(&w[2], o, "c");
        w[1].act = rows[i].act;
        w[1].other = &w[rows[i].other];
        change(o, 1);
        t_str(heard, rows[i].first);
        *heard = '\0';
        change(o, 2);
        t_str(heard, rows[i].second);
        observers_destroy(o);
    }
}

/* So many that the list of observers must grow, and moves. */
static struct watcher more[40];

static void add_more(struct watcher *w)
{
    for (size_t i = 0; i < T_COUNT(more); i++)
        add(&more[i], w->observers, "+");
}

static void one_added_during_a_call_hears_the_next(void **state)
{
    (void)state;
    struct observers *o = begin();
    struct watcher a, b;
    add(&a, o, "a");
    add(&b, o, "b");
    a.act = add_more;
    change(o, 1);
    t_str(heard, "a:change 1, b:change 1");
    *heard = '\0';
    change(o, 2);
    t_int(strncmp(heard, "a:change 2, b:change 2, +:change 2, ", 36), 0);
    t_int(strlen(heard), 12 * (2 + T_COUNT(more)) - 2);
    observers_destroy(o);
}

static void report(struct watcher *w)
{
    char detail[] = "lost";
    observers_event(w->observers, &(struct observed_event){
                                      .kind = EVENT_DROPPED, .symbol = "S1", .detail = detail});
    memset(detail, 'x', 4); /* it was copied */
}

static void report_twice(struct watcher *w)
{
    report(w);
    event(w->observers, EVENT_STALE, "second");
}

static void events_reported_during_a_call_follow_it(void **state)
{
    (void)state;
    struct observers *o = begin();
    struct watcher a, b;
    add(&a, o, "a");
    add(&b, o, "b");
    a.act = report_twice;
    change(o, 1);
    t_str(heard, "a:change 1, b:change 1, a:event dropped S1 lost, b:event dropped S1 lost, "
                 "a:event stale - second, b:event stale - second");
    *heard = '\0';
    a.act = report; /* from a call for an event */
    event(o, EVENT_LOGIN, "in");
    t_str(heard, "a:event login - in, b:event login - in, a:event dropped S1 lost, "
                 "b:event dropped S1 lost");
    observers_destroy(o);
}

static void remove_and_report(struct watcher *w)
{
    observers_remove(w->observers, w->other->number);
    report(w);
}

static void an_event_of_a_call_reaches_those_that_are_left(void **state)
{
    (void)state;
    struct observers *o = begin();
    struct watcher a, b, c;
    add(&a, o, "a");
    add(&b, o, "b");
    add(&c, o, "c");
    c.act = remove_and_report;
    c.other = &a;
    change(o, 1);
    t_str(heard, "a:change 1, b:change 1, c:change 1, b:event dropped S1 lost, "
                 "c:event dropped S1 lost");
    observers_destroy(o);
}

/* --- what an observer may not do -------------------------------------------------------------- */

static void change_again(struct watcher *w)
{
    change(w->observers, 2);
}

static void change_mode(struct watcher *w)
{
    observers_mode(w->observers, &(struct observed_mode){FEED_STALE, FEED_STREAMING, ""});
}

static void add_instrument(struct watcher *w)
{
    observers_instrument(w->observers, 0, "ROFX", "S");
}

static void apply(struct watcher *w)
{
    observers_no_call(w->observers);
}

/* In a child, which must be ended by abort(). */
static void expect_abort(void (*act)(struct watcher *))
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct observers *o = begin();
        struct watcher a;
        add(&a, o, "a");
        a.act = act;
        change(o, 1);
        _exit(0);
    }
    int status;
    t_int(waitpid(child, &status, 0), child);
    t_true(WIFSIGNALED(status));
    t_int(WTERMSIG(status), SIGABRT);
}

static void acting_backwards_aborts(void **state)
{
    (void)state;
    expect_abort(change_again);
    expect_abort(change_mode);
    expect_abort(add_instrument);
    expect_abort(apply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everyone_hears_everything_in_order_of_addition),
        cmocka_unit_test(functions_may_be_null),
        cmocka_unit_test(a_removed_one_hears_nothing_more),
        cmocka_unit_test(removal_during_a_call),
        cmocka_unit_test(one_added_during_a_call_hears_the_next),
        cmocka_unit_test(events_reported_during_a_call_follow_it),
        cmocka_unit_test(an_event_of_a_call_reaches_those_that_are_left),
        cmocka_unit_test(acting_backwards_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
