/*
 * captured: runs a command in this process, with its standard output and error in memory.
 */
#ifndef CAPTURED_H
#define CAPTURED_H

#include "cli/cmd.h"
#include "support/t.h"

#include <unistd.h>

#define CAPTURED_ARGS  16
#define CAPTURED_BYTES 8192

struct captured {
    int status;
    char out[CAPTURED_BYTES], err[CAPTURED_BYTES];
};

static int captured_redirect(int fd, FILE *to)
{
    int saved = dup(fd);
    assert_true(saved >= 0);
    assert_true(dup2(fileno(to), fd) == fd);
    return saved;
}

static void captured_restore(int fd, int saved, FILE *from, char *out)
{
    assert_true(dup2(saved, fd) == fd);
    close(saved);
    rewind(from);
    out[fread(out, 1, CAPTURED_BYTES - 1, from)] = '\0';
    fclose(from);
}

/* `args` ends in NULL and does not have the command's name. */
__attribute__((unused)) static struct captured capture(const struct cmd *cmd,
                                                       const char *const *args)
{
    static struct captured c;
    char *argv[CAPTURED_ARGS + 2] = {(char *)cmd->name};
    FILE *out = tmpfile(), *err = tmpfile();
    int argc = 1;
    assert_true(out && err);
    for (; *args && argc <= CAPTURED_ARGS; args++)
        argv[argc++] = (char *)*args;
    fflush(NULL);
    int saved_out = captured_redirect(STDOUT_FILENO, out);
    int saved_err = captured_redirect(STDERR_FILENO, err);
    c.status = cmd_execute(cmd, argc, argv);
    fflush(NULL);
    captured_restore(STDOUT_FILENO, saved_out, out, c.out);
    captured_restore(STDERR_FILENO, saved_err, err, c.err);
    return c;
}

#endif
