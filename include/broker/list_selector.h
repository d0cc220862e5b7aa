/*
 * list_selector: makes the selections of broker/catalog on another thread, one at a time, and saves
 * the broker's list there.
 *
 * Owns the selection that is in effect, and a share of the reference data. Each selection begins
 * with those that are current when its turn comes.
 */
#ifndef BROKER_LIST_SELECTOR_H
#define BROKER_LIST_SELECTOR_H

#include "broker/list_work.h"

struct list_selector;

/* Each result, from the loop; borrowed. */
typedef void list_selector_fn(void *arg, struct list_work *work);

/* All borrowed. */
struct list_selector_parts {
    struct loop *loop;
    const struct config *config;
    struct instrument_list *known; /* a share of it is taken; may be NULL */
    bool known_usable;             /* it has the list of this broker */
    list_selector_fn *fn;
    void *arg;
};

struct list_selector *list_selector_create(const struct list_selector_parts *parts); /* or NULL */
void list_selector_destroy(struct list_selector *selector);

/* Of what is there: the copy of the list on disk, the reference data, or the symbols that are
 * named. `again`: the reference data have changed. All three: -ENOMEM or 0. */
int list_selector_select(struct list_selector *selector, bool again);
/* Of the broker's answer; takes `body`. `doubted`: the last one lacked too many instruments. */
int list_selector_received(struct list_selector *selector, struct buf *body, bool doubted);
/* Saves the list as the copy on disk, before any later selection reads it. Takes `body`. */
int list_selector_save(struct list_selector *selector, struct buf *body);

void list_selector_known(struct list_selector *selector, struct instrument_list *known);
bool list_selector_knows(const struct list_selector *selector); /* a usable list of this broker */

/* From inside of `fn`: the symbols of this result are in effect from now on. */
void list_selector_accept(struct list_selector *selector, struct list_work *work);
/* What is in effect, sorted; NULL: no selection was accepted yet. */
const struct config_strings *list_selector_selected(const struct list_selector *selector);

#endif
