/*
 * carried_state: the state that is copied into the database which replaces a lost one.
 *
 * Keeps in memory the current state of the database in use: the instruments, the last committed
 * state of each, the instruments being recorded, today's session and the last event id. Reads the
 * export marks from the lost database while it is still open, if they can be read. Used by the
 * writer thread only. Aborts the process when out of memory, as the inbox does.
 */
#ifndef STORE_WRITE_CARRIED_STATE_H
#define STORE_WRITE_CARRIED_STATE_H

#include "store/write/batch.h"

struct carried_state_mark; /* a row of export_mark */

struct carried_state {
    struct pending_instrument *names; /* owned, as all; by instrument */
    size_t names_count, names_cap;
    struct store_snapshot *states; /* by instrument; seq 0 = no state received */
    size_t states_cap;
    int64_t *seen; /* by instrument */
    size_t seen_cap;
    int32_t *watched;
    size_t watched_count;
    struct store_session sessions[CALENDARS_MAX]; /* the last ones received */
    size_t sessions_count;
    int64_t last_seq; /* the last one accounted for, in the caller's numbering */
    int64_t listed;   /* ledger.listed: its numbers are not used again */
    bool replica;     /* the states keep their seq */
    struct store_place place;
    int64_t ts_committed; /* everything before this is committed; ns UTC */

    struct carried_state_mark *marks; /* of the lost database */
    size_t export_marks_count;
    int64_t last_event_id;
};

void carried_state_finish(struct carried_state *carry);

/* Call after `batch` was committed. Takes ownership of its instruments, copies the rest. */
void carried_state_take(struct carried_state *carry, struct batch *batch, int64_t now_ns);

/* Reads what is only in the database, before it is closed; what cannot be read is left out. */
void carried_state_read(struct carried_state *carry, const struct batch_writer *writer);

/* How seq continues: after the highest of both files, so that neither file has a number twice. */
struct carried_state_plan {
    int64_t seq_before; /* the copied states get the numbers after this one */
    int64_t elsewhere;  /* numbers that were not assigned in this file */
    int64_t states;
    int64_t seq_offset; /* the writer's, from then on */
};
struct carried_state_plan carried_state_plan(const struct carried_state *carry, int64_t seq_offset,
                                             int64_t file_last_seq);

/*
 * Writes the carried state into an opened database, in one transaction; `words` is the detail of
 * the event store_reopened. Returns SQLite's result code; after anything but SQLITE_OK close
 * `writer`.
 */
int carried_state_write(const struct carried_state *carry, struct batch_writer *writer,
                        const struct carried_state_plan *plan, int64_t now_ns, const char *words);

/* For the same file opened again: only looks up the instrument ids and writes the event. */
int carried_state_renew(const struct carried_state *carry, struct batch_writer *writer,
                        int64_t seq_offset, int64_t now_ns, const char *words);

#endif
