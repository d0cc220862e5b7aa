/*
 * reading: reads the stream over one connection, from a place on.
 *
 * Blocks, therefore it is for a thread of its own. After an error it is closed, and another one is
 * opened later, which goes on at the place that was reached. Where it begins is decided at the
 * opening (replica_begin()).
 */
#ifndef REPLICA_READING_H
#define REPLICA_READING_H

#include "nats/message.h"
#include "nats/stream.h"
#include "replica/source_settings.h"
#include "store/snapshot.h"

struct replica_reading;

/* Connects and looks for the stream; `place`: everything up to it was read, zeros = nothing. Errors
 * of the connection; -ENOENT: there is no such stream. */
int replica_reading_open(struct replica_reading **out, const struct source_settings *settings,
                         const struct store_place *place, struct err *err);
void replica_reading_close(struct replica_reading *reading);

struct replica_read {
    struct nats_message message; /* finish it */
    struct store_place place;    /* once its content is stored; zeros: reading cannot go on here */
    int64_t behind;              /* messages that follow it in the stream */
    int64_t missing;             /* messages before it were deleted from the stream unread */
};
/* 1: a message; 0: none came within `wait_ms`. */
int replica_reading_next(struct replica_reading *reading, int64_t wait_ms, struct replica_read *out,
                         struct err *err);

const char *replica_reading_server(const struct replica_reading *reading);
/* The stream is not the one that was read before, or has lost messages: it is read again. */
bool replica_reading_again(const struct replica_reading *reading);
/* From where it reads, in words. */
const char *replica_reading_words(const struct replica_reading *reading);

/* --- decisions, pure -------------------------------------------------------------------------- */

enum replica_from {
    REPLICA_FROM_PLACE, /* behind the last message that was read */
    REPLICA_FROM_BEGINNING,
    REPLICA_FROM_LAST, /* the last message of each subject, then what follows these */
};
struct replica_begin {
    enum replica_from from;
    uint64_t number;   /* FROM_PLACE, FROM_BEGINNING: the first message */
    uint64_t missing;  /* messages between the place and it were deleted unread */
    bool other_stream; /* the place is of another stream, or the stream has lost messages */
};

/*
 * `stored_ns`: when the stream took the message of that number which it has now; 0 = it has none,
 * or that is not known. A stream that was deleted and created again, or that servers have lost
 * messages of, which were published again in another order, is read from its beginning: what is
 * stored already is recognised.
 */
struct replica_begin replica_begin(const struct store_place *place,
                                   const struct nats_stream_state *stream, int64_t stored_ns,
                                   bool start_last);

#endif
