/*
 * checkup: one run of the diagnosis: its steps so far, and what the next ones need of them.
 *
 * For the modules of this room only. doctor creates it and calls the other modules in their order.
 */
#ifndef DOCTOR_CHECKUP_H
#define DOCTOR_CHECKUP_H

#include "base/buf.h"
#include "base/json.h"
#include "base/secret.h"
#include "broker/selection.h"
#include "broker/token_cache.h"
#include "config/config.h"
#include "doctor/doctor.h"
#include "market/request_budget.h"
#include "net/http.h"
#include "net/link.h"
#include "net/loop.h"
#include "net/place.h"

#define CHECKUP_STEPS       64
#define CHECKUP_TIMEOUT_MS  10000 /* of a request, and of DNS, TCP and TLS each, at most */
#define CHECKUP_LIST_MS     30000
#define CHECKUP_SYMBOLS_MAX 2

struct checkup {
    const struct doctor_parts *parts;
    struct step steps[CHECKUP_STEPS];
    int steps_count;

    struct config *config;  /* NULL: it cannot be used */
    struct secret password; /* "" = none */
    struct doctor_service service;

    struct loop *loop;
    struct link link;
    struct place place; /* of broker.url */
    struct json_parser *parser;
    struct request_budget budget;
    struct cached_token token;  /* "" = none */
    bool other_streams;         /* another recorder has the lease */
    struct cached_token shared; /* that of the recorder that has the lease; "" = none */
    bool fresh;                 /* it is from a login of this run */
    bool clock_told;

    struct buf list; /* the broker's list of instruments, or today's copy; empty = none */
    bool list_fresh;
    struct selection selection;
    bool selected;                           /* the selection is filled */
    const char *symbol[CHECKUP_SYMBOLS_MAX]; /* borrowed from it; NULL = none */
    bool quoted;                             /* REST has data of the first of them */
};

/* Masks the texts of the step, keeps it and reports it. */
void checkup_add(struct checkup *checkup, const struct step *step);
void checkup_skip(struct checkup *checkup, enum step_id id, const char *why);
/* Whether the last step with this id failed. */
bool checkup_failed(const struct checkup *checkup, enum step_id id);

/* Whether it was run and is good. */
bool checkup_passed(const struct checkup *checkup, enum step_id id);
/* Whether stream.dialects contains this one. */
bool checkup_has_dialect(const struct checkup *checkup, const char *dialect);
/* Whether data of this symbol are expected now, by the hours of its segment. */
bool checkup_market_open(const struct checkup *checkup, const char *symbol);
/* The class of the last failure; OK if there is none. */
enum doctor_class checkup_class(const struct checkup *checkup);

/* Waits until the budget allows a request of this kind, and uses it. */
void checkup_take_turn(struct checkup *checkup, enum budget_kind kind);
/* The configured time-out, but at most `most_ms`. */
int64_t checkup_timeout_ms(const struct checkup *checkup, int64_t most_ms);

/* --- the parts of the diagnosis, in this order ------------------------------------------------ */

/* Configuration, password, files, database, disk, service. False: the broker cannot or must not be
 * asked. */
bool local_steps(struct checkup *checkup);
/* The servers of the sink or of a replica's source, if there are any. */
bool checkup_is_replica(const struct checkup *checkup); /* it asks no broker */
void nats_steps(struct checkup *checkup);
/* The lease, if there is one. */
void lease_steps(struct checkup *checkup);
/* Proxy, DNS, TCP, TLS. False: the broker cannot be reached. */
bool transport_steps(struct checkup *checkup);
/* Login, clock, segments, instruments, a quote. False: there is no valid token. */
bool rest_steps(struct checkup *checkup);
/* A control: whether REST still accepts the token. */
void rest_control(struct checkup *checkup);
/* WebSocket: handshake, subscription, pong, and the controls after a failure. */
void stream_steps(struct checkup *checkup);
/* The browser terminal's stream, if it is configured: login, handshake, data. */
void matriz_steps(struct checkup *checkup);
/* After a failure: whether the broker's browser terminal answers, if its address is known. */
void terminal_steps(struct checkup *checkup);

#endif
