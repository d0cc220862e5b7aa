/*
 * unobserved: for how long instruments were unobserved after a stream was lost, for the message.
 *
 * Pure, a plain value. An instrument is unobserved from the last proof that its stream was alive
 * until REST or a stream sends its data (`lost_ms` in the source table). The times are summed up
 * until no instrument is unobserved any more.
 */
#ifndef MARKET_UNOBSERVED_H
#define MARKET_UNOBSERVED_H

#include <stdbool.h>
#include <stdint.h>

struct unobserved_summary {
    int32_t by_poll, by_stream;      /* instruments observed again, by source */
    int64_t shortest_ms, longest_ms; /* how long they were unobserved; with none, INT64_MAX and 0 */
};

struct unobserved {
    struct unobserved_summary summary; /* since all were observed */
    int64_t longest_ms;                /* of all */
};

struct unobserved unobserved_init(void);

/*
 * An instrument is observed again after `for_ms`; `left` others are not yet. True: it was the last,
 * `out` summarizes all since the first one was lost, and the next loss starts a new summary.
 */
bool unobserved_end(struct unobserved *u, int64_t for_ms, bool by_stream, int32_t left,
                    struct unobserved_summary *out);

#endif
