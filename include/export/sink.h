/*
 * sink: where a module passes on the bytes that it produces. The text of an export goes from the
 * format to the compressor and from there to the file; neither knows the next one, only a sink.
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
