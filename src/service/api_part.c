#include "service/api_part.h"

#include "api/local_api.h"
#include "base/log.h"
#include "record/events.h"
#include "service/recording.h"
#include "service/report.h"
#include "service/running.h"

#include <errno.h>

#define RETRY_MS 5000
#define LOOK_MS  3000

static void on_status(void *arg, struct buf *out)
{
    report_status(arg, out);
}

static void on_metrics(void *arg, struct buf *out)
{
    report_metrics(arg, out);
}

static void on_feed(void *arg, struct buf *out)
{
    report_feed(arg, out);
}

static bool on_ready(void *arg, struct buf *why)
{
    return report_ready(arg, why);
}

static int listen_again(struct service *s, struct err *err)
{
    const struct local_api_parts parts = {
        .loop = s->loop,
        .market = s->market,
        .sources = s->sources,
        .observers = s->observers,
        .demand = recording_demand(s),
        .service = {.arg = s,
                    .status = on_status,
                    .metrics = on_metrics,
                    .feed = on_feed,
                    .ready = on_ready},
    };
    s->api_lost = false;
    if (*s->config->serve.listen == '\0')
        return 0;
    log_secret(s->config->serve.token);
    int rc = local_api_create(&s->api, &parts, s->config, err);
    if (rc) {
        err_prefix(err, "serve.listen: ");
        return rc;
    }
    local_api_reference(s->api, s->reference);
    const struct local_api_state state = local_api_state(s->api);
    if (s->feed) {
        struct feed_report feed;
        feed_report(s->feed, &feed);
        local_api_feed(s->api, feed_mode_name(feed.mode), feed.why);
    }
    log_info("local API", LOG_TEXT("address", state.address));
    return 0;
}

static void report_failure(struct service *s, const struct err *err, int64_t retry_ms)
{
    events_report(s->events, LOG_LEVEL_ERROR, EVENT_API_FAILED, NULL,
                  "%s; recording continues, and the local API tries again every %d s", err->text,
                  (int)(retry_ms / 1000));
}

static void on_retry(void *arg)
{
    struct service *s = arg;
    struct err err;
    if (listen_again(s, &err))
        loop_timer_set(s->api_retry, RETRY_MS);
    else
        events_report(s->events, LOG_LEVEL_INFO, EVENT_API_RECOVERED, NULL,
                      "the local API listens again");
}

/* Somebody may have cleaned up its folder; a TCP socket is always there. */
static void look_at_socket(struct service *s)
{
    struct err err;
    int rc = local_api_renew(s->api, &err);
    if (rc > 0)
        events_report(s->events, LOG_LEVEL_WARN, EVENT_API_RECOVERED, NULL,
                      "the socket of the local API was removed; it was created again: %s",
                      s->config->serve.listen);
    else if (rc < 0 && !s->api_lost)
        report_failure(s, &err, LOOK_MS);
    s->api_lost = rc < 0;
}

static bool is_watched(void *arg, int32_t instrument)
{
    const struct service *s = arg;
    return s->api && local_api_wants(s->api, instrument);
}

static void on_look(void *arg)
{
    struct service *s = arg;
    if (s->api)
        look_at_socket(s);
    if (s->feed)
        feed_watch(s->feed, is_watched, s);
    loop_timer_set(s->api_look, LOOK_MS);
}

int api_start(struct service *s, struct err *err)
{
    s->api_retry = loop_timer_create(s->loop, on_retry, s);
    s->api_look = loop_timer_create(s->loop, on_look, s);
    int rc =
        s->api_retry && s->api_look ? listen_again(s, err) : err_set(err, -ENOMEM, "out of memory");
    if (rc == 0) {
        loop_timer_set(s->api_look, LOOK_MS);
        return 0;
    }
    loop_timer_destroy(s->api_retry);
    loop_timer_destroy(s->api_look);
    return rc;
}

void api_stop(struct service *s)
{
    local_api_destroy(s->api);
    loop_timer_destroy(s->api_retry);
    loop_timer_destroy(s->api_look);
    s->api = NULL;
}

void api_change(struct service *s)
{
    struct err err;
    if (s->api && local_api_has(s->api, &s->config->serve))
        return;
    loop_timer_stop(s->api_retry);
    local_api_destroy(s->api);
    s->api = NULL;
    if (listen_again(s, &err) == 0)
        return;
    report_failure(s, &err, RETRY_MS);
    loop_timer_set(s->api_retry, RETRY_MS);
}

void api_reference(struct service *s)
{
    if (s->api)
        local_api_reference(s->api, s->reference);
}
