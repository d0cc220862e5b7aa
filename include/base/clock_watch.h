/*
 * clock_watch: has time jumped since the last look?
 *
 * Pure. Compares the wall clock with the monotonic one, which nobody can set and which stands while
 * the machine sleeps, and with the one that counts the sleep as well (CLOCK_BOOTTIME). What drifts
 * slowly, as under NTP, is no jump.
 */
#ifndef BASE_CLOCK_WATCH_H
#define BASE_CLOCK_WATCH_H

#include "base/clock.h"

#define CLOCK_JUMP_MS    2000  /* between two looks; less is no jump */
#define CLOCK_STANDS_MS  60000 /* looks come every few seconds */
#define CLOCK_JUMP_WORDS 160

enum clock_change {
    CLOCK_STEADY,
    CLOCK_AHEAD,   /* set ahead; or a virtual machine was paused and has been told the time */
    CLOCK_BACK,    /* set back */
    CLOCK_SLEPT,   /* the machine was suspended */
    CLOCK_STOPPED, /* the process did not run: stopped, or paused with its machine */
};

struct clock_jump {
    enum clock_change change;
    int64_t by_ms; /* how far, how long; not negative */
};

struct clock_watch {
    struct now last;
    int64_t boot_ms; /* of the last look; 0 = there was none */
};

struct clock_jump clock_watch_look(struct clock_watch *watch, struct now now, int64_t boot_ms);

/* "the wall clock was set back by 1.0 h"; `out` holds CLOCK_JUMP_WORDS. Returns `out`. */
char *clock_jump_words(char *out, struct clock_jump jump);

#endif
