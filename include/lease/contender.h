/*
 * contender: one recorder's part in the election, turn by turn, over a connection to NATS.
 *
 * Blocks, therefore it is for a thread of its own (lease/lease). A turn connects if that is needed,
 * reads or writes the key once or twice, and says what has come of it.
 */
#ifndef LEASE_CONTENDER_H
#define LEASE_CONTENDER_H

#include "config/config.h"
#include "lease/election.h"
#include "sink/settings.h"

struct contender;

struct contender_parts {
    const struct sink_settings *settings; /* borrowed */
    const struct config_lease *lease;     /* borrowed */
    const char *id, *run;                 /* copied */
    bool held; /* this recorder had the lease when its last process ended */
};
int contender_create(struct contender **out, const struct contender_parts *parts, struct err *err);
void contender_destroy(struct contender *contender);

/* What this recorder has, for the value of the lease. */
struct contender_own {
    int64_t seq, ts_recv;        /* of its last change; 0 = none */
    char broker[LEASE_ID_BYTES]; /* lease_record_broker() */
    char token[TOKEN_BYTES_MAX]; /* of it; "" = none */
    int64_t token_ms;
};

enum contender_news {
    CONTENDER_SAME,  /* nothing has changed */
    CONTENDER_OTHER, /* another recorder has it: `seen` */
    CONTENDER_TAKEN, /* this one has taken it, or again after it had expired */
    CONTENDER_ALONE, /* see ELECTION_ALONE */
};
struct contender_turn {
    enum contender_news news;
    int64_t next_ms; /* of the next turn, by clock_boot_ms() */
    /* Of CONTENDER_TAKEN: */
    char host[LEASE_HOST_BYTES]; /* of the holder before; "" = it was this one, or none */
    int64_t seq_after;           /* seq continues after this; 0 = as it was */
    int64_t others_ns;           /* another one has published what happened until then; 0 = none */
    char token[TOKEN_BYTES_MAX]; /* of this broker and user, newer than one's own; "" = none */
    int64_t token_ms;
};
/* `out` is filled in always; errors of the connection, after which the next turn connects again. */
int contender_turn(struct contender *contender, const struct contender_own *own,
                   struct contender_turn *out, struct err *err);
/* If it has the lease: another one takes it without waiting. */
int contender_give_up(struct contender *contender, const struct contender_own *own,
                      struct err *err);

enum election_phase contender_phase(const struct contender *contender);
/* Until when it has the lease, by clock_boot_ms(); 0 = it has not. */
int64_t contender_valid_ms(const struct contender *contender);
/* The last value that was read or written; NULL = none. */
const struct lease_record *contender_seen(const struct contender *contender);

#endif
