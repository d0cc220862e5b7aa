/*
 * dialect_memory: which kind of stream delivered data last, across restarts.
 *
 * One file, STATE_DIR/stream, replaced atomically. It counts on the same ART day only: on the next
 * one the preferred stream is tried first again. A file that is missing, damaged or of others is
 * the same as none.
 */
#ifndef FEED_DIALECT_MEMORY_H
#define FEED_DIALECT_MEMORY_H

#include "broker/state_file.h"

#include <stdint.h>

#define DIALECT_NAME_BYTES 16 /* of a name in stream.dialects, with its NUL */

/* The file that remembers `name`, to be written; it belongs to the caller. */
void dialect_memory_file(struct state_file *out, const char *state_dir, const char *name,
                         int64_t now_ns);
/* 0 or -ENOENT; then `name` is "". */
int dialect_memory_load(const char *state_dir, int64_t now_ns, char name[DIALECT_NAME_BYTES]);

#endif
