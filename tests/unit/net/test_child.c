#include "net/child.h"

#include "support/t.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct end {
    struct loop *loop;
    struct child *child;
    int count, status, signum;
    char words[CHILD_WORDS];
    bool destroys, late;
    const char *input;
    int64_t limit_ms;
};

static void on_done(void *arg, const struct child_end *end)
{
    struct end *e = arg;
    e->count++;
    e->status = end->status;
    e->signum = end->signum;
    e->late = end->late;
    snprintf(e->words, sizeof(e->words), "%s", end->words);
    if (e->destroys)
        child_destroy(e->child);
    loop_stop(e->loop);
}

static void on_timer(void *arg)
{
    loop_stop(arg);
}

static int start(struct end *end, const char *const *argv, struct err *err)
{
    const struct child_parts parts = {.loop = end->loop,
                                      .argv = argv,
                                      .done = on_done,
                                      .arg = end,
                                      .input = end->input,
                                      .limit_ms = end->limit_ms};
    return child_start(&end->child, &parts, err);
}

static void done_is_called_once_with_the_result(void **state)
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
        {"kill -PIPE $$", -1, SIGPIPE, ""}, /* ignored in the service, not in its programs */
    };
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct end end = {.loop = loop_create(), .destroys = i % 2};
        const char *const argv[] = {"/bin/sh", "-c", rows[i].script, NULL};
        struct err err;
        t_row(rows[i].script);
        t_int(start(&end, argv, &err), 0);
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

static struct end run_with(const char *script, const char *input, int64_t limit_ms)
{
    struct end end = {
        .loop = loop_create(), .destroys = true, .input = input, .limit_ms = limit_ms};
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    struct err err;
    t_int(start(&end, argv, &err), 0);
    loop_run(end.loop);
    loop_destroy(end.loop);
    t_int(end.count, 1);
    return end;
}

static struct end run_script(const char *script)
{
    return run_with(script, NULL, 0);
}

static void the_program_reads_its_input(void **state)
{
    (void)state;
    t_str(run_with("cat >&2", "{\"kind\":\"stale\"}\n", 0).words, "{\"kind\":\"stale\"}");
    t_str(run_with("read -r line; echo \"$line\" >&2", "first\nsecond\n", 0).words, "first");
    t_int(run_with("exec <&-; exit 4", "nobody reads it", 0).status, 4);
    /* larger than a pipe holds, and never read */
    char *large = malloc(300001);
    memset(large, 'x', 300000);
    large[300000] = '\0';
    t_int(run_with("exit 5", large, 0).status, 5);
    t_str(run_with("wc -c >&2", large, 0).words, "300000");
    free(large);
}

/* Gone, or a zombie that init has not waited for yet. */
static bool is_gone(pid_t pid)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return true;
    bool zombie = !fgets(line, sizeof(line), file) || strstr(line, ") Z ") || strstr(line, ") X ");
    fclose(file);
    return zombie;
}

static void goes(pid_t pid)
{
    t_true(pid > 1);
    for (int i = 0; i < 3000 && !is_gone(pid); i++)
        poll(NULL, 0, 10);
    t_true(is_gone(pid));
}

static void a_program_is_ended_at_its_time_limit(void **state)
{
    (void)state;
    struct end end = run_with("echo waits >&2; sleep 600", NULL, 100);
    t_true(end.late);
    t_int(end.signum, SIGTERM);
    t_str(end.words, "waits");
    end = run_with("trap '' TERM; sleep 600 & echo $! >&2; while :; do wait; done", NULL, 100);
    t_true(end.late);
    t_int(end.signum, SIGKILL);
    goes((pid_t)strtol(end.words, NULL, 10));
    end = run_with("(trap '' TERM; sleep 600) & echo $! >&2; wait", NULL, 100);
    t_true(end.late);
    t_int(end.signum, SIGTERM);
    goes((pid_t)strtol(end.words, NULL, 10));
}

static void a_background_process_does_not_make_it_late(void **state)
{
    (void)state;
    struct end end = run_with("sleep 600 & echo $! >&2; exit 0", NULL, 200);
    t_true(!end.late);
    t_int(end.status, 0);
    t_int(kill((pid_t)strtol(end.words, NULL, 10), SIGKILL), 0); /* it was still there */
}

static void the_child_inherits_no_descriptors(void **state)
{
    (void)state;
    static const char script[] = "cd /proc/$$/fd && echo * >&2";
    int pair[2], high;
    t_int(pipe(pair), 0); /* without O_CLOEXEC, as some libraries do */
    high = fcntl(pair[0], F_DUPFD, 200);
    t_true(high >= 200);
    struct end end = run_script(script);
    t_str(end.words, "0 1 2 3"); /* 3 is opened by the shell for the folder it lists */
    close(pair[0]);
    close(pair[1]);
    close(high);
}

static void signals_have_default_actions(void **state)
{
    (void)state;
    sigset_t all, before;
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    /* The lowest 28 signals: glibc's internal ones are ignored in every spawned program. */
    struct end end = run_script("sed -n 's/^Sig\\(Blk\\|Ign\\):.*\\(.......\\)$/\\1 \\2/p' "
                                "/proc/self/status | tr '\\n' ';' >&2");
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGHUP, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    t_str(end.words, "Blk 0000000;Ign 0000000;");
}

static void exit_status_with_sigchld_ignored_by_the_parent(void **state)
{
    (void)state;
    const struct sigaction no_wait = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
    signal(SIGCHLD, SIG_IGN);
    t_int(run_script("exit 7").status, 7);
    sigaction(SIGCHLD, &no_wait, NULL);
    t_int(run_script("exit 8").status, 8);
    signal(SIGCHLD, SIG_DFL);
}

/* done() is called also when the process was reaped elsewhere. */
static void exit_status_unknown(void **state)
{
    (void)state;
    struct end end = {.loop = loop_create(), .destroys = true};
    const char *const argv[] = {"/bin/true", NULL};
    struct err err;
    t_int(start(&end, argv, &err), 0);
    t_true(waitpid(-1, NULL, 0) > 0);
    loop_run(end.loop);
    t_int(end.count, 1);
    t_int(end.status, -1);
    t_int(end.signum, 0);
    t_str(end.words, "exit status unknown");
    loop_destroy(end.loop);
}

static void long_lines_are_truncated(void **state)
{
    (void)state;
    struct end end = {.loop = loop_create(), .destroys = true};
    const char *const argv[] = {"/bin/sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x >&2", NULL};
    struct err err;
    t_int(start(&end, argv, &err), 0);
    loop_run(end.loop);
    t_int(end.count, 1);
    t_true(strlen(end.words) == CHILD_WORDS - 1);
    loop_destroy(end.loop);
}

static void destroy_ends_the_program(void **state)
{
    (void)state;
    struct end end = {.loop = loop_create()};
    const char *const argv[] = {"/bin/sleep", "600", NULL};
    struct err err;
    t_int(start(&end, argv, &err), 0);
    child_destroy(end.child);
    struct loop_timer *timer = loop_timer_create(end.loop, on_timer, end.loop);
    loop_timer_set(timer, 0);
    loop_run(end.loop);
    t_int(end.count, 0);
    t_int(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    t_int(errno, ECHILD);

    char path[] = "/tmp/cinta-child-XXXXXX";
    int fd = mkstemp(path);
    const char *const group[] = {"/bin/sh", "-c",
                                 "(trap '' TERM; echo >&2; exec sleep 600) & echo $! >$0; wait",
                                 path, NULL};
    end.input = NULL;
    t_int(start(&end, group, &err), 0);
    char line[32] = "";
    for (int i = 0; i < 3000 && pread(fd, line, sizeof(line) - 1, 0) < 2; i++)
        poll(NULL, 0, 10);
    child_destroy(end.child);
    goes((pid_t)strtol(line, NULL, 10));
    unlink(path);
    close(fd);
    loop_timer_destroy(timer);
    loop_destroy(end.loop);
    child_destroy(NULL);
}

static void start_errors_are_reported(void **state)
{
    (void)state;
    struct end end = {.loop = loop_create()};
    const char *const argv[] = {"/nowhere/cinta", NULL};
    struct err err;
    t_int(start(&end, argv, &err), -ENOENT);
    t_contains(err.text, "cannot start /nowhere/cinta: No such file");

    static const struct {
        const char *script;
        int rc;
        const char *words;
    } rows[] = {
        {"echo no interpreter\n", -ENOEXEC, "must begin with #!"},
        {"#!/nowhere/sh\n", -ENOENT, "the interpreter named in its first line"},
    };
    char path[] = "/tmp/cinta-child-XXXXXX";
    int fd = mkstemp(path);
    t_true(fd >= 0 && fchmod(fd, 0700) == 0);
    close(fd);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const char *const script[] = {path, NULL};
        FILE *file = fopen(path, "w");
        t_row(rows[i].words);
        fputs(rows[i].script, file);
        fclose(file);
        t_int(start(&end, script, &err), rows[i].rc);
        t_contains(err.text, rows[i].words);
    }
    unlink(path);
    loop_destroy(end.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(done_is_called_once_with_the_result),
        cmocka_unit_test(the_program_reads_its_input),
        cmocka_unit_test(a_program_is_ended_at_its_time_limit),
        cmocka_unit_test(a_background_process_does_not_make_it_late),
        cmocka_unit_test(the_child_inherits_no_descriptors),
        cmocka_unit_test(signals_have_default_actions),
        cmocka_unit_test(exit_status_with_sigchld_ignored_by_the_parent),
        cmocka_unit_test(exit_status_unknown),
        cmocka_unit_test(long_lines_are_truncated),
        cmocka_unit_test(destroy_ends_the_program),
        cmocka_unit_test(start_errors_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
