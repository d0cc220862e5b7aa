/*
 * connection: the database as the writer has it open: the connection itself, its statements, the
 * upkeep, and the watches over its -wal and its files. All of it is opened and closed together.
 *
 * Belongs to the writer's thread. It points into itself: it stays where it is while it is open.
 */
#ifndef STORE_CONNECTION_H
#define STORE_CONNECTION_H

#include "store/batch.h"
#include "store/database.h"
#include "store/file_watch.h"
#include "store/upkeep.h"
#include "store/wal_watch.h"

struct connection_config {
    const char *path; /* borrowed for as long as the connection is open */
    bool full_sync;
    int keep_days;
    int64_t wal_bytes;
};

struct connection {
    bool open;
    struct database database;
    struct batch_writer writer;
    struct upkeep upkeep;
    struct wal_watch wal;
    struct file_watch files;
};

/*
 * Intervals of coverage that were left open end at their last proof, for the reason `ended`;
 * *left_open: there were any. Errors of database_open; on failure nothing is left open.
 */
int connection_open(struct connection *connection, const struct connection_config *config,
                    enum event_kind ended, bool *left_open, struct err *err);

/* What has become of its files since they were opened. */
enum file_loss connection_look(struct connection *connection);

/* Nothing that is not committed is kept. Closing what is not open does nothing. */
void connection_close(struct connection *connection);

/* All that was committed is in the database itself, not in its -wal. False: a reader prevents it.
 */
bool connection_checkpoint(struct connection *connection);

/* The highest seq that is known to the file, as SQLite's result code. */
int connection_last_seq(const struct connection *connection, int64_t *seq);

#endif
