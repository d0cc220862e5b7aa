/*
 * private_file: files that only this user may read, replaced atomically.
 */
#ifndef FILES_PRIVATE_FILE_H
#define FILES_PRIVATE_FILE_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* As new_file_put(), with mode FILE_PRIVATE. */
int private_file_write(const char *path, const char *data, size_t len_bytes, struct err *err);

/*
 * Appends the file to `out`, up to its maximum size. -EPERM: it is not a regular file of this user
 * that others can neither read nor write; -errno otherwise. `modified_ns` may be NULL.
 */
int private_file_read(const char *path, struct buf *out, int64_t *modified_ns);

#endif
