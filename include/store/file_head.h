/*
 * file_head: the header of a database file as it lies on the disk, without what is in its -wal.
 *
 * Read with pread from a descriptor, not through SQLite: another program may have written it.
 */
#ifndef STORE_FILE_HEAD_H
#define STORE_FILE_HEAD_H

#include <stdbool.h>
#include <stdint.h>

struct file_head {
    int64_t size_bytes;
    bool valid; /* the rest is known: it begins as a SQLite database */
    bool wal;   /* written through a -wal; a copy by `cinta backup` is not */
    uint32_t page_bytes, changes, pages, schema;
};

/* 0 or -errno. */
int file_head_read(int fd, struct file_head *out);

/* The size that the header gives is that of the file: not one that is still being copied. */
bool file_head_complete(const struct file_head *head);

#endif
