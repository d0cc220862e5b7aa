/*
 * mirror: the stream with the last message of each subject, while it follows the first one.
 *
 * nats-server 2.9 may leave a mirror behind for ever when a leader was lost: its copies refuse all
 * further messages ("last sequence mismatch"), or it does not begin to read again. A mirror of a
 * stream that was deleted and created again waits for its old numbers. So it is looked at now and
 * then; one that has stood still is deleted and created again, and the server fills it.
 */
#ifndef SINK_MIRROR_H
#define SINK_MIRROR_H

#include "nats/stream.h"

#include <stdbool.h>
#include <stdint.h>

/* All zero at first. */
struct sink_mirror {
    int64_t look_ms;               /* the next look, monotonic */
    int64_t moved_ms;              /* when it was first seen to have `last_seq` */
    uint64_t last_seq, stream_seq; /* then, of the mirror and of the stream it follows */
    bool seen;
    bool silent; /* it did not answer: it has no leader, or the server that has it is away */
};

struct sink_mirror_look {
    struct nats_link *link;
    const struct nats_stream_wish *wish;
    uint64_t stream_seq; /* of the last message of the stream that it follows */
    int64_t now_ms;
};
/* Creates it if it is missing. *remade: it stood still. Errors of nats_stream_ensure(), but that it
 * does not answer is none. */
int sink_mirror_look(struct sink_mirror *mirror, const struct sink_mirror_look *look, bool *remade,
                     struct err *err);

/* --- the decision, pure ----------------------------------------------------------------------- */

/* How long it must have stood still: an election and the server's own attempts take less. */
#define SINK_MIRROR_STILL_MS 30000
/* The mirror is at `last_seq`. True: it stands still although the stream has more. */
bool sink_mirror_stands_still(struct sink_mirror *mirror, uint64_t last_seq, uint64_t stream_seq,
                              int64_t now_ms);

#endif
