/*
 * conf_fill: replaces values in the sample configuration.
 *
 * The sample has each key on a line of its own, commented out ("# key = default  # why") where it
 * shows a default. The line of a key that has an answer is uncommented and gets the new value; its
 * comment stays, in its column if there is room. All other lines stay as they are. Pure.
 */
#ifndef CONFIG_CONF_FILL_H
#define CONFIG_CONF_FILL_H

#include "base/buf.h"
#include "base/err.h"

struct conf_answer {
    const char *section; /* "" = outside of every section */
    const char *name;
    const char *value; /* in the syntax of the file: texts quoted, lists in braces */
};

/* Appends to `out`. -ENOENT: the sample has no line for an answer; -EMSGSIZE, -ENOMEM. */
int conf_fill(struct buf *out, const char *sample, const struct conf_answer *answers, size_t count,
              struct err *err);

#endif
