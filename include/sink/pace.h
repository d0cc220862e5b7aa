/*
 * pace: how many messages may be published now.
 *
 * Pure. `rate` messages a second on average, as a whole second's worth at most after a pause. It
 * bounds the load on the NATS servers while an outage is made up for.
 */
#ifndef SINK_PACE_H
#define SINK_PACE_H

#include <stdint.h>

struct sink_pace {
    double rate;   /* messages per second */
    double credit; /* messages that may be sent at at_ms */
    int64_t at_ms; /* monotonic */
};

struct sink_pace sink_pace_init(double rate, int64_t now_ms);
/* The number of messages that may be sent now. */
int sink_pace_allowed(struct sink_pace *pace, int64_t now_ms);
/* How many to wait for before any are sent, because each reading of the database costs a
 * transaction: those of a twentieth of a second, 1 to `most`. */
int sink_pace_lot(const struct sink_pace *pace, int most);
void sink_pace_spend(struct sink_pace *pace, int messages);
/* How long until at least `messages` are allowed; 0: now. */
int64_t sink_pace_wait_ms(const struct sink_pace *pace, int messages);

#endif
