/*
 * reopen: from a database that was lost while it was written to the one that its path names now.
 *
 * Leaving closes the lost one so that it harms no other file: what was committed is moved into it
 * when it still exists somewhere, and its -wal and -shm do not stay beside a file that they do not
 * belong to. Entering opens what the path names, or makes it, and writes there what it has to begin
 * with. A file that another program writes is entered when it has ceased to. Belongs to the
 * writer's thread.
 */
#ifndef STORE_REOPEN_H
#define STORE_REOPEN_H

#include "base/clock.h"
#include "store/carry.h"
#include "store/connection.h"

#define REOPEN_WORDS 512

/* The file as the last try found it; since_ms 0 = there was none. */
struct reopen_rest {
    int64_t size_bytes, modified_ns, since_ms;
};

struct reopen {
    enum file_loss loss; /* of the last one left */
    int64_t seq_offset;  /* as it counted */
    bool renewed;        /* it is the same database, and nothing of it is missing */
    struct spans_cuts cuts;
    struct reopen_rest rest;
};

/*
 * Closes the connection. False: the same database is to be opened again, and a reader must end
 * before that; the connection is still open and in use.
 */
bool reopen_leave(struct reopen *reopen, struct connection *connection, struct carry *carry,
                  enum file_loss loss);

/*
 * Opens and begins the database; `words` (REOPEN_WORDS) is what has happened. Errors of
 * connection_open; -EIO; -EAGAIN: it is still being written. On failure the connection stays
 * closed, and it can be tried again.
 */
int reopen_enter(struct reopen *reopen, struct connection *connection,
                 const struct connection_config *config, const struct carry *carry, struct now now,
                 char *words, struct err *err);

#endif
