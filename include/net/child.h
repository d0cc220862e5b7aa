/*
 * child: runs a program while the loop continues.
 *
 * Its standard input and output are /dev/null; the last line of its standard error is kept. It
 * inherits no other descriptor, and all signals have their default action. done() is called exactly
 * once, never from within child_start(). child_destroy() before that ends the program (SIGTERM, and
 * SIGKILL after a time limit), waits for it, and does not call done().
 */
#ifndef NET_CHILD_H
#define NET_CHILD_H

#include "base/err.h"
#include "net/loop.h"

#define CHILD_WORDS 512

struct child;

struct child_end {
    int status;        /* exit status; -1 = a signal ended it, or it is unknown */
    int signum;        /* that signal, else 0 */
    const char *words; /* borrowed: its last line, "" = no output */
};
typedef void child_done(void *arg, const struct child_end *end);

struct child_parts {
    struct loop *loop;       /* borrowed */
    const char *const *argv; /* ends in NULL, argv[0] is the program's path; copied */
    child_done *done;
    void *arg;
};

/* Errors: -errno of the start. */
int child_start(struct child **out, const struct child_parts *parts, struct err *err);
void child_destroy(struct child *child); /* NULL is fine; allowed from within done() */

#endif
