/*
 * intake: applies what a replica reads to the market and the database, on the loop.
 *
 * Owns the replica with its thread. Changes become the present state, of which the observers are
 * told, or rows of history if a later one is known; trades and events only go into the database,
 * and reference data to whoever keeps them. While much waits to be written, nothing more is taken,
 * so that memory stays bounded and nothing is dropped.
 */
#ifndef REPLICA_INTAKE_H
#define REPLICA_INTAKE_H

#include "net/loop.h"
#include "record/recorder.h"
#include "replica/replica.h"
#include "store/write/store.h"

struct intake;

/* All borrowed; `path` and `source` during the call only. */
struct intake_parts {
    struct loop *loop;
    struct recorder *recorder;
    struct store *store;
    const char *path; /* the database that `store` has opened */
    const struct config_source *source;
    replica_notice_fn *notice;      /* on the replica's thread */
    void (*instruments)(void *arg); /* there are new ones; on the loop */
    /* Reference data of some; gives them to the store. False: out of memory. On the loop. */
    bool (*reference)(void *arg, const struct instrument_list *published);
    void *arg;
};

/* Reading goes on where the database says. Errors of replica_create() and of reader_open(). */
int intake_create(struct intake **out, const struct intake_parts *parts, struct err *err);
void intake_destroy(struct intake *intake);

/* Reads from this source from now on, on where it had got to. On failure it reads nothing. */
int intake_restart(struct intake *intake, const struct config_source *source, struct err *err);

/* Of the replica; all zeros when it reads nothing. */
struct replica_state intake_state(const struct intake *intake);

#endif
