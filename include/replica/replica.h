/*
 * replica: reads what recorders have published to NATS JetStream, and hands it over in batches.
 *
 * Owns a thread, which waits for NATS and decodes the messages. It reads on only while there is a
 * batch that was given back, so memory stays bounded however long the stream is and however slow
 * the database. An outage loses nothing: reading goes on at the place that was reached.
 */
#ifndef REPLICA_REPLICA_H
#define REPLICA_REPLICA_H

#include "base/log.h"
#include "market/event_kind.h"
#include "replica/item.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLICA_BATCH_ITEMS 512
#define REPLICA_TEXT_BYTES  512

struct replica;

struct replica_batch {
    struct replica_item items[REPLICA_BATCH_ITEMS];
    size_t count;
    struct instrument_list *instruments; /* reference data; NULL = none. Not among `items` */
    struct store_place place;            /* of its end; zeros: reading cannot go on there */
};

struct replica_notice {
    enum event_kind kind; /* EVENT_REPLICA_... */
    enum log_level level;
    const char *detail;
};
/* On the replica's thread: copy and return. */
typedef void replica_notice_fn(void *arg, const struct replica_notice *notice);
/* There is something for replica_take(). On the replica's thread: wake the loop. */
typedef void replica_ready_fn(void *arg);

struct replica_parts {
    const struct config_source *source; /* copied */
    struct store_place place;           /* everything up to it is stored; zeros = nothing */
    replica_notice_fn *notice;
    replica_ready_fn *ready;
    void *arg;
};

/* -ENOMEM, -EAGAIN. NATS need not be reachable. */
int replica_create(struct replica **out, const struct replica_parts *parts, struct err *err);
/* Waits for half a second at most; a thread that still waits for a server then ends by itself, and
 * tells nobody of anything. Batches that were taken must not be used any more. */
void replica_destroy(struct replica *replica);

/* The next batch, in order; NULL: there is none yet. Give it back. */
struct replica_batch *replica_take(struct replica *replica);
void replica_give_back(struct replica *replica, struct replica_batch *batch);

enum replica_phase { REPLICA_CONNECTING, REPLICA_READING, REPLICA_DOWN };

struct replica_state {
    enum replica_phase phase;
    int64_t since_ns;                    /* of the phase, wall */
    char server[REPLICA_TEXT_BYTES];     /* "" = not connected */
    char why[REPLICA_TEXT_BYTES];        /* it is down; "" = it is not */
    char stream[REPLICA_TEXT_BYTES / 8]; /* its name */
    char recorder[STORE_RECORDER_BYTES]; /* of the last message; "" = none yet */
    int64_t number;                      /* of the last message that was read */
    int64_t stored_ns;  /* when the stream took that message, ns UTC; 0 = none was read yet */
    int64_t behind;     /* messages after it in the stream; -1 = unknown */
    int64_t read;       /* messages since the service started */
    int64_t missing;    /* messages that were deleted from the stream before they were read */
    int64_t unreadable; /* messages that are none of a recorder's */
    int64_t failures;   /* connections that failed or were lost */
};
struct replica_state replica_state(struct replica *replica);
/* How long the stream had messages after the last one that was read; 0: it has none. */
int64_t replica_lag_ms(const struct replica_state *state, int64_t now_ns);
const char *replica_phase_name(enum replica_phase phase); /* "reading" */

#endif
