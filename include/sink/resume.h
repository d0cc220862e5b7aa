/*
 * resume: where to go on publishing after a connection is made.
 *
 * The last message of this recorder in the stream says it, however long ago it was published: so
 * nothing is published twice, also when the de-duplication window has passed, and what the servers
 * lost is published again. If there is no such message, the state file says it. A database that
 * does not have the change that the stream says was the last one (a restored copy, a copy on
 * another host, a new file) is the work of another recorder: it gets a new name, and goes on after
 * the time of that change.
 */
#ifndef SINK_RESUME_H
#define SINK_RESUME_H

#include "nats/stream.h"
#include "sink/memory.h"
#include "store/read/outbox.h"

#include <stdbool.h>

struct sink_resume {
    struct nats_link *link;
    struct outbox *outbox;
    const struct nats_stream_state *stream; /* `memory->stream` */
    const char *subject;                    /* of all messages: "md.>" */
    struct sink_memory *memory;             /* read and brought up to date */
};

/* *renamed: the recorder has a new name. Errors of the connection and of the database. */
int sink_resume(const struct sink_resume *resume, bool *renamed, struct err *err);

/* --- decisions, pure -------------------------------------------------------------------------- */

/* The first message among which those of this recorder must be, that the memory does not know. */
uint64_t sink_scan_from(const struct sink_memory *memory, const struct nats_stream_state *stream);

/* Where a recorder begins that has never published into this stream. */
struct sink_position sink_first_position(const struct outbox_ends *ends, bool from_beginning);

#endif
