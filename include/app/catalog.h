/*
 * catalog: which instruments to record: those named, and those of the broker's list that match.
 *
 * The list (rest/instruments/all) may be asked for once a day (protocol section 11), so it is kept
 * in the state directory: a restart on the same ART day reads the copy. While the broker does not
 * give it, an older copy serves. Without globs in the configuration the list is never asked for.
 */
#ifndef APP_CATALOG_H
#define APP_CATALOG_H

#include "app/config.h"
#include "base/err.h"
#include "net/loop.h"

struct catalog;
struct keeper;
struct events;

/* Always from the loop, each time the selection differs from the last one told; borrowed. */
typedef void catalog_fn(void *arg, const struct config_strings *symbols);

int catalog_create(struct catalog **out, struct loop *loop, const struct config *config,
                   struct keeper *keeper, struct events *events, catalog_fn *fn, void *arg,
                   struct err *err);
void catalog_destroy(struct catalog *catalog);

void catalog_wake(struct catalog *catalog); /* the keeper has a token again */

#endif
