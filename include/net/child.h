/*
 * child: a program that runs beside the loop.
 *
 * Its standard input and output are /dev/null; of what it says on standard error the last line is
 * kept. It has no other descriptor of ours, and signals as they are by default. It ends in exactly
 * one done(), never from within child_start(); child_destroy() before that ends the program
 * (SIGTERM, and SIGKILL when it takes too long), waits for it, and calls nothing.
 */
#ifndef NET_CHILD_H
#define NET_CHILD_H

#include "base/err.h"
#include "net/loop.h"

#define CHILD_WORDS 512

struct child;

struct child_end {
    int status;        /* its exit status; -1 = a signal ended it, or it is not known */
    int signum;        /* that signal, else 0 */
    const char *words; /* borrowed: its last line, "" = it said nothing */
};
typedef void child_done(void *arg, const struct child_end *end);

/* `argv` ends in NULL, argv[0] is the program's path; copied. Errors: -errno of the start. */
int child_start(struct child **out, struct loop *loop, const char *const *argv, child_done *done,
                void *arg, struct err *err);
void child_destroy(struct child *child); /* NULL is fine; allowed from within done() */

#endif
