/*
 * context: what the handlers of the local API (api/routes) may use. Borrowed by all of them.
 */
#ifndef API_CONTEXT_H
#define API_CONTEXT_H

#include "api/local_api.h"
#include "net/loop.h"
#include "serve/access.h"
#include "serve/http_connection.h"
#include "serve/primary_api.h"
#include "serve/source.h"
#include "serve/web.h"

struct history_reader;
struct api_metrics;
struct quote_csv;
struct quote_events;
struct quote_list;
struct quote_requests;
struct detail_requests;

struct api_context {
    struct loop *loop;
    const struct market *market;
    const struct source_table *sources;
    const struct market_source *source; /* the market in the terms of the broker's API */
    const struct access_rules *rules;
    struct api_auth auth;
    struct history_reader *history;
    struct quote_requests *waiting;
    struct detail_requests *details;
    struct quote_list *list;
    struct quote_csv *csv;
    struct quote_events *events;
    struct api_metrics *metrics;
    const struct local_api *api;
    struct api_service service;
};

/* A request to be answered: now, by filling in `answer`, or later by http_connection_defer(). */
struct api_call {
    const struct api_context *context;
    struct http_connection *connection;
    const struct web_request *request;
    struct web_answer *answer;
};

#endif
