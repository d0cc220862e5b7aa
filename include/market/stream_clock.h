/*
 * stream_clock: what the stamps of a stream tell: which frame is old news, and how far the two
 * clocks are apart.
 *
 * Pure. A frame that is stamped before the last one of its instrument came out of order, and would
 * put an old price over a new one. A stamp far ahead of our clock is not believed: the frame is
 * taken, but no later one is compared with it. When nearly all frames are suddenly old the broker's
 * clock was set back, and the stamps so far count no more; when all are ahead it is our clock that
 * is behind. An instrument of which only old frames come is believed after some.
 */
#ifndef MARKET_STREAM_CLOCK_H
#define MARKET_STREAM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct stream_clock {
    int old_in_row, ahead_in_row; /* of all instruments */
    int era;                      /* stamps of an earlier one count no more */
    /* The least of (received - stamped) in this stretch of time and in the one before. */
    int64_t least_ns, least_before_ns, stretch_began_ns;
};

/* The last stamp of one instrument. */
struct stream_stamp {
    int64_t event_ns;
    int era;
    int old_in_row; /* frames of this instrument */
};

struct stream_clock stream_clock_init(void);

/* True: take the frame. `event_ns` 0 (not said) is always taken. */
bool stream_clock_take(struct stream_clock *clock, struct stream_stamp *last, int64_t event_ns,
                       int64_t recv_ns);

/*
 * How far our clock is ahead of the broker's, network included: the least delay of the last minute
 * or two. False: not known.
 */
bool stream_clock_offset(const struct stream_clock *clock, int64_t *ahead_ns);

#endif
