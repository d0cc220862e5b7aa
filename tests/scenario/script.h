/*
 * script: a fault script as lines and words. Knows the form of a script, not its commands.
 *
 * A line is words, and after a colon a text that is taken as it is. Lines that begin with # are
 * comments. `case NAME | VALUE | VALUE` makes the script run once for each such line, with $1, $2
 * replaced by its values. `repeat N` and `either`, `or`, each up to `end`, enclose lines.
 */
#ifndef SCENARIO_SCRIPT_H
#define SCENARIO_SCRIPT_H

#include <stddef.h>

#define SCRIPT_WORDS_MAX 24

enum script_kind {
    SCRIPT_COMMAND,
    SCRIPT_REPEAT, /* the lines up to `end` */
    SCRIPT_EITHER, /* one of the parts between it, each `or`, and `end` */
    SCRIPT_OR,
    SCRIPT_END,
};

struct script_line {
    int number; /* in the file */
    enum script_kind kind;
    char *source; /* as written, without blanks around it */
    char *copy;   /* the words and the text point into it */
    int words_count;
    char *words[SCRIPT_WORDS_MAX];
    char *text;  /* after the colon; NULL = no colon */
    size_t next; /* of REPEAT, EITHER, OR: the index of the next OR or END of the same block */
};

struct script {
    const char *file; /* borrowed */
    const char *row;  /* the case's name, "" = the script has none */
    char *values;     /* what it points into; NULL = none */
    struct script_line *lines;
    size_t count;
};

/* Reads a script for one of its cases; the run fails at the line of an error. */
struct script *script_read(const char *file, size_t row);
void script_free(struct script *script);
/* The number of its cases; 1 when it has none. */
size_t script_rows(const char *file);

#endif
