/*
 * cmd: a command of the command line, such as `cinta run`, as a constant entry.
 *
 * The entry names the command, its options and operands and where their values are stored, and the
 * function that runs it. Parsing, help and completion read the same entry; nothing else in a
 * command knows how an option is written.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include <limits.h>
#include <stddef.h>

struct cmd;
struct option_row;

/* An option as it was given; `text` is its value, NULL when it takes none. */
struct option_given {
    const struct cmd *cmd;
    const struct option_row *row;
    const char *text; /* borrowed from argv */
};

/*
 * Stores a value at `into`, which is in the options of the command. STATUS_OK, or STATUS_USAGE with
 * an error on stderr. option_values.h has the usual ones.
 */
typedef int option_take(const struct option_given *given, void *into);

struct option_row {
    const char *name;  /* "config"; NULL ends the table */
    char letter;       /* 'c', or 0 */
    const char *value; /* "FILE": it takes a value; NULL: one of `words`, or none */
    const char *help;
    option_take *take;        /* this and the rest: see the macros in option_values.h */
    size_t into;              /* offset in the command's options */
    const char *const *words; /* word_list: the valid values, or those to offer */
    double min, max;          /* of numbers */
};

/* Values of an option that may be repeated, or the operands; owned by cmd_execute(). */
struct option_texts {
    const char **item; /* borrowed from argv; not ended by NULL */
    int count;
};

/* The arguments that are not options. */
struct operands {
    const char *name;         /* "FILE"; NULL: there are none */
    const char *const *words; /* word_list: the valid ones; NULL: any */
    int least, most;
    const char *missing; /* what to say when there are fewer than `least` */
    size_t into;         /* offset of a struct option_texts */
};

struct cmd {
    const char *name;
    const char *usage;   /* "[-c FILE] [PATTERN...]" */
    const char *summary; /* one line for `cinta help` */
    const struct option_row *options;
    struct operands operands;
    const char *notes;    /* printed after the options by `cinta help NAME` */
    size_t options_bytes; /* size of the struct that the options are stored in */
    const void *defaults; /* its first content; NULL = all zero */
    int (*run)(const struct cmd *self, void *options); /* returns the exit status */
};

enum exit_status {
    STATUS_OK = 0,
    STATUS_FAILED = 1,
    STATUS_USAGE = 2,
    STATUS_UNREACHABLE = 69,
    STATUS_REFUSED = 77,
    STATUS_CONFIG = 78,
};

/* Parses the command line, argv[0] being the command's name, and runs the command. Returns the exit
 * status. */
int cmd_execute(const struct cmd *self, int argc, char **argv);

/* Prints "cinta NAME: text" and a reference to the help on stderr. Returns STATUS_USAGE. */
int cmd_usage(const struct cmd *self, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prints "cinta NAME: text" on stderr. Returns `status`. */
int cmd_fail(const struct cmd *self, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
