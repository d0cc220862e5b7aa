#include "cli/prompt.h"

#include "app/credentials.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

/* The terminal while a question is open. */
struct terminal {
    bool hidden;
    struct termios before;
    sigset_t mask_before;
    int signals; /* descriptor; -1 = none: then a signal waits for the answer */
};

bool prompt_possible(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* Ctrl-Z is held and not read: it takes effect once the echo is back. */
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
    /* Flushing: what was typed before the question was shown, with echo, is no password. */
    terminal->hidden = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
}

/* `signum`: came meanwhile, and now does what it does; 0 = none. */
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

/* 0 when the terminal has something to read, else the signal that came. */
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

/* A terminal gives one line at a time, with its end; less only before Ctrl-D. The length, 0 at the
 * end of the input, or -errno. */
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
            tcflush(STDIN_FILENO, TCIFLUSH); /* the rest of it is no answer to the next question */
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
        return err_set(err, -EINVAL, "too long an answer");
    return strlen(out) == len ? 0 : err_set(err, -EINVAL, "an answer with a NUL in it");
}

int prompt_secret(const char *question, struct secret *out, struct err *err)
{
    char line[SECRET_BYTES_MAX + 3]; /* one byte too many shows that it is too long */
    ssize_t len = read_line(question, true, line, sizeof(line));
    int rc = len <= 0 ? no_answer(len, err)
                      : credentials_take(line, (size_t)len, "what was typed", out, err);
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
