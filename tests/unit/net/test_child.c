#include "net/child.h"

#include "support/t.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct end {
    struct loop *loop;
    struct child *child;
    int count, status, signum;
    char words[CHILD_WORDS];
    bool destroys;
};

static void on_done(void *arg, const struct child_end *end)
{
    struct end *e = arg;
    e->count++;
    e->status = end->status;
    e->signum = end->signum;
    snprintf(e->words, sizeof(e->words), "%s", end->words);
    if (e->destroys)
        child_destroy(e->child);
    loop_stop(e->loop);
}

static void on_timer(void *arg)
{
    loop_stop(arg);
}

static void runs_end_in_one_call(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        int status, signum;
        const char *words;
    } rows[] = {
        {"exit 0", 0, 0, ""},
        {"exit 7", 7, 0, ""},
        {"echo out; echo one >&2; echo two >&2; exit 1", 1, 0, "two"},
        {"printf 'no end of line' >&2", 0, 0, "no end of line"},
        {"printf 'last\\n\\n\\n' >&2", 0, 0, "last"},
        {"printf 'tab\\tbell\\007' >&2", 0, 0, "tab bell "},
        {"cat; echo nothing to read >&2", 0, 0, "nothing to read"},
        {"kill -9 $$", -1, SIGKILL, ""},
        {"exec 2>&-; exit 3", 3, 0, ""},
        {"trap '' PIPE; kill -PIPE $$; echo alive >&2", 0, 0, "alive"},
        {"kill -PIPE $$", -1, SIGPIPE, ""}, /* the service ignores it, its programs do not */
    };
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct end end = {.loop = loop_create(), .destroys = i % 2};
        const char *const argv[] = {"/bin/sh", "-c", rows[i].script, NULL};
        struct err err;
        t_row(rows[i].script);
        t_int(child_start(&end.child, end.loop, argv, on_done, &end, &err), 0);
        t_int(end.count, 0);
        loop_run(end.loop);
        t_int(end.count, 1);
        t_int(end.status, rows[i].status);
        t_int(end.signum, rows[i].signum);
        t_str(end.words, rows[i].words);
        if (!end.destroys)
            child_destroy(end.child);
        loop_destroy(end.loop);
    }
    t_row("");
    signal(SIGPIPE, SIG_DFL);
}

static void long_words_are_cut(void **state)
{
    (void)state;
    struct end end = {.loop = loop_create(), .destroys = true};
    const char *const argv[] = {"/bin/sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x >&2", NULL};
    struct err err;
    t_int(child_start(&end.child, end.loop, argv, on_done, &end, &err), 0);
    loop_run(end.loop);
    t_int(end.count, 1);
    t_true(strlen(end.words) == CHILD_WORDS - 1);
    loop_destroy(end.loop);
}

static void destroying_ends_it(void **state)
{
    (void)state;
    struct end end = {.loop = loop_create()};
    const char *const argv[] = {"/bin/sleep", "600", NULL};
    struct err err;
    t_int(child_start(&end.child, end.loop, argv, on_done, &end, &err), 0);
    child_destroy(end.child);
    struct loop_timer *timer = loop_timer_create(end.loop, on_timer, end.loop);
    loop_timer_set(timer, 0);
    loop_run(end.loop);
    t_int(end.count, 0);
    t_int(waitpid(-1, NULL, WNOHANG), -1); /* none is left */
    t_int(errno, ECHILD);
    loop_timer_destroy(timer);
    loop_destroy(end.loop);
    child_destroy(NULL);
}

static void what_cannot_start_is_said(void **state)
{
    (void)state;
    struct end end = {.loop = loop_create()};
    const char *const argv[] = {"/nowhere/cinta", NULL};
    struct err err;
    t_int(child_start(&end.child, end.loop, argv, on_done, &end, &err), -ENOENT);
    t_contains(err.text, "cannot start /nowhere/cinta: No such file");
    loop_destroy(end.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_end_in_one_call),
        cmocka_unit_test(long_words_are_cut),
        cmocka_unit_test(destroying_ends_it),
        cmocka_unit_test(what_cannot_start_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
