/*
 * disk_use: the sizes of a database's files and the free space of its disk.
 */
#ifndef SERVICE_DISK_USE_H
#define SERVICE_DISK_USE_H

/* In bytes; NAN: unknown. */
struct disk_use {
    double database, wal, free;
};
struct disk_use disk_use_read(const char *database_path);

#endif
