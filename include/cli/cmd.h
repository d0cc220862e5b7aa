/*
 * cmd: a command of the command line, such as `cinta run`.
 *
 * main() finds the entry, prints its help on --help, and calls run with argv[0] = the command's
 * name. run returns the exit status of the process. Help and parsing use the same option table.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include <stdbool.h>
#include <stddef.h>

struct option_row {
    const char *name;  /* "config"; NULL ends the table */
    char letter;       /* 'c', or 0 */
    const char *value; /* "FILE": it takes a value; "a|b": one of these words; NULL: no value */
    const char *help;
};

struct cmd {
    const char *name;
    const char *arguments; /* "[-c FILE] [PATTERN...]" */
    const char *summary;   /* one line for `cinta help` */
    const struct option_row *options;
    const char *notes; /* printed after the options by `cinta help NAME` */
    int (*run)(const struct cmd *self, int argc, char **argv);
};

enum exit_status {
    STATUS_OK = 0,
    STATUS_FAILED = 1,
    STATUS_USAGE = 2,
    STATUS_UNREACHABLE = 69,
    STATUS_REFUSED = 77,
    STATUS_CONFIG = 78,
};

extern const struct cmd cmd_run, cmd_init, cmd_check, cmd_quotes, cmd_status, cmd_verify,
    cmd_backup, cmd_export, cmd_sim, cmd_completion;

#define OPTION_CONFIG                                                                              \
    {                                                                                              \
        "config", 'c', "FILE", "default $CINTA_CONF, else /etc/cinta/cinta.conf"                   \
    }

/* All commands, in the order of the help. */
const struct cmd *const *cmd_all(size_t *count);

/* Prints "cinta NAME: text" and a reference to the help on stderr. Returns STATUS_USAGE. */
int cmd_usage(const struct cmd *self, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prints "cinta NAME: text" on stderr. Returns `status`. */
int cmd_fail(const struct cmd *self, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void cmd_print_help(const struct cmd *self);

#endif
