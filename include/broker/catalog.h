/*
 * catalog: which instruments to record: those that the rules of section `instruments` select from
 * the broker's list (broker/selection).
 *
 * The list (rest/instruments/all) may be requested once a day (protocol section 11), so it is
 * cached in state_dir: a restart on the same ART day reads the copy. While the broker does not
 * return it, an older copy is used. If the configuration only names symbols, the list is not
 * requested. A new selection is made when the list or the reference data change.
 */
#ifndef BROKER_CATALOG_H
#define BROKER_CATALOG_H

#include "base/err.h"
#include "config/config.h"
#include "net/loop.h"

struct catalog;
struct token_keeper;
struct events;
struct request_budget;
struct instrument_list;

/* Called from the loop, each time the selection differs from the previous one; borrowed. */
typedef void catalog_fn(void *arg, const struct config_strings *symbols);

/* All borrowed. */
struct catalog_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct events *events;
    struct request_budget *budget;
    struct instrument_list *known; /* reference data; a share of it is taken; may be NULL */
    bool known_usable; /* `known` has the list of this broker: selected from without another list */
    catalog_fn *fn;
    void *arg;
};

int catalog_create(struct catalog **out, const struct catalog_parts *parts, struct err *err);
void catalog_destroy(struct catalog *catalog);

void catalog_wake(struct catalog *catalog); /* a token is available again */
/* A session begins soon: today's list, if it was not read yet, is requested without further
 * waiting. */
void catalog_hurry(struct catalog *catalog);
/* Other reference data: with it the rules may select other instruments. A share of it is taken. */
void catalog_known(struct catalog *catalog, struct instrument_list *known);
/* Why the broker's list could not be read, for messages; "" if that has not happened. */
const char *catalog_trouble(const struct catalog *catalog);

#endif
