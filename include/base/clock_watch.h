/*
 * clock_watch: detects jumps of the wall clock, and suspends.
 *
 * Pure. Compares the wall clock with the monotonic clock, which cannot be set and stops while the
 * machine is suspended, and with CLOCK_BOOTTIME, which also counts suspended time. A slow drift, as
 * under NTP, is not a jump.
 */
#ifndef BASE_CLOCK_WATCH_H
#define BASE_CLOCK_WATCH_H

#include "base/clock.h"

#define CLOCK_JUMP_MS    2000  /* between two calls; less is not a jump */
#define CLOCK_STANDS_MS  60000 /* between two calls, which normally are a few seconds apart */
#define CLOCK_JUMP_WORDS 160

enum clock_change {
    CLOCK_STEADY,
    CLOCK_AHEAD,   /* set ahead; or a virtual machine was paused and then got the correct time */
    CLOCK_BACK,    /* set back */
    CLOCK_SLEPT,   /* the machine was suspended */
    CLOCK_STOPPED, /* the process did not run: stopped, or paused with its machine */
};

struct clock_jump {
    enum clock_change change;
    int64_t by_ms; /* size of the jump, or duration; not negative */
};

struct clock_watch {
    struct now last;
    int64_t boot_ms; /* of the last call; 0 = no call yet */
};

/* The change since the last call; CLOCK_STEADY at the first one. `boot_ms` is clock_boot_ms(). */
struct clock_jump clock_watch_look(struct clock_watch *watch, struct now now, int64_t boot_ms);

/* "the wall clock was set back by 1.0 h"; `out` holds CLOCK_JUMP_WORDS. Returns `out`. */
char *clock_jump_words(char *out, struct clock_jump jump);

#endif
