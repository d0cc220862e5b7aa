/*
 * reopen: replaces a lost connection (file deleted, moved or replaced) with one to the file that
 * the path names now.
 *
 * reopen_leave closes the lost database without damage to other files: it checkpoints the -wal if
 * the file still exists under another name, and removes its -wal and -shm so that they do not stay
 * next to a file they do not belong to. When a reader prevents the checkpoint, they are renamed to
 * follow the file. reopen_enter opens or creates the file at the path and writes the carried state
 * to it, but not while another program is still writing the file. Used by the writer thread only.
 */
#ifndef STORE_WRITE_REOPEN_H
#define STORE_WRITE_REOPEN_H

#include "base/clock.h"
#include "store/write/carried_state.h"
#include "store/write/connection.h"

#define REOPEN_WORDS 512

/* The file at the last attempt, and since when it has been so; since_ms 0 = no attempt yet. */
struct reopen_rest {
    int64_t size_bytes, modified_ns, since_ms;
};

struct reopen {
    enum file_loss loss; /* of the last database that was left */
    int64_t seq_offset;  /* of that database's writer */
    bool renewed;        /* the same database is to be reopened, nothing is missing */
    struct file_id database;
    bool incomplete; /* that database exists elsewhere, without its -wal that it needs */
    struct coverage_cuts cuts;
    struct reopen_rest rest;
};

/*
 * Closes the connection. False: the same database has to be opened again, but a reader must end
 * first; the connection is still open and in use.
 */
bool reopen_leave(struct reopen *reopen, struct connection *connection, struct carried_state *carry,
                  enum file_loss loss);

/*
 * Opens the database and writes the carried state; `words` (REOPEN_WORDS) receives the event's
 * detail. Errors of connection_open; -EIO; -EAGAIN: the file is still being written. On failure the
 * connection stays closed and the call can be repeated.
 */
struct reopen_parts {
    struct connection *connection;
    const struct connection_config *config;
    const struct carried_state *carry;
    struct now now;
};
int reopen_enter(struct reopen *reopen, const struct reopen_parts *parts, char *words,
                 struct err *err);

#endif
