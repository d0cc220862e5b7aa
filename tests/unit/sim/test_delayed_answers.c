#include "sim/delayed_answers.h"

#include "support/t.h"

struct fixture {
    struct loop *loop;
    struct delayed_answers *answers;
    char order[16]; /* of the completed ones */
    size_t wanted;  /* the loop stops then */
};

static struct fixture *current;

static void on_completed(void *arg, struct web_answer *answer, enum web_action action)
{
    (void)answer;
    t_int(action, WEB_SEND);
    strcat(current->order, arg);
    if (strlen(current->order) == current->wanted)
        loop_stop(current->loop);
}

static struct deferred *make(const char *name)
{
    struct web_answer answer;
    web_answer_init(&answer);
    return deferred_create(&answer, on_completed, (void *)(uintptr_t)name);
}

static void begin(struct fixture *f)
{
    *f = (struct fixture){.loop = loop_create()};
    f->answers = delayed_answers_create(f->loop);
    current = f;
}

static void each_is_completed_after_its_delay(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    delayed_answers_add(f.answers, make("c"), 60);
    delayed_answers_add(f.answers, make("a"), 0);
    delayed_answers_add(f.answers, make("b"), 20);
    t_str(f.order, ""); /* never at once */
    int64_t begin_ms = loop_now(f.loop).mono_ms;
    f.wanted = 3;
    loop_run(f.loop);
    t_str(f.order, "abc");
    t_true(loop_now(f.loop).mono_ms - begin_ms >= 59);
    delayed_answers_destroy(f.answers);
    loop_destroy(f.loop);
}

static void those_that_remain_end_with_it(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    struct deferred *gone = make("x");
    delayed_answers_add(f.answers, make("a"), 600000);
    delayed_answers_add(f.answers, gone, 600000);
    delayed_answers_add(f.answers, make("b"), 600000);
    deferred_cut(gone); /* its client has disconnected */
    delayed_answers_destroy(f.answers);
    t_int(strlen(f.order), 2);
    delayed_answers_destroy(NULL);
    loop_destroy(f.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_completed_after_its_delay),
        cmocka_unit_test(those_that_remain_end_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
