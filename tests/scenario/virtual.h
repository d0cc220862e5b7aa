/*
 * virtual: the world under the application, made of plain memory and virtual time.
 *
 * Replaces net/loop, net/http, net/ws, store/store and store/reader at link time, and the clock. A
 * broker with a market of its own answers; a test scripts what becomes of it, lets time pass, and
 * reads the journal. Hours take milliseconds, and nothing depends on the machine.
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

/* A time in the life of an instrument, ns UTC: vouched for, or not known. */
struct world_stretch {
    int instrument;
    int64_t ts_from, ts_to;
    enum event_kind reason; /* it ended */
};

/* What the broker does, and what was seen; one for the whole test program, reset by world_begin. */
struct world {
    int64_t slept_ms; /* in all: the monotonic clock stands meanwhile */
    int64_t set_ns;   /* our wall clock was set by so much; the broker's was not */
    int64_t now_ms, wall_offset_ns;
    struct rng rng;

    /* The market: each instrument's last price; the truth. */
    double price[WORLD_INSTRUMENTS];
    int64_t changed_ms[WORLD_INSTRUMENTS]; /* the truth's last change */
    int64_t change_every_ms;               /* 0 = it stands still */

    /* What the broker does just now. */
    bool down;           /* nothing can be reached */
    int stream_status;   /* of handshakes: 101, or what it says in place of it */
    bool mute, deaf;     /* the stream says nothing; and pongs neither */
    int mute_instrument; /* -1 = none: this one alone */
    int token;           /* of today; 0 = dead */
    bool streamed_wrong; /* frames are spoilt */

    /* In place of answers; status 0 = no. */
    struct world_answer {
        int status;
        const char *body, *location; /* NULL = "" */
        int64_t retry_after_ms;
    } rest, login, dead_token, handshake;

    /* What was asked. */
    int logins, login_tries, connections, polls, smd;

    /* What was recorded. */
    double recorded[WORLD_INSTRUMENTS];
    int64_t rows, twice, seq;
    int64_t lag_max_ms; /* the longest that the truth was not recorded, while it could be known */
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

/* Lets so much time pass: timers fire, requests are answered, frames come. */
void world_pass(struct loop *loop, int64_t ms);

/*
 * Once all coverage has ended: none of it overlaps, and no time in which a truth that could be
 * known was not recorded lies within a covered one.
 */
void world_check_coverage(void);
int64_t world_covered_ms(int instrument);                /* all in all */
int world_ended(int instrument, enum event_kind reason); /* how many intervals, for this reason */

void world_reset_streams(void);            /* TCP RST to all of them */
void world_close_streams(int code);        /* a close frame */
int world_told(const char *kind);          /* how often the journal has it */
const char *world_words(const char *kind); /* of the last one; "" = none */

#endif
