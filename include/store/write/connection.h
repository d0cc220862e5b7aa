/*
 * connection: the writer's open database: the connection, its statements, the upkeep, and the
 * watches of its -wal and its files. All of them are opened and closed together.
 *
 * Used by the writer thread only. Contains pointers into itself: do not move it while it is open.
 */
#ifndef STORE_WRITE_CONNECTION_H
#define STORE_WRITE_CONNECTION_H

#include "store/write/batch.h"
#include "store/write/database.h"
#include "store/write/file_watch.h"
#include "store/write/list_writer.h"
#include "store/write/tape_writer.h"
#include "store/write/upkeep.h"
#include "store/write/wal_watch.h"

struct connection_config {
    const char *path; /* borrowed for as long as the connection is open */
    bool full_sync;
    int keep_days;
    int64_t wal_bytes;
    bool replica;
};

struct connection {
    bool open;
    struct database database;
    struct batch_writer writer;
    struct list_writer lists;
    struct upkeep upkeep;
    struct tape_writer tape;
    struct wal_watch wal;
    struct file_watch files;
};

/*
 * Ends the coverage intervals that were left open at their last confirmation, with the reason
 * `ended`; *left_open is true if there were any. Errors of database_open; on failure nothing is
 * left open. -EEXIST: see store_create().
 */
int connection_open(struct connection *connection, const struct connection_config *config,
                    enum event_kind ended, bool *left_open, struct err *err);

/* Compares the files with their state at the opening and after the last checkpoint. */
enum file_loss connection_look(struct connection *connection);

/* Rolls back an uncommitted transaction. Does nothing when the connection is not open. */
void connection_close(struct connection *connection);

/* Moves everything committed from the -wal into the database file. False: a reader prevents it. */
bool connection_checkpoint(struct connection *connection);

/* Reads the highest seq in the file. Returns SQLite's result code. */
int connection_last_seq(const struct connection *connection, int64_t *seq);

#endif
