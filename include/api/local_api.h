/*
 * local_api: the quotes that are being recorded, for programs and browsers, in the broker's own
 * dialect: any client of the Primary API works by changing the host.
 *
 * Owns the server and its clients; an observer of the recorder. It never asks the broker and shows
 * no credential of it. Without serve.token everyone who can connect may read.
 */
#ifndef API_LOCAL_API_H
#define API_LOCAL_API_H

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "market/demand.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct instrument_list;
struct local_api;
struct market;
struct observers;
struct source_table;

/* What only the whole service knows; called in the handlers of requests. */
struct api_service {
    void *arg;
    void (*status)(void *arg, struct buf *out);  /* its state, as one JSON document */
    void (*metrics)(void *arg, struct buf *out); /* of it, as the text of Prometheus */
    void (*feed)(void *arg, struct buf *out);    /* the state of the feed, as a JSON object */
    bool (*ready)(void *arg, struct buf *why); /* whether its data are current; why not, as text */
};

/* How products that are not recorded are taken up for clients. */
struct api_demand {
    struct demand *demand;                                         /* NULL: they are refused */
    enum demand_listing (*listing)(void *arg, const char *symbol); /* for demand_want() */
    /* A product that demand_want() and demand_settle() have accepted is to be recorded: its index
     * in the market, or -1 without memory. Its data arrive later: see local_api_tried(). */
    int32_t (*take_up)(void *arg, const char *symbol);
    void *arg;
};

/* All borrowed until local_api_destroy(). */
struct local_api_parts {
    struct loop *loop;
    const struct market *market;
    const struct source_table *sources;
    struct observers *observers;
    struct api_demand demand;   /* copied */
    struct api_service service; /* copied */
};

/* Listens as `config->serve` says, of which it keeps a copy. -EADDRINUSE and others. */
int local_api_create(struct local_api **out, const struct local_api_parts *parts,
                     const struct config *config, struct err *err);
void local_api_destroy(struct local_api *api); /* closes the WebSockets with 1012: restart */

/* Makes its Unix socket again if the file was removed; clients that are connected stay. 0: it was
 * there; 1: made again; negative: it cannot be made. */
int local_api_renew(struct local_api *api, struct err *err);

/* Whether it runs with exactly these settings. */
bool local_api_has(const struct local_api *api, const struct config_serve *serve);
/* The state of the feed, which clients that ask for extras get when it changes. */
void local_api_feed(struct local_api *api, const char *mode, const char *why);
/* Other instruments are recorded from now on. */
void local_api_relisted(struct local_api *api);
/* What is known of all instruments; takes a share. NULL: nothing. */
void local_api_reference(struct local_api *api, struct instrument_list *list);
/* Whether a client waits for the data of this instrument, or is subscribed to it. */
bool local_api_wants(const struct local_api *api, int32_t instrument);
/* The first data of an instrument that was taken up have arrived; or the broker refuses it. */
void local_api_tried(struct local_api *api, int32_t instrument, bool has_data);

#define LOCAL_API_ADDRESS 160
struct local_api_state {
    char address[LOCAL_API_ADDRESS]; /* "http://127.0.0.1:8787/", "unix:/run/cinta/cinta.sock" */
    int connections, websockets, event_streams; /* open now */
    int64_t products;                           /* subscribed now, of all clients */
    int64_t requests, frames, refused; /* so far; refused: connections, as there were too many */
    int64_t events;                    /* quotes sent as Server-Sent Events */
};
struct local_api_state local_api_state(const struct local_api *api);

#endif
