/*
 * fake_ws: replaces net/ws at link time. The test is the server: it calls the handler of the last
 * connection, and reads what was sent.
 */
#ifndef UNIT_FEED_FAKE_WS_H
#define UNIT_FEED_FAKE_WS_H

#include "net/ws.h"
#include "support/t.h"

#include <stdlib.h>

struct ws {
    struct ws_handler handler;
};

static struct {
    struct ws *ws; /* the last connection; NULL = none */
    int made, destroyed;
    struct ws_config config;
    char sent[4096]; /* all messages of the last connection, each followed by a line end */
    char sent_by_others[4096];
    struct loop *stop_at_send;
} fake_ws;

int ws_create(struct ws **out, struct loop *loop, const struct ws_config *config,
              const struct ws_handler *handler, struct err *err)
{
    (void)loop;
    (void)err;
    *out = calloc(1, sizeof(**out));
    (*out)->handler = *handler;
    fake_ws.ws = *out;
    fake_ws.made++;
    fake_ws.config = *config;
    return 0;
}

void ws_destroy(struct ws *ws)
{
    if (!ws)
        return;
    if (fake_ws.ws == ws)
        fake_ws.ws = NULL;
    fake_ws.destroyed++;
    free(ws);
}

int ws_send(struct ws *ws, const char *text, size_t len_bytes)
{
    char *sent = ws == fake_ws.ws ? fake_ws.sent : fake_ws.sent_by_others;
    size_t used = strlen(sent);
    snprintf(sent + used, sizeof(fake_ws.sent) - used, "%.*s\n", (int)len_bytes, text);
    if (fake_ws.stop_at_send)
        loop_stop(fake_ws.stop_at_send);
    return 0;
}

void ws_pause(struct ws *ws, int64_t pause_ms)
{
    (void)ws;
    (void)pause_ms;
}

struct ws_stats ws_stats(const struct ws *ws)
{
    (void)ws;
    return (struct ws_stats){.round_trip_ms = -1};
}

struct now ws_received(const struct ws *ws)
{
    (void)ws;
    return clock_now();
}

static inline void fake_ws_open(void)
{
    fake_ws.ws->handler.opened(fake_ws.ws->handler.arg);
}

static inline void fake_ws_text_of(struct ws *ws, const char *text)
{
    ws->handler.text(ws->handler.arg, text, strlen(text));
}

static inline void fake_ws_text(const char *text)
{
    fake_ws_text_of(fake_ws.ws, text);
}

#endif
