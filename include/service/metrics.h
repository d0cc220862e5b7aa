/*
 * metrics: the state of the whole service as metrics for Prometheus, for GET /metrics.
 *
 * Counters begin with the service; those of the stream and of polling also when the feed is
 * replaced, which Prometheus takes for a restart.
 */
#ifndef SERVICE_METRICS_H
#define SERVICE_METRICS_H

#include "base/buf.h"

#include <stdbool.h>

struct status_facts;

/* `ready`: see readiness. */
void metrics_put(struct buf *out, const struct status_facts *facts, bool ready);

#endif
