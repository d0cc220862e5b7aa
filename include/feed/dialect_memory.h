/*
 * dialect_memory: which kind of stream delivered data last, across restarts.
 *
 * One file, STATE_DIR/stream, replaced atomically. It counts on the same ART day only: on the next
 * one the preferred stream is tried first again. A file that is missing, damaged or of others is
 * the same as none.
 */
#ifndef FEED_DIALECT_MEMORY_H
#define FEED_DIALECT_MEMORY_H

#include "base/err.h"

#include <stdint.h>

#define DIALECT_NAME_BYTES 16 /* of a name in stream.dialects, with its NUL */

int dialect_memory_save(const char *state_dir, const char *name, int64_t now_ns, struct err *err);
/* 0 or -ENOENT; then `name` is "". */
int dialect_memory_load(const char *state_dir, int64_t now_ns, char name[DIALECT_NAME_BYTES]);

#endif
