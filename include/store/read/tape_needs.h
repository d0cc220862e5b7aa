/*
 * tape_needs: what is known of the tape of each instrument and day: its volume, the volume that the
 * broker says, and up to when a list of the broker was merged. For market/tape_plan.
 *
 * From any thread; owns a connection during the call.
 */
#ifndef STORE_READ_TAPE_NEEDS_H
#define STORE_READ_TAPE_NEEDS_H

#include "base/err.h"
#include "market/tape_plan.h"

struct tape_needs_query {
    const char *path; /* of the database */
    /* The days in Argentina, both included; what the user wants is read of all days. */
    int64_t day_from, day_to;
    bool (*stop)(void *arg); /* called regularly; true ends the call with -EINTR */
    void *stop_arg;
};

struct tape_row {
    struct tape_need need; /* without its instrument and final_ns */
    const char *market_id, *symbol;
    const char *segment; /* NULL = not known */
};
/* Borrowed until it returns. */
typedef void tape_needs_fn(void *arg, const struct tape_row *row);

/* Of the instruments that were to be recorded on that day. Errors of read_only_open_ours(). */
int tape_needs_read(const struct tape_needs_query *query, tape_needs_fn *fn, void *arg,
                    struct err *err);

#endif
