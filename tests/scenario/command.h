/*
 * command: the commands of a script as forms: "pass DURATION" is a command and its documentation.
 *
 * In a form, words in capitals are arguments; README.md describes them. ": TEXT" at the end takes
 * the text after the line's colon.
 */
#ifndef SCENARIO_COMMAND_H
#define SCENARIO_COMMAND_H

#include "script.h"

#include <stdbool.h>
#include <stdint.h>

#define COMMAND_ARGS_MAX 4

struct arg {
    int64_t least, most; /* NUMBER, COUNT; ms of DURATION, SPAN, CLOCK; days of DATE */
    double number;       /* NUMBER */
    int index;           /* of SYMBOL in the exchange, an endpoint, an event kind */
    int instrument;      /* after ENDPOINT; -1 = none */
    const char *word;    /* WORD; the first of WORDS */
};

struct play;

struct args {
    struct play *play;
    struct arg a[COMMAND_ARGS_MAX];
    int count;
    const char *text;               /* NULL = no colon */
    const struct script_line *line; /* words from `rest` on are WORDS */
    int rest;
};

struct command {
    const char *form;
    void (*run)(const struct args *args);
};

/* The command whose form the line has, with its arguments; the run fails when there is none. */
const struct command *command_of(const struct script_line *line,
                                 const struct command *const *tables, struct args *args);

#endif
