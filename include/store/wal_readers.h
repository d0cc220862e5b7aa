/*
 * wal_readers: which programs read the database just now, as the kernel's table of locks tells.
 *
 * SQLite's readers hold a lock on a byte of the -shm file while their transaction lasts. What this
 * process itself holds is left out; what another user's process is called cannot always be seen.
 */
#ifndef STORE_WAL_READERS_H
#define STORE_WAL_READERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line of /proc/locks; device and inode are of the file that is locked. */
struct lock_line {
    int pid;
    unsigned device_major, device_minor;
    uint64_t inode;
    int64_t first, last; /* bytes */
};

/* False: it is no POSIX lock that is held, or not to be understood. `out` touched on success. */
bool lock_line_parse(const char *line, struct lock_line *out);

/* The lock is that of a reader's transaction. */
bool lock_line_reads(const struct lock_line *lock);

/*
 * "process 4711 (sqlite3 cinta.db)", several with commas between; `out` holds `out_bytes`. Returns
 * how many there are; with none, or where nothing can be seen, `out` is "a program that cannot be
 * seen".
 */
int wal_readers_describe(const char *db_path, char *out, size_t out_bytes);

#endif
