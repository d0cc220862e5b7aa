/*
 * reference_lists: what can be known of all instruments from a broker that does not answer the
 * request for their reference data: the segment of each (rest/instruments/bySegment), and where
 * even that is unknown, the CFI code (rest/instruments/byCFICode).
 *
 * A request for each segment and each code, within the request budget: twenty, one a second, then
 * one a minute. Owns its HTTP client. The answers are read on another thread.
 */
#ifndef BROKER_REFERENCE_LISTS_H
#define BROKER_REFERENCE_LISTS_H

#include "base/err.h"
#include "config/config.h"
#include "market/instrument_list.h"
#include "net/loop.h"

struct reference_lists;
struct token_keeper;
struct events;
struct request_budget;

/* All borrowed. */
struct reference_lists_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct events *events;
    struct request_budget *budget;
    /* What was read, from the loop; it belongs to the owner. After the segments, and after the
     * codes.
     */
    void (*read)(void *arg, struct instrument_list *list);
    void *arg;
};

int reference_lists_create(struct reference_lists **out, const struct reference_lists_parts *parts,
                           struct err *err);
void reference_lists_destroy(struct reference_lists *lists);

/* Begins a walk if none is under way: over the listed segments of `known`, of which a share is
 * taken; NULL = nothing is known. */
void reference_lists_start(struct reference_lists *lists, struct instrument_list *known);
void reference_lists_wake(struct reference_lists *lists); /* a token is available again */

#endif
