/*
 * sink: a function that takes the bytes that another module produces: a format passes them on to
 * the compressor, and the compressor to the file.
 */
#ifndef EXPORT_SINK_H
#define EXPORT_SINK_H

#include "base/err.h"

#include <stddef.h>

/* Consumes all of `data`, which is borrowed. 0, or a negative error that ends the file. */
typedef int sink_fn(void *arg, const void *data, size_t len_bytes, struct err *err);

struct sink {
    sink_fn *put;
    void *arg;
};

#endif
