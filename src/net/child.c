#include "net/child.h"

#include "base/utf8.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 20    /* between checks for the exit, when nothing else announces it */
#define TERM_MS 10000 /* for the program to exit after SIGTERM; then SIGKILL */
#define LATE_MS 2000  /* the same, after its time limit */

extern char **environ;

struct child {
    struct loop *loop;
    struct loop_timer *timer; /* armed once standard error is closed */
    struct loop_timer *limit;
    bool late; /* SIGTERM was sent at the limit */
    ev_io io;
    child_done *done;
    void *arg;
    pid_t pid;              /* 0 = it has been waited for */
    int fd;                 /* -1 = closed */
    char line[CHILD_WORDS]; /* the one being read */
    size_t len;
    char last[CHILD_WORDS]; /* the one before it */
};

/* --- standard error --------------------------------------------------------------------------- */

static void end_line(struct child *child)
{
    if (child->len)
        utf8_clean(child->last, sizeof(child->last), child->line, child->len);
    child->len = 0;
}

static void take_bytes(struct child *child, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\n')
            end_line(child);
        else if (child->len < sizeof(child->line))
            child->line[child->len++] = bytes[i];
    }
}

/* --- exit ------------------------------------------------------------------------------------- */

static void stop_reading(struct child *child)
{
    if (child->fd < 0)
        return;
    ev_io_stop(loop_native(child->loop), &child->io);
    close(child->fd);
    child->fd = -1;
}

static void tell(struct child *child, int status)
{
    loop_timer_stop(child->limit);
    const struct child_end end = {
        .late = child->late,
        .status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
        .signum = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
        .words = child->last,
    };
    child->pid = 0;
    child->done(child->arg, &end); /* may destroy it */
}

/* The process was reaped elsewhere, so its status is lost. */
static void tell_unknown(struct child *child)
{
    loop_timer_stop(child->limit);
    const struct child_end end = {.status = -1, .words = "exit status unknown"};
    child->pid = 0;
    child->done(child->arg, &end); /* may destroy it */
}

enum life { LIFE_REAPED, LIFE_EXITED, LIFE_RUNS };

/* One that has exited stays a zombie, so that no other process gets the number of its group. */
static enum life life_of(pid_t pid)
{
    siginfo_t exited = {0};
    if (waitid(P_PID, (id_t)pid, &exited, WEXITED | WNOHANG | WNOWAIT))
        return LIFE_REAPED;
    return exited.si_pid ? LIFE_EXITED : LIFE_RUNS;
}

static void look(struct child *child)
{
    int status;
    if (child->late && life_of(child->pid) == LIFE_EXITED)
        kill(-child->pid, SIGKILL); /* those it has started may ignore SIGTERM */
    pid_t pid = waitpid(child->pid, &status, WNOHANG);
    if (pid == child->pid)
        tell(child, status);
    else if (pid < 0 && errno == ECHILD)
        tell_unknown(child);
    else
        loop_timer_set(child->timer, LOOK_MS);
}

static void on_readable(struct ev_loop *ev, ev_io *w, int revents)
{
    struct child *child = w->data;
    char bytes[1024];
    (void)ev;
    (void)revents;
    ssize_t count = read(child->fd, bytes, sizeof(bytes));
    if (count > 0) {
        take_bytes(child, bytes, (size_t)count);
        return;
    }
    if (count < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    end_line(child);
    stop_reading(child);
    loop_timer_set(child->timer, 0);
}

static void on_timer(void *arg)
{
    look(arg);
}

/*
 * A program that has exited is not late: a background process of it may hold standard error open,
 * and continues. Otherwise the whole group is ended, because a script waits for its commands.
 */
static void on_limit(void *arg)
{
    struct child *child = arg;
    end_line(child);
    stop_reading(child);
    if (life_of(child->pid) == LIFE_RUNS) {
        kill(-child->pid, child->late ? SIGKILL : SIGTERM);
        loop_timer_set(child->limit, LATE_MS);
        child->late = true;
    }
    loop_timer_set(child->timer, 0);
}

/* --- start ------------------------------------------------------------------------------------ */

/*
 * The parent process may have ignored SIGCHLD, which is inherited: the kernel then discards exit
 * statuses.
 */
static void keep_exit_statuses(void)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    struct sigaction now;
    if (sigaction(SIGCHLD, NULL, &now) == 0 &&
        (now.sa_handler == SIG_IGN || now.sa_flags & SA_NOCLDWAIT))
        sigaction(SIGCHLD, &usual, NULL);
}

/* Signals that the service ignores or blocks get their default action in the program. */
static int set_attributes(posix_spawnattr_t *attr)
{
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int rc = posix_spawnattr_setsigdefault(attr, &all);
    if (rc == 0)
        rc = posix_spawnattr_setsigmask(attr, &none);
    if (rc == 0)
        rc = posix_spawnattr_setpgroup(attr, 0);
    if (rc == 0)
        rc = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                                POSIX_SPAWN_SETPGROUP);
    return rc;
}

/* Descriptors of the program's input and errors; -1: nothing to read, and errors are not kept. */
struct ends {
    int input, words;
};

static int set_files(posix_spawn_file_actions_t *files, const struct ends *ends)
{
    int rc = ends->input < 0
                 ? posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
                 : posix_spawn_file_actions_adddup2(files, ends->input, STDIN_FILENO);
    if (rc == 0 && ends->words >= 0)
        rc = posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (rc == 0 && ends->words >= 0)
        rc = posix_spawn_file_actions_adddup2(files, ends->words, STDERR_FILENO);
    if (rc == 0) /* libraries and the parent may have left descriptors without O_CLOEXEC */
        rc = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
    return rc;
}

/* 0 or a positive errno. */
static int spawn(struct child *child, const char *const *argv, const struct ends *ends)
{
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t files;
    int rc = posix_spawnattr_init(&attr);
    if (rc)
        return rc;
    rc = posix_spawn_file_actions_init(&files);
    if (rc == 0) {
        rc = set_attributes(&attr);
        if (rc == 0)
            rc = set_files(&files, ends);
        if (rc == 0)
            rc = posix_spawn(&child->pid, argv[0], &files, &attr, (char *const *)argv, environ);
        posix_spawn_file_actions_destroy(&files);
    }
    posix_spawnattr_destroy(&attr);
    return rc;
}

static int write_all(int fd, const char *text)
{
    size_t left = strlen(text);
    while (left) {
        ssize_t count = write(fd, text, left);
        if (count < 0 && errno != EINTR)
            return errno;
        if (count > 0) {
            text += count;
            left -= (size_t)count;
        }
    }
    return lseek(fd, 0, SEEK_SET) < 0 ? errno : 0;
}

/* A file in memory, not a pipe: nothing waits for a program that does not read. */
static int make_input(const char *text, int *fd)
{
    *fd = memfd_create("input", MFD_CLOEXEC);
    return *fd < 0 ? errno : write_all(*fd, text);
}

static void read_words(struct child *child, int fd)
{
    child->fd = fd;
    ev_io_init(&child->io, on_readable, child->fd, EV_READ);
    child->io.data = child;
    ev_io_start(loop_native(child->loop), &child->io);
}

static void close_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* 0 or a positive errno. */
static int open_and_spawn(struct child *child, const struct child_parts *parts)
{
    int words[2] = {-1, -1};
    struct ends ends = {-1, -1};
    int rc = parts->input ? make_input(parts->input, &ends.input) : 0;
    if (rc == 0 && !parts->shown && pipe2(words, O_CLOEXEC))
        rc = errno;
    ends.words = words[1];
    if (rc == 0)
        rc = spawn(child, parts->argv, &ends);
    close_open(ends.input);
    close_open(words[1]);
    if (rc)
        close_open(words[0]);
    else if (words[0] >= 0)
        read_words(child, words[0]);
    return rc;
}

static int start(struct child *child, const struct child_parts *parts)
{
    child->timer = loop_timer_create(child->loop, on_timer, child);
    child->limit = loop_timer_create(child->loop, on_limit, child);
    if (!child->timer || !child->limit)
        return ENOMEM;
    keep_exit_statuses();
    int rc = open_and_spawn(child, parts);
    if (rc)
        return rc;
    if (parts->shown)
        loop_timer_set(child->timer, LOOK_MS);
    if (parts->limit_ms)
        loop_timer_set(child->limit, parts->limit_ms);
    return 0;
}

static int start_failed(const char *program, int rc, struct err *err)
{
    const char *hint = "";
    if (rc == ENOEXEC)
        hint = ": a script must begin with #! and its interpreter, such as #!/bin/sh";
    else if (rc == ENOENT && access(program, F_OK) == 0)
        hint = ": the interpreter named in its first line does not exist";
    return err_set(err, -rc, "cannot start %s: %s%s", program, strerror(rc), hint);
}

int child_start(struct child **out, const struct child_parts *parts, struct err *err)
{
    struct child *child = calloc(1, sizeof(*child));
    if (!child)
        return err_set(err, -ENOMEM, "out of memory");
    child->loop = parts->loop;
    child->done = parts->done;
    child->arg = parts->arg;
    child->fd = -1;
    int rc = start(child, parts);
    if (rc) {
        child->pid = 0;
        child_destroy(child);
        return start_failed(parts->argv[0], rc, err);
    }
    *out = child;
    return 0;
}

/* --- destroy ------------------------------------------------------------------------------ */

static void wait_until(pid_t pid, int64_t until_ms)
{
    const struct timespec moment = {.tv_nsec = LOOK_MS * NS_PER_MS};
    while (life_of(pid) == LIFE_RUNS && clock_now().mono_ms < until_ms)
        nanosleep(&moment, NULL);
}

static void end_program(pid_t pid)
{
    kill(-pid, SIGTERM);
    wait_until(pid, clock_now().mono_ms + TERM_MS);
    if (life_of(pid) != LIFE_REAPED)
        kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

void child_destroy(struct child *child)
{
    if (!child)
        return;
    stop_reading(child);
    if (child->pid)
        end_program(child->pid);
    loop_timer_destroy(child->timer);
    loop_timer_destroy(child->limit);
    free(child);
}
