/*
 * election: which of several recorders has the lease.
 *
 * Pure. One key in a bucket that all of them see says who has it. The holder renews it three times
 * in each `duration`; each write names the revision that it replaces, so of two writers one is
 * refused. A recorder that has seen the same revision for `duration` takes the lease: it compares
 * no clocks of two machines. The holder counts from before its last successful write, and a tenth
 * less than `duration`, so it knows that it has lost the lease before another one can take it.
 */
#ifndef LEASE_ELECTION_H
#define LEASE_ELECTION_H

#include "lease/record.h"

#include <stdbool.h>
#include <stdint.h>

enum election_phase {
    ELECTION_WAITING, /* it is not known who has it */
    ELECTION_STANDBY, /* another recorder has it */
    ELECTION_ACTIVE,  /* this one */
    ELECTION_ALONE,   /* this one had it when its process ended, and nothing was seen since */
};

struct election {
    const char *id, *run; /* borrowed; of this recorder, and of this process */
    int64_t duration_ms;
    bool held; /* this recorder had the lease when its last process ended */

    enum election_phase phase;
    bool looked;       /* the key was seen, or seen to be missing */
    uint64_t revision; /* of the key; 0 = it is missing */
    int64_t seen_ms;   /* since then that revision has been seen without interruption */
    int64_t valid_ms;  /* ACTIVE: the lease is this one's until then */
};

/* All times are of one clock that goes on while the machine sleeps. */
struct election election_init(const char *id, const char *run, int64_t duration_ms, bool held);

/* What was seen of the key: nothing (no server), that it is missing, or its value. */
enum sighting_kind { SIGHTING_NONE, SIGHTING_MISSING, SIGHTING_FOUND };
struct sighting {
    enum sighting_kind kind;
    uint64_t revision;
    const struct lease_record *record; /* FOUND */
};

enum election_action {
    ELECTION_LOOK,  /* read the key at next_ms */
    ELECTION_TAKE,  /* write the key now: at `revision`, or create it if that is 0 */
    ELECTION_RENEW, /* the same, as the holder */
};
struct election_step {
    enum election_action action;
    int64_t next_ms; /* of ELECTION_LOOK */
};

/* The key was read. */
struct election_step election_saw(struct election *e, const struct sighting *sighting,
                                  int64_t now_ms);
/* The key was written: the request was sent at sent_ms. */
struct election_step election_wrote(struct election *e, uint64_t revision, int64_t sent_ms);
/* Whether this recorder has the lease now. */
bool election_holds(const struct election *e, int64_t now_ms);

/* The value to write: `seen` is the present one, or NULL. Seq, time and token are the caller's. */
struct lease_record election_claim(const struct election *e, const struct lease_record *seen);
/* The lease changes from another recorder to this one. */
bool election_is_change(const struct election *e, const struct lease_record *seen);

/*
 * The seq after which a new holder continues, so that no number has two meanings: a multiple of a
 * thousand million, and so far above all that is known that a holder that is not known to have lost
 * the lease does not reach it within days.
 */
int64_t election_seq_after(int64_t last_seq);

#endif
