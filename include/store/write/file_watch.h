/*
 * file_watch: detects that the path of the open database no longer names the same file.
 *
 * A database that was deleted, moved or replaced can still be written while it is open, but those
 * writes are lost when it is closed. Compares device, inode and link count of the database, and the
 * inodes of its -wal and -shm, with those when it was opened; and size and header with those after
 * the last checkpoint, because `cp` onto a database keeps its inode. Reads no data, changes
 * nothing.
 */
#ifndef STORE_WRITE_FILE_WATCH_H
#define STORE_WRITE_FILE_WATCH_H

#include "store/file_head.h"

#include <stdbool.h>
#include <stdint.h>

struct file_id {
    uint64_t device, inode; /* both 0: no such file */
};

struct file_watch {
    const char *path; /* borrowed */
    int fd;           /* of the database, borrowed */
    struct file_id database, wal, shm;
    struct file_head head; /* when it was opened, or after the last checkpoint */
};

enum file_loss {
    FILE_KEPT,
    FILE_DELETED,
    FILE_MOVED, /* renamed, or its folder renamed or unmounted; the file still exists */
    FILE_REPLACED,
    FILE_EMPTIED,     /* truncated to length 0 by another program */
    FILE_OVERWRITTEN, /* another file was copied into it: same inode */
    FILE_SIDES_LOST,  /* the database is unchanged, its -wal or -shm was removed or replaced */
};

/* Call after the connection has read or written once: before that there is no -wal. */
void file_watch_init(struct file_watch *watch, const char *path, int fd);

/*
 * Files that cannot be examined (no permission, an I/O error) count as kept. `moved`: a checkpoint
 * was made since the last call, so size and header may have changed.
 */
enum file_loss file_watch_look(struct file_watch *watch, bool moved);

/* True when size or pages differ from `head`. Without a checkpoint of this connection, another
 * program made a checkpoint, or copied another file into this one. */
bool file_watch_resized(const struct file_watch *watch, struct file_head *found);

/* True when the open file still has a name somewhere: its -wal should be checkpointed into it. */
bool file_watch_exists(const struct file_watch *watch);

/* "was deleted": to be printed after the name of the file. */
const char *file_loss_words(enum file_loss loss);

#endif
