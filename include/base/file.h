/*
 * file: whole files into a buffer, bounded by the buffer's maximum.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"

/* Appends the content. 0; -EMSGSIZE: larger than the buffer may become; -errno. */
int file_read(const char *path, struct buf *out);
int file_read_fd(int fd, struct buf *out); /* from where it stands; the descriptor stays open */

#endif
