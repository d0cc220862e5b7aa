/*
 * demand: the products that clients of the local API want and the configuration does not list.
 *
 * Pure. Decides which of them are recorded: at most so many as the configuration allows, for as
 * long as a client wants them and DEMAND_GRACE_MS longer, so that a client that connects again
 * changes nothing. A product that the broker's list does not confirm is on trial until the broker
 * has answered for it, DEMAND_TRIALS of them at a time; one that the broker refuses is remembered
 * for the day and not requested again. Who wants a product is not counted here: whoever knows the
 * clients calls demand_wanted() for each wanted product, at least every DEMAND_LOOK_MS.
 */
#ifndef MARKET_DEMAND_H
#define MARKET_DEMAND_H

#include <stdbool.h>
#include <stdint.h>

#define DEMAND_GRACE_MS 60000
#define DEMAND_LOOK_MS  5000
#define DEMAND_TRIALS   8
#define DEMAND_REFUSED_MAX                                                                         \
    1000 /* names remembered for a day; then none is tried that is unknown                         \
          */

struct demand;

enum demand_stage {
    DEMAND_WAITS,    /* for one of the trials */
    DEMAND_ON_TRIAL, /* to be recorded; the broker has not answered for it */
    DEMAND_PROVED,   /* recorded */
};

struct demand_item {
    char *symbol;
    enum demand_stage stage;
    bool known;         /* the broker's list has it */
    bool configured;    /* the configuration lists it too: it does not count */
    int32_t instrument; /* the caller's number; -1 = none yet */
    int64_t wanted_ms;  /* when a client last wanted it */
    int64_t order;      /* later ones have a higher one */
};

enum demand_end {
    DEMAND_UNWANTED, /* for DEMAND_GRACE_MS, or less when there are more than allowed */
    DEMAND_REPLACED, /* nobody wanted it, and its place was needed */
    DEMAND_REFUSED,  /* by the broker */
};
/* Called when an item ends, from within the calls below; it is valid until it returns. */
typedef void demand_ended_fn(void *arg, const struct demand_item *item, enum demand_end why);

struct demand *demand_create(demand_ended_fn *ended, void *arg); /* NULL: no memory */
void demand_destroy(struct demand *demand);                      /* ends no item */

/* How many products, at most. Fewer than there are: they leave when nobody wants them. */
void demand_set_max(struct demand *demand, int max);

/* --- clients ---------------------------------------------------------------------------------- */

enum demand_answer {
    DEMAND_YES,
    DEMAND_OFF,     /* none is allowed */
    DEMAND_FULL,    /* as many as allowed are wanted already */
    DEMAND_UNKNOWN, /* the broker refused it today, or does not list it */
};
/* What the broker's list of instruments says of a product. */
enum demand_listing { DEMAND_LISTED, DEMAND_UNLISTED, DEMAND_NO_LIST };
/*
 * A client wants a product that the configuration does not list. Follow one or more of these calls
 * with demand_settle().
 */
enum demand_answer demand_want(struct demand *demand, const char *symbol,
                               enum demand_listing listing, int64_t now_ms);
/* Ends a message of a client: !keep: the items that its calls of demand_want() began are undone. */
void demand_settle(struct demand *demand, bool keep);
/* A client wants the item now. */
void demand_wanted(struct demand *demand, int32_t at, int64_t now_ms);

/* --- items ------------------------------------------------------------------------------------ */

/* Items 0..count-1 in the order of symbols; numbers are valid until one begins or ends. */
int32_t demand_count(const struct demand *demand);
const struct demand_item *demand_item(const struct demand *demand, int32_t at);
int32_t demand_find(const struct demand *demand, const char *symbol); /* -1 */

void demand_bind(struct demand *demand, int32_t at, int32_t instrument);
void demand_configured(struct demand *demand, int32_t at, bool configured);

/* True: it was bound and has waited, and is on trial now, so that it is to be recorded. */
bool demand_try(struct demand *demand, int32_t at);
void demand_proved(struct demand *demand, int32_t at);  /* its first data have arrived */
void demand_refused(struct demand *demand, int32_t at); /* by the broker: it ends */
/* Ends what nobody has wanted for long enough. Returns how many. */
int demand_expire(struct demand *demand, int64_t now_ms);
/* A new day, or another configuration: refused ones may be tried again. */
void demand_forgive(struct demand *demand);

struct demand_counts {
    int max;
    int32_t taken;         /* items that are not configured */
    int32_t waiting;       /* of these: the broker has not answered for them */
    int64_t full, unknown; /* refusals so far, of demand_want() and by the broker */
    bool is_full;          /* the last refusal was because of `max`, and no place is free since */
};
struct demand_counts demand_counts(const struct demand *demand);

#endif
