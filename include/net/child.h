/*
 * child: runs a program while the loop continues.
 *
 * Its standard input is a text, or empty; its standard output is /dev/null, and the last line of
 * its standard error is kept. It inherits no other descriptor, all signals have their default
 * action, and it leads a process group of its own. done() is called exactly once, never from within
 * child_start(). child_destroy() before that ends the program (SIGTERM to its group, SIGKILL when
 * it has exited or after a time limit), waits for it, and does not call done().
 */
#ifndef NET_CHILD_H
#define NET_CHILD_H

#include "base/err.h"
#include "net/loop.h"

#include <stdbool.h>

#define CHILD_WORDS 512

struct child;

struct child_end {
    int status;        /* exit status; -1 = a signal ended it, or it is unknown */
    int signum;        /* that signal, else 0 */
    bool late;         /* it was still running at its time limit, and was ended */
    const char *words; /* borrowed: its last line, "" = no output */
};
typedef void child_done(void *arg, const struct child_end *end);

struct child_parts {
    struct loop *loop;
    const char *const *argv; /* ends in NULL; argv[0] is the program's path; copied */
    const char *input;       /* what the program may read; copied; NULL = nothing */
    int64_t limit_ms;        /* then its group gets SIGTERM, and later SIGKILL; 0 = no limit */
    bool shown; /* its output and errors go to those of this process, and no line is kept */
    child_done *done;
    void *arg;
};

/* Errors: -errno of the start. */
int child_start(struct child **out, const struct child_parts *parts, struct err *err);
void child_destroy(struct child *child); /* NULL is fine; allowed from within done() */

#endif
