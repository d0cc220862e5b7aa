#include "serve/deferred.h"

#include "support/t.h"

struct receiver {
    int calls;
    enum web_action action;
    char body[32];
};

static void take(void *arg, struct web_answer *answer, enum web_action action)
{
    struct receiver *r = arg;
    r->calls++;
    r->action = action;
    snprintf(r->body, sizeof(r->body), "%d %s", answer->status, buf_text(&answer->body));
}

static struct deferred *defer(struct receiver *r)
{
    struct web_answer answer;
    web_answer_init(&answer);
    web_put(&answer, 201, "text/plain", "so far");
    struct deferred *d = deferred_create(&answer, take, r);
    t_int(answer.body.len_bytes, 0); /* its content was taken */
    web_answer_finish(&answer);
    return d;
}

static void what_was_written_before_is_completed_later(void **state)
{
    struct receiver r = {0};
    (void)state;
    struct deferred *d = defer(&r);
    t_true(deferred_wanted(d));
    buf_puts(&deferred_answer(d)->body, ", and later");
    t_int(r.calls, 0);
    deferred_complete(d, WEB_TRUNCATE);
    t_int(r.calls, 1);
    t_int(r.action, WEB_TRUNCATE);
    t_str(r.body, "201 so far, and later");
}

static void an_answer_without_a_client_is_discarded(void **state)
{
    struct receiver r = {0};
    (void)state;
    struct deferred *d = defer(&r);
    deferred_cut(d);
    t_true(!deferred_wanted(d));
    web_put(deferred_answer(d), 500, "text/plain", "for nobody"); /* may still be filled in */
    deferred_complete(d, WEB_SEND);
    t_int(r.calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_before_is_completed_later),
        cmocka_unit_test(an_answer_without_a_client_is_discarded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
