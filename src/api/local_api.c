#include "api/local_api.h"

#include "api/admission.h"
#include "api/api_metrics.h"
#include "api/api_settings.h"
#include "api/detail_requests.h"
#include "api/history_reader.h"
#include "api/live_source.h"
#include "api/quote_csv.h"
#include "api/quote_events.h"
#include "api/quote_requests.h"
#include "api/routes.h"
#include "base/json_write.h"
#include "config/listen_address.h"
#include "record/observers.h"
#include "serve/server.h"
#include "serve/stream_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_TYPE   "application/json;charset=UTF-8"
#define IDLE_MS     INT64_C(270000) /* a WebSocket client silent for so long is closed */
#define SOCKET_MODE 0660
#define FEED_BYTES  2048
#define CODE_RESTART                                                                               \
    1012 /* of the IANA registry: clients connect again, which 1001 is not for all */
#define NO_TOKEN "local" /* what getToken gives when no token is required */

struct local_api {
    struct local_api_parts parts;
    struct api_settings settings;
    struct access_rules rules;
    struct live_source *source;
    struct api_context context;
    struct stream_server *streams;
    struct quote_requests *waiting;
    struct detail_requests *details;
    struct quote_list *list;
    struct quote_csv *csv;
    struct quote_events *events;
    struct api_metrics metrics;
    struct server *server;
    int observer; /* its number; 0 = none */
};

/* --- the token -------------------------------------------------------------------------------- */

/* Any user; the password is the token, if one is required. */
static bool login(void *self, const char *user, const char *password, char *token, size_t size)
{
    const struct local_api *api = self;
    (void)user;
    if (!access_token(&api->rules, password))
        return false;
    snprintf(token, size, "%s", *api->settings.token ? api->settings.token : NO_TOKEN);
    return true;
}

/* Whoever asks has passed admission_check_token(). */
static bool valid(void *self, const char *token)
{
    (void)self;
    (void)token;
    return true;
}

static void logout(void *self)
{
    (void)self; /* the token is a setting */
}

/* --- requests --------------------------------------------------------------------------------- */

static enum web_action serve(struct local_api *api, struct http_connection *connection,
                             const struct web_request *request, struct web_answer *answer)
{
    const struct api_call call = {&api->context, connection, request, answer};
    const struct api_route *route = api_route_find(request->path);
    if (route && !route->open && admission_check_token(&api->rules, request, answer))
        return WEB_SEND;
    if (route)
        return route->handler(&call);
    web_put(answer, 404, JSON_TYPE,
            "{\"status\":\"ERROR\",\"description\":\"Invalid URL\",\"message\":null}");
    return WEB_SEND;
}

static enum web_action on_request(void *arg, struct http_connection *connection,
                                  const struct web_request *request, struct web_answer *answer)
{
    struct local_api *api = arg;
    if (admission_check_place(&api->rules, request, answer))
        return WEB_SEND;
    admission_share(request, answer);
    if (!request->preflight)
        return serve(api, connection, request, answer);
    admission_preflight(request, answer);
    return WEB_SEND;
}

/* --- WebSockets ------------------------------------------------------------------------------- */

static bool on_upgrade(void *arg, const struct web_request *request, struct web_answer *answer,
                       enum web_action *action)
{
    const struct local_api *api = arg;
    (void)action;
    if (admission_check_place(&api->rules, request, answer) ||
        admission_check_token(&api->rules, request, answer))
        return false;
    if (*request->path == '\0' || strcmp(request->path, "ws") == 0)
        return true;
    web_put(answer, 404, JSON_TYPE, "{\"status\":\"ERROR\",\"message\":\"Not Found\"}");
    return false;
}

static void on_opened(void *arg, struct websocket *socket)
{
    stream_server_opened(((struct local_api *)arg)->streams, socket);
}

static void on_text(void *arg, struct websocket *socket, const char *text, size_t len_bytes)
{
    stream_server_text(((struct local_api *)arg)->streams, socket, text, len_bytes);
}

static void on_closed(void *arg, struct websocket *socket)
{
    stream_server_closed(((struct local_api *)arg)->streams, socket);
}

static void on_room(void *arg, struct websocket *socket)
{
    stream_server_room(((struct local_api *)arg)->streams, socket);
}

/* --- observing -------------------------------------------------------------------------------- */

static void on_change(void *arg, const struct market_change *change)
{
    struct local_api *api = arg;
    bool wanted = stream_server_wanted(api->streams, change->instrument) ||
                  quote_events_wanted(api->events, change->instrument);
    api_metrics_awaited(&api->metrics, change->instrument,
                        wanted ? change->present->quote.ts_event : 0);
    stream_server_changed(api->streams, change->instrument);
    quote_events_changed(api->events, change->instrument);
}

static bool on_frame(void *arg, struct stream_client *client, int32_t instrument,
                     const struct buf *frame)
{
    struct local_api *api = arg;
    (void)client;
    (void)frame;
    api_metrics_sent(&api->metrics, instrument, loop_now(api->parts.loop).wall_ns);
    return false;
}

static void on_mode(void *arg, const struct observed_mode *mode)
{
    local_api_feed(arg, feed_mode_name(mode->mode), mode->why);
    quote_events_feed(((struct local_api *)arg)->events);
}

/* Outages and sessions begin and end with one. */
static void on_event(void *arg, const struct observed_event *event)
{
    (void)event;
    quote_events_feed(((struct local_api *)arg)->events);
}

static int observe(struct local_api *api, struct err *err)
{
    const struct observer observer = {
        .arg = api, .on_change = on_change, .on_event = on_event, .on_mode = on_mode};
    int number = observers_add(api->parts.observers, &observer);
    if (number < 0)
        return err_set(err, -ENOMEM, "out of memory");
    api->observer = number;
    return 0;
}

/* --- create and destroy ----------------------------------------------------------------------- */

static int create_feeds(struct local_api *api)
{
    const struct local_api_parts *parts = &api->parts;
    const struct quote_list_parts list = {parts->loop, parts->market, live_source_api(api->source)};
    api->list = quote_list_create(&list);
    const struct quote_events_parts events = {
        .loop = parts->loop,
        .market = parts->market,
        .list = api->list,
        .metrics = &api->metrics,
        .feed = parts->service.feed,
        .arg = parts->service.arg,
    };
    const struct quote_csv_parts csv = {parts->loop, parts->market, api->list};
    if (api->list) {
        api->events = quote_events_create(&events);
        api->csv = quote_csv_create(&csv);
    }
    return api->events && api->csv ? 0 : -ENOMEM;
}

static int create_parts(struct local_api *api, const struct config *config, struct err *err)
{
    const struct live_source_parts source = {api->parts.loop, api->parts.market, api->parts.sources,
                                             api->parts.demand};
    api->source = live_source_create(&source);
    api->context.history = history_reader_create(api->parts.loop, config->store.path);
    if (api->source)
        api->waiting = quote_requests_create(api->parts.loop, live_source_api(api->source));
    if (api->source)
        api->details = detail_requests_create(api->parts.loop, live_source_api(api->source));
    if (!api->waiting || !api->details || !api->context.history || create_feeds(api))
        return err_set(err, -ENOMEM, "out of memory");
    api->context = (struct api_context){
        .loop = api->parts.loop,
        .market = api->parts.market,
        .sources = api->parts.sources,
        .source = live_source_api(api->source),
        .rules = &api->rules,
        .auth = {.self = api, .login = login, .valid = valid, .logout = logout},
        .history = api->context.history,
        .waiting = api->waiting,
        .details = api->details,
        .list = api->list,
        .csv = api->csv,
        .events = api->events,
        .metrics = &api->metrics,
        .api = api,
        .service = api->parts.service,
    };
    const struct stream_server_parts streams = {
        .loop = api->parts.loop,
        .source = api->context.source,
        .idle_ms = IDLE_MS,
        .hooks = {.arg = api, .before_send = on_frame},
    };
    api->streams = stream_server_create(&streams);
    return api->streams ? observe(api, err) : err_set(err, -ENOMEM, "out of memory");
}

static int listen_at(struct local_api *api, struct err *err)
{
    struct listen_address at;
    if (!listen_address_parse(api->settings.listen, &at))
        return err_set(err, -EINVAL, "'%s' is not an address", api->settings.listen);
    const struct server_parts server = {
        .loop = api->parts.loop,
        .address = {at.host, at.port, at.path, SOCKET_MODE},
        .handler = on_request,
        .arg = api,
    };
    int rc = server_create(&api->server, &server, err);
    if (rc)
        return rc;
    server_take_websockets(api->server, &(struct websocket_handlers){.arg = api,
                                                                     .upgrade = on_upgrade,
                                                                     .opened = on_opened,
                                                                     .text = on_text,
                                                                     .closed = on_closed,
                                                                     .room = on_room});
    return 0;
}

int local_api_create(struct local_api **out, const struct local_api_parts *parts,
                     const struct config *config, struct err *err)
{
    struct local_api *api = calloc(1, sizeof(*api));
    if (!api)
        return err_set(err, -ENOMEM, "out of memory");
    api->parts = *parts;
    api_metrics_init(&api->metrics);
    int rc = api_settings_copy(&api->settings, &config->serve);
    if (rc)
        err_set(err, rc, "out of memory");
    api->rules = api_settings_rules(&api->settings);
    if (rc == 0)
        rc = create_parts(api, config, err);
    if (rc == 0)
        rc = listen_at(api, err);
    if (rc) {
        local_api_destroy(api);
        return rc;
    }
    local_api_relisted(api);
    *out = api;
    return 0;
}

static void leave(void *arg, struct stream_client *client)
{
    (void)arg;
    websocket_leave(stream_client_socket(client), CODE_RESTART);
}

void local_api_destroy(struct local_api *api)
{
    if (!api)
        return;
    if (api->streams)
        stream_server_each(api->streams, leave, NULL);
    if (api->observer > 0)
        observers_remove(api->parts.observers, api->observer);
    server_destroy(api->server);
    quote_requests_destroy(api->waiting);
    detail_requests_destroy(api->details);
    history_reader_destroy(api->context.history);
    stream_server_destroy(api->streams);
    quote_csv_destroy(api->csv);
    quote_events_destroy(api->events);
    quote_list_destroy(api->list);
    api_metrics_finish(&api->metrics);
    live_source_destroy(api->source);
    api_settings_finish(&api->settings);
    free(api);
}

/* --- the rest --------------------------------------------------------------------------------- */

int local_api_renew(struct local_api *api, struct err *err)
{
    return server_renew(api->server, err);
}

bool local_api_has(const struct local_api *api, const struct config_serve *serve)
{
    return api_settings_equal(&api->settings, serve);
}

/* {"type":"cinta","event":"feed",...}: a type that no broker uses. */
void local_api_feed(struct local_api *api, const char *mode, const char *why)
{
    struct buf text;
    buf_init(&text, FEED_BYTES);
    buf_printf(&text, "{\"type\":\"cinta\",\"event\":\"feed\",\"timestamp\":%lld,\"mode\":",
               (long long)(loop_now(api->parts.loop).wall_ns / NS_PER_MS));
    json_put_string(&text, mode);
    buf_puts(&text, ",\"why\":");
    json_put_string(&text, why && *why ? why : NULL);
    buf_puts(&text, "}");
    if (!buf_failed(&text))
        stream_server_tell(api->streams, buf_text(&text));
    buf_finish(&text);
}

void local_api_relisted(struct local_api *api)
{
    quote_events_relisted(api->events);
}

void local_api_reference(struct local_api *api, struct instrument_list *list)
{
    if (live_source_reference(api->source, list))
        quote_events_relisted(api->events); /* quotes have the decimals of the instrument */
}

bool local_api_wants(const struct local_api *api, int32_t instrument)
{
    return stream_server_wanted(api->streams, instrument) ||
           quote_requests_has(api->waiting, instrument);
}

void local_api_tried(struct local_api *api, int32_t instrument, bool has_data)
{
    quote_requests_tried(api->waiting, instrument, has_data);
    if (has_data)
        stream_server_ready(api->streams, instrument);
    else
        stream_server_unknown(api->streams, instrument);
}

static void put_address(const struct local_api *api, char out[LOCAL_API_ADDRESS])
{
    struct listen_address at;
    listen_address_parse(api->settings.listen, &at);
    bool brackets = strchr(at.host, ':');
    if (at.kind == LISTEN_UNIX)
        snprintf(out, LOCAL_API_ADDRESS, "unix:%s", at.path);
    else
        snprintf(out, LOCAL_API_ADDRESS, "http://%s%s%s:%d/", brackets ? "[" : "", at.host,
                 brackets ? "]" : "", server_port(api->server));
}

struct local_api_state local_api_state(const struct local_api *api)
{
    struct server_stats server = server_stats(api->server);
    struct stream_stats streams = stream_server_stats(api->streams);
    struct quote_events_stats events = quote_events_stats(api->events);
    struct local_api_state state = {
        .websockets = streams.open,
        .event_streams = events.open,
        .events = events.sent,
        .requests = server.http.requests,
        .products = streams.subscribed,
        .connections = server.open,
        .refused = server.refused,
        .frames = streams.frames,
    };
    put_address(api, state.address);
    return state;
}
