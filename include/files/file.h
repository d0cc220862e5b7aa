/*
 * file: reads whole files into a buffer, up to the buffer's maximum.
 */
#ifndef FILES_FILE_H
#define FILES_FILE_H

#include "base/buf.h"

/* Appends the content. 0; -EMSGSIZE: larger than the buffer's maximum; -errno. */
int file_read(const char *path, struct buf *out);
int file_read_fd(int fd, struct buf *out); /* from the current offset; does not close `fd` */

#endif
