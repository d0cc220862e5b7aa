#include "sink/pace.h"

#include <limits.h>
#include <math.h>

#define LOTS_PER_S 20

struct sink_pace sink_pace_init(double rate, int64_t now_ms)
{
    return (struct sink_pace){.rate = rate, .credit = rate, .at_ms = now_ms};
}

int sink_pace_allowed(struct sink_pace *pace, int64_t now_ms)
{
    if (now_ms > pace->at_ms) {
        pace->credit += pace->rate * (double)(now_ms - pace->at_ms) / 1000;
        pace->credit = fmin(pace->credit, pace->rate);
        pace->at_ms = now_ms;
    }
    return pace->credit < 1 ? 0 : pace->credit < INT_MAX ? (int)pace->credit : INT_MAX;
}

int sink_pace_lot(const struct sink_pace *pace, int most)
{
    return (int)fmax(1, fmin(pace->rate / LOTS_PER_S, most));
}

void sink_pace_spend(struct sink_pace *pace, int messages)
{
    pace->credit -= messages; /* may become negative: a change is sent together with its trade */
}

int64_t sink_pace_wait_ms(const struct sink_pace *pace, int messages)
{
    double lacks = fmin(messages, pace->rate) - pace->credit;
    return lacks <= 0 ? 0 : (int64_t)ceil(lacks * 1000 / pace->rate);
}
