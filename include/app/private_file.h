/*
 * private_file: files of ours that nobody else may read, replaced whole or not at all.
 */
#ifndef APP_PRIVATE_FILE_H
#define APP_PRIVATE_FILE_H

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

/* As new_file, mode 0600. 0 or -errno, and then `path` is as it was. */
int private_file_write(const char *path, const char *data, size_t len_bytes);

/*
 * Appends the file to `out`, whose maximum bounds it. -EPERM: it is not a plain file of ours that
 * nobody else could read or write; -errno otherwise. `modified_ns` may be NULL.
 */
int private_file_read(const char *path, struct buf *out, int64_t *modified_ns);

#endif
