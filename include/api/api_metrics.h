/*
 * api_metrics: what the local API measures of itself and of the quotes, for GET /metrics.
 *
 * A plain value; the arrays that it owns are freed by api_metrics_finish().
 */
#ifndef API_API_METRICS_H
#define API_API_METRICS_H

#include "api/local_api.h"
#include "api/quote_list.h"
#include "base/histogram.h"

#include <stdint.h>

struct api_metrics {
    struct histogram age_s;              /* of all quotes, once per scrape */
    struct histogram broker_to_client_s; /* see below */
    int64_t *stamps; /* by instrument: time of a change by the broker whose frame is not sent yet */
    int32_t size;
};

void api_metrics_init(struct api_metrics *metrics);
void api_metrics_finish(struct api_metrics *metrics);

/*
 * From the broker's time stamp of a change to the moment at which the first client gets it, by this
 * machine's clock. The stamp is 0 if the broker gave none (REST) or no client waits for
 * the change: then nothing is measured.
 */
void api_metrics_awaited(struct api_metrics *metrics, int32_t instrument, int64_t stamp);
void api_metrics_sent(struct api_metrics *metrics, int32_t instrument, int64_t wall_ns);

/* Adds the ages of the quotes, then writes all families. */
void api_metrics_put(struct api_metrics *metrics, struct quote_list *list,
                     const struct local_api_state *state, struct buf *out);

#endif
