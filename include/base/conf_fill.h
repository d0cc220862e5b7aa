/*
 * conf_fill: a sample configuration with some of its values replaced.
 *
 * The sample has each key on a line of its own, commented out ("# key = default  # why") where it
 * shows a default. A key that is answered is written out with its new value; its comment stays, in
 * its column if there is room. All other lines stay as they are. Pure.
 */
#ifndef BASE_CONF_FILL_H
#define BASE_CONF_FILL_H

#include "base/buf.h"
#include "base/err.h"

struct conf_answer {
    const char *section; /* "" = outside of all */
    const char *name;
    const char *value; /* as it is to be written: quoted, lists with their braces */
};

/* Appends to `out`. -ENOENT: the sample has no line for an answer; -EMSGSIZE, -ENOMEM. */
int conf_fill(struct buf *out, const char *sample, const struct conf_answer *answers, size_t count,
              struct err *err);

#endif
