/*
 * stream: the streams of JetStream: created if missing, and read.
 *
 * A stream that exists is never changed here: it may be shared, and lower limits delete data.
 */
#ifndef NATS_STREAM_H
#define NATS_STREAM_H

#include "nats/link.h"
#include "nats/message.h"

#include <stdbool.h>

#define NATS_STREAM_WORDS 256

/* How a stream is to be. 0 = no limit. */
struct nats_stream_wish {
    const char *name;
    const char *subject;   /* NULL: a mirror of another stream */
    const char *mirror_of; /* its name */
    const char *description;
    int replicas;
    int64_t max_age_ns, max_bytes, max_messages;
    int64_t max_per_subject;
    int64_t duplicates_ns; /* window of de-duplication */
};

struct nats_stream_state {
    uint64_t first_seq, last_seq, messages, bytes;
    int64_t created_ns;
    int replicas;
    bool leader; /* it has one; without one it takes no messages */
    int missing; /* copies that are not up to date, or whose server does not run */
    char missing_servers[NATS_STREAM_WORDS]; /* their names: "n1, n3" */
    char differs[NATS_STREAM_WORDS];         /* from what is wished, in words; "" = in nothing */
};

/*
 * -ENOENT: `wish` is not created and does not exist (`create` false); -EBUSY: it takes other
 * subjects, or another stream has these; -ENOSPC: the server has no room; -EOPNOTSUPP: the server
 * has no JetStream; errors of the connection.
 */
int nats_stream_ensure(struct nats_link *link, const struct nats_stream_wish *wish, bool create,
                       struct nats_stream_state *out, struct err *err);

/* With all its messages. -ENOENT: there is none. */
int nats_stream_delete(struct nats_link *link, const char *stream, struct err *err);

/* The message with that number. -ENOENT: it was deleted, or never existed. Finish it. */
int nats_stream_get(struct nats_link *link, const char *stream, uint64_t seq,
                    struct nats_message *out, struct err *err);

struct nats_scan {
    const char *stream, *subject; /* of the messages: a subject with wildcards */
    uint64_t from, to;            /* numbers, both included */
    bool headers_only;
};
/* Returns 0, or anything else to stop. The message is borrowed until it returns. */
typedef int nats_scan_fn(void *arg, const struct nats_message *message);
/* Reads the messages in order. 0: all were read, or `fn` stopped. */
int nats_stream_scan(struct nats_link *link, const struct nats_scan *scan, nats_scan_fn *fn,
                     void *arg, struct err *err);

#endif
