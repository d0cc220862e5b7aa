/*
 * carry: what a database that takes the place of a lost one has to begin with.
 *
 * Keeps in memory what the lost one held of the present: the instruments, the last state of each
 * that was committed, who is watched and today's session; which event
 * ids were given; and takes from the lost one, where that can still be read, how far the exports
 * are. Belongs to the
 * writer's thread. Out of memory ends the process, as in the inbox.
 */
#ifndef STORE_CARRY_H
#define STORE_CARRY_H

#include "store/batch.h"

struct carry_mark; /* a row of export_mark */

struct carry {
    struct batch_instrument *names; /* owned, as all; by instrument */
    size_t names_count, names_cap;
    struct store_snapshot *states; /* by instrument; seq 0 = nothing was ever said of it */
    size_t states_cap;
    int64_t *seen; /* by instrument */
    size_t seen_cap;
    int32_t *watched;
    size_t watched_count;
    struct store_session session; /* the last one told; ts_close 0 = none yet */
    int64_t last_seq;             /* the last one accounted for, as the caller counts */
    int64_t ts_committed;         /* what came before is in a file; ns UTC */

    struct carry_mark *marks; /* of the lost database */
    size_t marks_count;
    int64_t last_event_id;
};

void carry_finish(struct carry *carry);

/* `batch` is committed. Takes its instruments, copies what else counts. */
void carry_take(struct carry *carry, struct batch *batch, int64_t now_ns);

/* Reads what only the database knows, before it is closed; what cannot be read is left out. */
void carry_read(struct carry *carry, const struct batch_writer *writer);

/* How the numbers go on: after the highest of both files, so that none is given twice in either. */
struct carry_plan {
    int64_t seq_before; /* the states get the numbers after this one */
    int64_t elsewhere;  /* numbers that the file has not given itself */
    int64_t states;
    int64_t seq_offset; /* for the writer, from then on */
};
struct carry_plan carry_plan(const struct carry *carry, int64_t seq_offset, int64_t file_last_seq);

/*
 * Makes an opened database go on where the lost one ended, in one transaction; `words` is the
 * event's detail. SQLite's result code: after anything but SQLITE_OK `writer` is to be closed.
 */
int carry_write(const struct carry *carry, struct batch_writer *writer,
                const struct carry_plan *plan, int64_t now_ns, const char *words);

/* The same file was opened again: the writer learns its instruments, and the event is written. */
int carry_renew(const struct carry *carry, struct batch_writer *writer, int64_t seq_offset,
                int64_t now_ns, const char *words);

#endif
