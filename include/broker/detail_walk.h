/*
 * detail_walk: the reference data of the recorded instruments, one request each
 * (rest/instruments/detail), from brokers that do not answer the request for the whole list.
 *
 * Within the request budget: ten at once, then one a minute. An instrument that the broker does not
 * answer for is left out. Owns its HTTP client.
 */
#ifndef BROKER_DETAIL_WALK_H
#define BROKER_DETAIL_WALK_H

#include "base/err.h"
#include "config/config.h"
#include "market/instrument.h"
#include "net/loop.h"

struct detail_walk;
struct token_keeper;
struct events;
struct request_budget;

/* All borrowed. */
struct detail_walk_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct events *events;
    struct request_budget *budget;
    /* As in reference_data_parts. */
    const char *(*symbol)(void *arg, int32_t index);
    /* Each one that was read; borrowed until it returns. */
    void (*read)(void *arg, const struct instrument *instrument);
    void (*ended)(void *arg); /* from the loop */
    void *arg;
};

int detail_walk_create(struct detail_walk **out, const struct detail_walk_parts *parts,
                       struct err *err);
void detail_walk_destroy(struct detail_walk *walk);

void detail_walk_start(struct detail_walk *walk); /* from the first instrument on */
void detail_walk_wake(struct detail_walk *walk);  /* a token is available again */

#endif
