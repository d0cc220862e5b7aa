#include "api/routes.h"

#include "api/api_metrics.h"
#include "api/cookie_login.h"
#include "api/detail_requests.h"
#include "api/history_requests.h"
#include "api/quote_csv.h"
#include "api/quote_events.h"
#include "api/quote_requests.h"
#include "base/json_write.h"
#include "serve/live_page.h"
#include "serve/metrics_text.h"
#include "serve/primary_api.h"

#include <string.h>

#define JSON_TYPE   "application/json;charset=UTF-8"
#define WHY_BYTES   4096
#define PAGE_FOLDER "page/"

/* --- handlers --------------------------------------------------------------------------------- */

/* In the broker's dialect; an unknown path too, with its error. */
static enum web_action primary(const struct api_call *call)
{
    api_answer(call->context->source, &call->context->auth, call->request, call->answer);
    return WEB_SEND;
}

static enum web_action cookie_login(const struct api_call *call)
{
    cookie_login_answer(call->context->rules, call->request, call->answer);
    return WEB_SEND;
}

/* The broker's accounts are not shown. */
static enum web_action accounts(const struct api_call *call)
{
    web_put(call->answer, 200, JSON_TYPE, "{\"status\":\"OK\",\"accounts\":[]}");
    return WEB_SEND;
}

static enum web_action status(const struct api_call *call)
{
    web_put(call->answer, 200, JSON_TYPE, "");
    call->context->service.status(call->context->service.arg, &call->answer->body);
    return WEB_SEND;
}

static enum web_action metrics(const struct api_call *call)
{
    const struct api_context *context = call->context;
    const struct local_api_state state = local_api_state(context->api);
    web_put(call->answer, 200, METRICS_CONTENT_TYPE, "");
    context->service.metrics(context->service.arg, &call->answer->body);
    api_metrics_put(context->metrics, context->list, &state, &call->answer->body);
    return WEB_SEND;
}

static enum web_action healthz(const struct api_call *call)
{
    web_put(call->answer, 200, JSON_TYPE, "{\"status\":\"ok\"}\n");
    return WEB_SEND;
}

static enum web_action readyz(const struct api_call *call)
{
    const struct api_service *service = &call->context->service;
    struct buf why;
    buf_init(&why, WHY_BYTES);
    bool ready = service->ready(service->arg, &why);
    web_put(call->answer, ready ? 200 : 503, JSON_TYPE,
            ready ? "{\"ready\":true" : "{\"ready\":false");
    buf_puts(&call->answer->body, ",\"reason\":");
    json_put_string(&call->answer->body, ready ? NULL : buf_text(&why));
    buf_puts(&call->answer->body, "}\n");
    buf_finish(&why);
    return WEB_SEND;
}

static enum web_action csv(const struct api_call *call)
{
    return quote_csv_answer(call->context->csv, call);
}

static enum web_action quote(const struct api_call *call)
{
    return quote_requests_answer(call->context->waiting, call);
}

static enum web_action details(const struct api_call *call)
{
    return detail_requests_answer(call->context->details, call);
}

static enum web_action events(const struct api_call *call)
{
    return quote_events_answer(call->context->events, call);
}

/* The live page, which has no data of its own. */
static enum web_action page(const struct api_call *call)
{
    const char *path = call->request->path;
    live_page_answer(*path ? path + strlen(PAGE_FOLDER) : path, call->request, call->answer);
    return WEB_SEND;
}

/* Browsers ask for it when they show another path than the page. */
static enum web_action icon(const struct api_call *call)
{
    live_page_answer("icon.svg", call->request, call->answer);
    return WEB_SEND;
}

/* --- the table -------------------------------------------------------------------------------- */

/* The first that matches. */
static const struct api_route routes[] = {
    /* clang-format off */
    {"auth/getToken",       primary,                 true},
    {"auth/*",              primary,                 false},
    {COOKIE_LOGIN_PATH,     cookie_login,            true},
    {"rest/accounts",       accounts,                false},
    {"rest/data/getTrades", history_requests_trades, false},
    {"rest/marketdata/get", quote,                   false},
    {"rest/instruments/details", details,            false},
    {"rest/*",              primary,                 false},
    {"status",              status,                  false},
    {"metrics",             metrics,                 false},
    {"healthz",             healthz,                 false},
    {"readyz",              readyz,                  false},
    {"csv",                 csv,                     false},
    {"events",              events,                  false},
    {"chart",               history_requests_chart,  false},
    {"",                    page,                    true},
    {PAGE_FOLDER "*",       page,                    true},
    {"favicon.ico",         icon,                    true},
    /* clang-format on */
};

static bool matches(const char *pattern, const char *path)
{
    size_t len = strcspn(pattern, "*");
    return pattern[len] ? strncmp(pattern, path, len) == 0 : strcmp(pattern, path) == 0;
}

const struct api_route *api_route_find(const char *path)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (matches(routes[i].path, path))
            return &routes[i];
    }
    return NULL;
}
