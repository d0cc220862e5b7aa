/*
 * file_head: the header of a database file on the disk, without the changes in its -wal.
 *
 * Read from the file, not from SQLite's cache, because another program may have written it.
 */
#ifndef STORE_FILE_HEAD_H
#define STORE_FILE_HEAD_H

#include <stdbool.h>
#include <stdint.h>

struct file_head {
    int64_t size_bytes;
    bool valid; /* it begins like a SQLite database: the members below are set */
    bool wal;   /* in WAL mode; a copy by `cinta backup` is not */
    uint32_t page_bytes, changes, pages, schema;
};

#define FILE_HEAD_BYTES 100

/* The first FILE_HEAD_BYTES of the file. */
struct file_head file_head_parse(const unsigned char *bytes);

/* 0 or -errno. `fd` stays open: closing it would release the locks of SQLite in this process. */
int file_head_read(int fd, struct file_head *out);

/* False when the file is shorter than its header says, as while it is being copied. */
bool file_head_complete(const struct file_head *head);

#endif
