#include "api/api_metrics.h"

#include "base/clock.h"
#include "serve/metrics_text.h"

#include <stdlib.h>

static const double age_bounds_s[] = {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600};

void api_metrics_init(struct api_metrics *m)
{
    *m = (struct api_metrics){0};
    histogram_init(&m->age_s, age_bounds_s, sizeof(age_bounds_s) / sizeof(age_bounds_s[0]));
    histogram_init(&m->broker_to_client_s, histogram_latency_s, HISTOGRAM_LATENCY_COUNT);
}

void api_metrics_finish(struct api_metrics *m)
{
    free(m->stamps);
    m->stamps = NULL;
    m->size = 0;
}

/* --- latency ---------------------------------------------------------------------------------- */

static bool make_room(struct api_metrics *m, int32_t instrument)
{
    int32_t size = instrument + instrument / 2 + 64;
    int64_t *stamps = realloc(m->stamps, (size_t)size * sizeof(*stamps));
    if (!stamps)
        return false;
    for (int32_t i = m->size; i < size; i++)
        stamps[i] = 0;
    m->stamps = stamps;
    m->size = size;
    return true;
}

/* The first of several changes that become one frame counts. */
void api_metrics_awaited(struct api_metrics *m, int32_t instrument, int64_t stamp)
{
    if (instrument >= m->size && !make_room(m, instrument))
        return;
    if (m->stamps[instrument] == 0 || stamp == 0)
        m->stamps[instrument] = stamp;
}

void api_metrics_sent(struct api_metrics *m, int32_t instrument, int64_t wall_ns)
{
    int64_t stamp = instrument < m->size ? m->stamps[instrument] : 0;
    if (stamp == 0)
        return;
    m->stamps[instrument] = 0;
    if (stamp <= wall_ns) /* else the clocks differ, so the latency is not known */
        histogram_add(&m->broker_to_client_s, (double)(wall_ns - stamp) / NS_PER_S);
}

/* --- the text --------------------------------------------------------------------------------- */

static void add_ages(struct api_metrics *m, struct quote_list *list)
{
    quote_list_renew(list);
    for (int32_t place = 0; place < quote_list_count(list); place++) {
        int32_t instrument = quote_list_at(list, place);
        if (quote_list_known(list, instrument))
            histogram_add(&m->age_s, (double)quote_list_age_ms(list, instrument) / 1000);
    }
}

static void put_counter(struct buf *out, const char *name, const char *help, int64_t value)
{
    metrics_family(out, name, METRIC_COUNTER, help);
    metrics_sample(out, name, (double)value);
}

static void put_clients(struct buf *out, const struct local_api_state *state)
{
    static const char name[] = "cinta_api_clients";
    const struct metric_label websocket = {"kind", "websocket"}, events = {"kind", "events"};
    metrics_family(out, name, METRIC_GAUGE, "Clients that are connected now.");
    metrics_labelled(out, name, &websocket, 1, state->websockets);
    metrics_labelled(out, name, &events, 1, state->event_streams);
}

void api_metrics_put(struct api_metrics *m, struct quote_list *list,
                     const struct local_api_state *state, struct buf *out)
{
    add_ages(m, list);
    metrics_histogram(out, "cinta_quote_age_seconds",
                      "Ages of the quotes of all recorded instruments, added at each scrape.",
                      &m->age_s);
    metrics_histogram(out, "cinta_broker_to_client_seconds",
                      "From the broker's time stamp to the first client of the local API.",
                      &m->broker_to_client_s);
    put_clients(out, state);
    put_counter(out, "cinta_api_requests_total", "HTTP requests.", state->requests);
    put_counter(out, "cinta_api_refused_total",
                "Connections that were refused because there were too many.", state->refused);
    put_counter(
        out, "cinta_api_frames_total",
        "Frames for WebSocket clients, also those that newer ones replaced before they were sent.",
        state->frames);
    put_counter(out, "cinta_api_events_total", "Quotes sent as Server-Sent Events.", state->events);
}
