/*
 * reference_data: the reference data of all instruments that the broker lists: ticks, steps,
 * multipliers, limits, maturities.
 *
 * Requests rest/instruments/details once a day and on demand, reads the answer in steps between
 * which the loop does other work, and merges it with what was known: a failed or incomplete answer
 * removes nothing. If the broker has no such list, broker/detail_walk asks for the recorded
 * instruments one by one. Reports what changed as events.
 */
#ifndef BROKER_REFERENCE_DATA_H
#define BROKER_REFERENCE_DATA_H

#include "base/err.h"
#include "config/config.h"
#include "market/instrument_list.h"
#include "net/loop.h"

struct reference_data;
struct token_keeper;
struct events;
struct request_budget;

/* What is known of all instruments has changed. `ts_read`: when the broker sent the list, ns UTC;
 * 0: it is not a complete answer. Borrowed: share it to keep it. */
typedef void reference_data_fn(void *arg, struct instrument_list *list, int64_t ts_read);

/* All borrowed. */
struct reference_data_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct events *events;
    struct request_budget *budget;
    struct instrument_list *known; /* a share of it is taken; may be NULL */
    int64_t known_ns;              /* when that list was read completely; 0 = never */
    reference_data_fn *fn;
    /* The symbol of a recorded instrument, "" for one that is not recorded now; NULL: no more. */
    const char *(*symbol)(void *arg, int32_t index);
    void *arg;
};

int reference_data_create(struct reference_data **out, const struct reference_data_parts *parts,
                          struct err *err);
void reference_data_destroy(struct reference_data *data);

void reference_data_wake(struct reference_data *data); /* a token is available again */
/* A session begins soon: today's list, if it was not read yet, is requested without further
 * waiting. */
void reference_data_hurry(struct reference_data *data);
/* Requests the list as soon as the budget allows, if no request is under way. */
void reference_data_refresh(struct reference_data *data);

struct reference_data_state {
    size_t listed;      /* instruments */
    int64_t ts_read;    /* when the broker last sent the whole list; 0 = never */
    int attempts;       /* requests of the list that have ended, well or not */
    const char *failed; /* why the last one failed; "" = it did not. Borrowed */
};
struct reference_data_state reference_data_state(const struct reference_data *data);

#endif
