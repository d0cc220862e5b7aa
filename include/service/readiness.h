/*
 * readiness: whether the recorded data are current, for GET /readyz, and the state of the feed, for
 * the clients of /events.
 *
 * Pure.
 */
#ifndef SERVICE_READINESS_H
#define SERVICE_READINESS_H

#include "base/buf.h"
#include "feed/feed.h"

#include <stdbool.h>

struct replica_state;

struct readiness_facts {
    const struct feed_report *feed; /* NULL: there is no feed yet */
    bool store_failing;
    int64_t stale_ms;    /* the setting stream.stale */
    const char *trouble; /* why there is no token or no list of instruments; "" = unknown */
    const char *rest;    /* why the broker is not asked at all (lease_rest); "" or NULL = it is */
    const struct replica_state *replica; /* NULL: it is a recorder; else `feed` is unused */
    int64_t now_ns;                      /* wall; only for a replica */
};

/* False: `why` gets the reason as text. While all segments are closed nothing is at fault but
 * the database. */
bool readiness_check(const struct readiness_facts *facts, struct buf *why);
/* {"mode":"streaming","reason":...,"outage":...,"session":true,"phase":"open","staleMs":90000,
 * "segments":[{"segment":"","phase":"open"}]}: the first one is the general calendar, and a quote
 * has the index of its own. `session` is false while all are closed. Of a replica the mode is
 * "replica", and all about sessions is null or empty, because only recorders have them. */
void readiness_put_feed(const struct readiness_facts *facts, struct buf *out);

#endif
