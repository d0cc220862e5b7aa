/*
 * virtual: a simulated broker, market, store and clock, in memory.
 *
 * Replaces net/loop, net/http, net/ws, store/write/store and store/read/reader at link time, and
 * the clock. A test sets the broker's behaviour, advances the virtual time, and reads the journal
 * of events. Hours take milliseconds, and nothing depends on the machine's speed.
 */
#ifndef SCENARIO_VIRTUAL_H
#define SCENARIO_VIRTUAL_H

#include "base/rng.h"
#include "market/event_kind.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stdint.h>

#define WORLD_INSTRUMENTS 20
#define WORLD_JOURNAL     4096
#define WORLD_STRETCHES   65536

struct world_event {
    int64_t at_ms;
    char kind[24];
    char detail[200];
};

/* An interval of an instrument, ns UTC: covered, or not up to date. */
struct world_stretch {
    int instrument;
    int64_t ts_from, ts_to;
    enum event_kind reason; /* of its end */
};

/* The state of the simulation; one for the whole test program, reset by world_begin. */
struct world {
    int64_t slept_ms; /* total suspended time, in which the monotonic clock stands */
    int64_t set_ns;   /* our wall clock was set by so much; the broker's was not */
    int64_t now_ms, wall_offset_ns;
    struct rng rng;

    /* The market: each instrument's true last price. */
    double price[WORLD_INSTRUMENTS];
    int64_t changed_ms[WORLD_INSTRUMENTS]; /* of the first change not recorded yet */
    int64_t change_every_ms;               /* 0 = no changes */

    /* The broker's present behaviour. */
    bool down;           /* it is unreachable */
    int stream_status;   /* of handshakes: 101, or the status of a refusal */
    bool mute, deaf;     /* the stream sends no data; and no pongs either */
    int mute_instrument; /* the stream sends no data of this one; -1 = none */
    int token;           /* the valid one; 0 = none is valid */
    bool streamed_wrong; /* messages are malformed */
    bool changed_wrong;  /* only those of changes, not those that answer a subscription */

    /* Answers that replace the normal ones; status 0 = not replaced. */
    struct world_answer {
        int status;
        const char *body, *location; /* NULL = "" */
        int64_t retry_after_ms;
    } rest, login, dead_token, handshake;

    /* Numbers of requests. */
    int logins, login_tries, connections, polls, smd;

    /* What was recorded. */
    double recorded[WORLD_INSTRUMENTS];
    int64_t rows, twice, seq;
    int64_t lag_max_ms; /* the longest time from a change to its recording */
    struct world_event journal[WORLD_JOURNAL];
    int journal_count;
    int watched; /* instruments, by the last list */
    struct world_stretch covered[WORLD_STRETCHES], blind[WORLD_STRETCHES];
    int covered_count, blind_count;
};

extern struct world world;

void world_begin(int64_t wall_ns, uint64_t seed);
void world_end(void);
const char *world_symbol(int i);

/* Advances the time: timers fire, requests are answered, messages arrive. */
void world_pass(struct loop *loop, int64_t ms);

/*
 * Call when all coverage has ended. Checks that intervals do not overlap, and that none contains an
 * interval in which a change was not recorded.
 */
void world_check_coverage(void);
int64_t world_covered_ms(int instrument);                /* total */
int world_ended(int instrument, enum event_kind reason); /* number of intervals ended so */

void world_reset_streams(void);            /* TCP RST to all of them */
void world_close_streams(int code);        /* a close frame */
int world_told(const char *kind);          /* number of events of this kind */
const char *world_words(const char *kind); /* of the last one; "" = none */

#endif
