/*
 * stream_clock: what the timestamps of a stream show: which frames are outdated, and the difference
 * between the two clocks.
 *
 * Pure. A frame with an earlier timestamp than the last one of its instrument arrived out of order,
 * and would overwrite a newer price. A timestamp far ahead of our clock is not trusted: the frame
 * is taken, but no later one is compared with it. If nearly all frames are suddenly old, the
 * broker's clock was set back, and earlier timestamps are ignored from then on; if all are ahead,
 * our clock is behind. If only old frames arrive for an instrument, they are accepted after some.
 */
#ifndef MARKET_STREAM_CLOCK_H
#define MARKET_STREAM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct stream_clock {
    int old_in_row, ahead_in_row; /* of all instruments */
    int era;                      /* timestamps of an earlier era are ignored */
    /* The least (received - timestamp) of this minute and of the one before. */
    int64_t least_ns, least_before_ns, stretch_began_ns;
};

/* The last timestamp of one instrument. */
struct stream_stamp {
    int64_t event_ns;
    int era;
    int old_in_row; /* frames of this instrument */
};

struct stream_clock stream_clock_init(void);

/* True: take the frame. A frame with `event_ns` 0 (unknown) is always taken. */
bool stream_clock_take(struct stream_clock *clock, struct stream_stamp *last, int64_t event_ns,
                       int64_t recv_ns);

/*
 * How far our clock is ahead of the broker's, network delay included: the least delay of the last
 * minute or two. False: unknown.
 */
bool stream_clock_offset(const struct stream_clock *clock, int64_t *ahead_ns);

#endif
