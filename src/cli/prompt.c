#include "cli/prompt.h"

#include "files/secret_file.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

/* The state of the terminal to restore after a question. */
struct terminal {
    bool hidden; /* echo is off */
    struct termios before;
    sigset_t mask_before;
    int signals; /* signalfd; -1 = none: a signal then takes effect after the answer */
};

bool prompt_possible(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* SIGTSTP (Ctrl-Z) is blocked but not read: it takes effect when the echo is on again. */
static void hold_signals(struct terminal *terminal)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
        sigaddset(&set, ending[i]);
    terminal->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    sigaddset(&set, SIGTSTP);
    sigprocmask(SIG_BLOCK, &set, &terminal->mask_before);
}

static void open_question(struct terminal *terminal, const char *question, bool hidden)
{
    *terminal = (struct terminal){.hidden = false};
    hold_signals(terminal);
    fputs(question, stderr);
    fflush(stderr);
    if (!hidden || tcgetattr(STDIN_FILENO, &terminal->before))
        return;
    struct termios quiet = terminal->before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    /* TCSAFLUSH discards what was typed, with echo, before the question. */
    terminal->hidden = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
}

/* `signum`: the signal that was received while waiting, raised again here; 0 = none. */
static void close_question(struct terminal *terminal, int signum)
{
    if (terminal->hidden)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->before);
    if (terminal->hidden || signum)
        fputc('\n', stderr);
    if (terminal->signals >= 0)
        close(terminal->signals);
    if (signum)
        raise(signum);
    sigprocmask(SIG_SETMASK, &terminal->mask_before, NULL);
}

/* 0 when the terminal has input, else the signal that was received. */
static int wait_for_input(const struct terminal *terminal)
{
    struct signalfd_siginfo info;
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = terminal->signals, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        ;
    if (fds[1].revents && read(terminal->signals, &info, sizeof(info)) == sizeof(info))
        return (int)info.ssi_signo;
    return 0;
}

/* read() returns one line with its line feed, or a part of a line before Ctrl-D. Returns the
 * length, 0 at the end of the input, or -errno. */
static ssize_t read_line(const char *question, bool hidden, char *out, size_t out_bytes)
{
    struct terminal terminal;
    ssize_t len = -EINTR;
    open_question(&terminal, question, hidden);
    int signum = wait_for_input(&terminal);
    if (signum == 0) {
        len = read(STDIN_FILENO, out, out_bytes);
        len = len < 0 ? -errno : len;
        if (len == (ssize_t)out_bytes && out[len - 1] != '\n')
            tcflush(STDIN_FILENO, TCIFLUSH); /* or the rest would answer the next question */
    }
    close_question(&terminal, signum);
    return len;
}

static int no_answer(ssize_t len, struct err *err)
{
    if (len == 0)
        fputc('\n', stderr);
    return err_set(err, -ECANCELED, "no answer");
}

int prompt_line(const char *question, char *out, size_t out_bytes, struct err *err)
{
    ssize_t read_bytes = read_line(question, false, out, out_bytes);
    if (read_bytes <= 0)
        return no_answer(read_bytes, err);
    size_t len = (size_t)read_bytes;
    if (out[len - 1] == '\n')
        out[--len] = '\0';
    else if (len < out_bytes)
        out[len] = '\0';
    else
        return err_set(err, -EINVAL, "the answer is too long");
    return strlen(out) == len ? 0 : err_set(err, -EINVAL, "the answer has a NUL in it");
}

int prompt_secret(const char *question, struct secret *out, struct err *err)
{
    char line[SECRET_BYTES_MAX + 3]; /* large enough to detect a password that is too long */
    ssize_t len = read_line(question, true, line, sizeof(line));
    int rc = len <= 0 ? no_answer(len, err)
                      : secret_take(line, (size_t)len, "the password in the answer", out, err);
    explicit_bzero(line, sizeof(line));
    return rc;
}

bool prompt_yes(const char *question)
{
    char answer[16];
    while (prompt_line(question, answer, sizeof(answer), NULL) == 0) {
        if (!*answer || strcasecmp(answer, "n") == 0 || strcasecmp(answer, "no") == 0)
            return false;
        if (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0)
            return true;
    }
    return false;
}
