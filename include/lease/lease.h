/*
 * lease: keeps or awaits the lease that says which of several recorders asks the broker.
 *
 * Owns a thread, which talks to NATS and waits for it; it runs the election (lease/election) over
 * one key of a bucket, and tells its owner of each change of state. The owner knows by itself when
 * the lease has expired (lease_valid_ms), so it does not depend on a thread that waits for a
 * server.
 */
#ifndef LEASE_LEASE_H
#define LEASE_LEASE_H

#include "config/config.h"
#include "lease/election.h"

#include <stdbool.h>
#include <stdint.h>

struct lease;

enum lease_news {
    LEASE_OTHER,   /* another recorder has it, or has had it: this one stands by */
    LEASE_TAKEN,   /* this recorder has it, from now on or again */
    LEASE_ALONE,   /* this recorder had it when its last process ended, and no server was reached
                      since for the duration of the lease */
    LEASE_TROUBLE, /* it cannot be read or written for that long, by one that stands by */
};

struct lease_notice {
    enum lease_news news;
    const char *host; /* of the holder; of LEASE_TAKEN, of the holder before, or "" */
    const char *why;  /* LEASE_TROUBLE, LEASE_ALONE; else "" */
    /* Of LEASE_TAKEN: */
    int64_t term;
    int64_t seq_after; /* another one had it: seq continues after this; 0 = as it was */
    int64_t others_ns; /* that one has published what happened until then; 0 = none did */
    const char *token; /* of this broker and user, newer than the one told here; "" = none */
    int64_t token_ms;
};
/* On the lease's thread: copy and return. */
typedef void lease_notice_fn(void *arg, const struct lease_notice *notice);

/* All borrowed during the call only. */
struct lease_parts {
    const struct config *config;
    const char *id;       /* of this recorder */
    const char *run;      /* of this process */
    bool held;            /* it had the lease when its last process ended */
    int64_t seq, ts_recv; /* of the last change that it has recorded; 0 = none */
    const char *token;    /* of the broker; "" = none */
    int64_t token_ns;     /* when it was obtained */
    lease_notice_fn *notice;
    void *arg;
};

/* -ENOMEM, -EAGAIN. NATS need not be reachable. */
int lease_create(struct lease **out, const struct lease_parts *parts, struct err *err);
/* `give_up`: the lease is given up, so that another recorder takes it at once. Waits for a second
 * at most; a thread that still waits for a server then ends by itself, and tells nobody of
 * anything. */
void lease_destroy(struct lease *lease, bool give_up);

/* Until when this recorder has the lease, by clock_boot_ms(); 0 = it has not. */
int64_t lease_valid_ms(const struct lease *lease);

/* The last change that was recorded. Cheap; for the lease's value. */
void lease_recorded(struct lease *lease, int64_t seq, int64_t ts_recv);
/* The present token of this broker and user; written into the lease at once. Copied. */
void lease_token(struct lease *lease, const struct config_broker *broker, const char *token,
                 int64_t obtained_ns);
/* The broker that is asked now: a token of another one, or of another user, is used no more. */
void lease_broker(struct lease *lease, const struct config_broker *broker);

#define LEASE_TEXT_BYTES 512
struct lease_state {
    enum election_phase phase;
    char host[LEASE_HOST_BYTES]; /* of the holder, if another one has it; "" = unknown */
    char why[LEASE_TEXT_BYTES];  /* the last look or write failed; "" = it did not */
    int64_t term;                /* that was seen or written last; 0 = none */
    int64_t seq;                 /* of the holder's last change, as it was seen last */
    int64_t failures;            /* looks and writes that failed */
};
struct lease_state lease_state(struct lease *lease);

#endif
