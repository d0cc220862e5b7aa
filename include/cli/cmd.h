/*
 * cmd: what a command of the command line is.
 *
 * main finds the entry, prints its help on --help, and calls run with argv[0] = the command's name.
 * run returns the process's exit status.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

struct cmd {
    const char *name;
    const char *arguments; /* "[-c FILE] [PATTERN...]" */
    const char *summary;   /* one line for `cinta help` */
    const char *help;      /* the options, a line each, and an example */
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

extern const struct cmd cmd_run, cmd_check, cmd_quotes, cmd_sim;

/* "cinta NAME: text" on stderr, and where to find help. Returns STATUS_USAGE. */
int cmd_usage(const struct cmd *self, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
