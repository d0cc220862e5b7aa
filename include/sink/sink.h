/*
 * sink: publishes what is recorded to NATS JetStream. SQLite is its outbox.
 *
 * Owns a thread, which reads the committed rows with a connection of its own and waits for NATS, so
 * that neither the loop nor the writer thread does. An outage costs no memory: after it, publishing
 * goes on from the database, in order and at a bounded rate. Each change is in the stream once
 * (sink/resume).
 */
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include "base/log.h"
#include "config/config.h"
#include "market/event_kind.h"
#include "sink/limit.h"

#include <stdbool.h>
#include <stdint.h>

struct nats_sink;

struct sink_notice {
    enum event_kind kind; /* EVENT_SINK_... */
    enum log_level level;
    const char *detail;
};
/* On the sink's thread: copy and return. */
typedef void sink_notice_fn(void *arg, const struct sink_notice *notice);

struct sink_parts {
    const struct config *config; /* copied */
    const char *database;        /* its path; it exists */
    struct sink_limit limit;
    sink_notice_fn *notice;
    void *arg;
};

/* -ENOMEM, -EAGAIN. NATS need not be reachable. What is recorded after it returns is published. */
int sink_create(struct nats_sink **out, const struct sink_parts *parts, struct err *err);
/* Waits for half a second at most; a thread that still waits for a server then ends by itself, and
 * tells nobody of anything. */
void sink_destroy(struct nats_sink *sink);

/* What may be published from now on. On any thread; does not wait. */
void sink_limit(struct nats_sink *sink, const struct sink_limit *limit);
/* Something was committed. On any thread; does not wait. */
void sink_wake(struct nats_sink *sink);

#define SINK_TEXT_BYTES 512
enum sink_phase { SINK_CONNECTING, SINK_PUBLISHING, SINK_DOWN };

struct sink_state {
    enum sink_phase phase;
    int64_t since_ns;              /* of the phase, wall */
    char server[SINK_TEXT_BYTES];  /* "" = not connected */
    char why[SINK_TEXT_BYTES];     /* it is down; "" = it is not */
    char differs[SINK_TEXT_BYTES]; /* the stream, from the configuration; "" = in nothing */
    char stream[SINK_TEXT_BYTES / 8], recorder[SINK_TEXT_BYTES / 8];
    int64_t seq;       /* of the last change that the stream has */
    int64_t behind;    /* changes that it has not yet; -1 = unknown */
    int64_t published; /* messages since the service started */
    int64_t lost;      /* changes that retention deleted before they could be published */
    int64_t failures;  /* connections that failed or were lost */
};
struct sink_state sink_state(struct nats_sink *sink);
const char *sink_phase_name(enum sink_phase phase); /* "publishing" */

#endif
