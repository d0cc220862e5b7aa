/*
 * wal_readers: finds the processes that are reading the database, in /proc/locks.
 *
 * SQLite's readers hold a lock on a byte of the -shm file during their transaction. Locks of this
 * process are left out; the name of another user's process is not always visible.
 */
#ifndef STORE_WRITE_WAL_READERS_H
#define STORE_WRITE_WAL_READERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line of /proc/locks; device and inode are those of the locked file. */
struct lock_line {
    int pid;
    unsigned device_major, device_minor;
    uint64_t inode;
    int64_t first, last; /* bytes */
};

/* False: not a POSIX lock that is held, or not parsable. `out` is set on success only. */
bool lock_line_parse(const char *line, struct lock_line *out);

/* True when it is the lock of a read transaction. */
bool lock_line_reads(const struct lock_line *lock);

/*
 * "process 4711 (sqlite3 cinta.db)", several separated by commas; `out` holds `out_bytes`. Returns
 * how many there are; when none is found, `out` is "an unidentified program".
 */
int wal_readers_describe(const char *db_path, char *out, size_t out_bytes);

#endif
