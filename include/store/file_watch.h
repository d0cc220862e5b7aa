/*
 * file_watch: is the file that is open still the one that the path names?
 *
 * A database that was deleted, moved or replaced can be written for as long as it is open, and all
 * of that is lost when it is closed. Compares device, inode and link count of the database, and the
 * inodes of its -wal and -shm, with those at the opening; and size and header with those after the
 * last checkpoint, because `cp` onto a database keeps its inode. Reads no data, changes nothing.
 */
#ifndef STORE_FILE_WATCH_H
#define STORE_FILE_WATCH_H

#include "store/file_head.h"

#include <stdbool.h>
#include <stdint.h>

struct file_id {
    uint64_t device, inode; /* 0 and 0: there is none */
};

struct file_watch {
    const char *path; /* borrowed */
    int fd;           /* of the database, borrowed */
    struct file_id database, wal, shm;
    struct file_head head; /* at the opening, or after the last checkpoint */
};

enum file_loss {
    FILE_KEPT,
    FILE_DELETED,
    FILE_MOVED, /* renamed, or its folder renamed or unmounted; the file still exists */
    FILE_REPLACED,
    FILE_EMPTIED,     /* cut to no length by another program */
    FILE_OVERWRITTEN, /* another file was copied into it: the same inode */
    FILE_SIDES_LOST,  /* the database is in its place, its -wal or -shm is not */
};

/* After the connection has written or read once: before that there is no -wal. */
void file_watch_init(struct file_watch *watch, const char *path, int fd);

/*
 * What cannot be looked at (no permission, an I/O error) counts as kept. `moved`: a checkpoint was
 * made since the last look, so that size and header may be others.
 */
enum file_loss file_watch_look(struct file_watch *watch, bool moved);

/* Without a checkpoint of ours the header gives more pages than before; 0: it does not. */
int64_t file_watch_grown(const struct file_watch *watch);

/* The database still has a name somewhere: what was committed should be moved into it. */
bool file_watch_exists(const struct file_watch *watch);

/* "was deleted", to follow the name of the file. */
const char *file_loss_words(enum file_loss loss);

#endif
