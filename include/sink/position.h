/*
 * position: how far a recorder has published, as a value and as text.
 *
 * Pure. Each message carries the position that is reached with it (header Cinta-Position), so that
 * the stream itself says where to go on.
 */
#ifndef SINK_POSITION_H
#define SINK_POSITION_H

#include <stdbool.h>
#include <stdint.h>

struct sink_position {
    int64_t seq;      /* of the last change that was published; 0 = none */
    int64_t ts_recv;  /* of that change, ns UTC; 0 = none */
    bool traded;      /* the trade that it shows, if any, was published too */
    int64_t event;    /* id of the last event */
    int64_t listed;   /* number of the last trade of the broker's lists */
    int64_t revision; /* of the last instrument whose terms were published */
};

#define SINK_POSITION_TEXT 112
/* "1234.1.17.0.1795446000000000000.400": seq, traded, event, listed, ts_recv, revision. Returns
 * `out`. */
char *sink_position_text(char *out, const struct sink_position *position);
/* Without the last number it is 0. False: it is not such a text; `out` is unchanged. */
bool sink_position_parse(const char *text, struct sink_position *out);

#endif
