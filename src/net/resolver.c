#include "net/resolver.h"

#include "net/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FRESH_MS     INT64_C(60000)
#define SOFT_MS      INT64_C(120000)
#define OLD_MS       (24 * 3600 * INT64_C(1000))
#define PATIENCE_MS  INT64_C(1000)  /* for a new look-up, when old addresses are known */
#define RETRY_MS     INT64_C(10000) /* after a failure, when old addresses are known */
#define HUNG_MS      INT64_C(15000) /* then one more thread is started for the same name */
#define PER_NAME_MAX 3              /* threads */
#define NAMES_MAX    16             /* kept */
#define TOO_MANY     "too many name look-ups are still running"

/* In the list of its name, or in that of tell() while it calls them. */
struct resolver_wait {
    struct resolver_wait *next, **at;
    resolver_fn *fn;
    void *arg;
};

struct name {
    struct resolver *resolver;
    struct name *next;
    char host[RESOLVER_HOST_BYTES];
    char *addresses;          /* NULL = none known */
    int64_t known_ms;         /* when they were found */
    int64_t failed_ms;        /* when the last look-up failed; -1 = it did not */
    int64_t started_ms;       /* when the newest look-up started */
    int threads;              /* looking this name up */
    struct loop_timer *timer; /* when it fires, the waits get what is known */
    struct resolver_wait *waits;
    char why[LOOKUP_WORDS];
};

struct resolver {
    struct loop *loop;
    struct lookups *lookups;
    struct name *names; /* most recently used first */
};

/* --- delivering results ----------------------------------------------------------------------- */

static void link_wait(struct resolver_wait **list, struct resolver_wait *wait)
{
    wait->next = *list;
    wait->at = list;
    if (wait->next)
        wait->next->at = &wait->next;
    *list = wait;
}

static void unlink_wait(struct resolver_wait *wait)
{
    *wait->at = wait->next;
    if (wait->next)
        wait->next->at = wait->at;
}

/* Calls the current waits. Those added by a callback stay for the next result. */
static void tell(struct name *name, const char *addresses, const char *why)
{
    struct resolver_wait *list = name->waits;
    name->waits = NULL;
    if (list)
        list->at = &list;
    loop_timer_stop(name->timer);
    while (list) {
        struct resolver_wait *wait = list;
        unlink_wait(wait);
        wait->fn(wait->arg, addresses, why);
        free(wait);
    }
}

/* Passes copies, because a look-up started by a callback may change them. */
static void tell_what_is_known(struct name *name)
{
    char why[LOOKUP_WORDS];
    char *addresses = name->addresses ? strdup(name->addresses) : NULL;
    snprintf(why, sizeof(why), "%s", name->why);
    tell(name, addresses, why);
    free(addresses);
}

static void on_timer(void *arg)
{
    struct name *name = arg;
    if (name->addresses || name->threads == 0)
        tell_what_is_known(name);
}

/* --- look-ups --------------------------------------------------------------------------------- */

static struct name *find(struct resolver *r, const char *host)
{
    struct name **at = &r->names;
    while (*at && strcasecmp((*at)->host, host) != 0)
        at = &(*at)->next;
    struct name *name = *at;
    if (name) {
        *at = name->next;
        name->next = r->names;
        r->names = name;
    }
    return name;
}

static void on_result(void *arg, const char *host, char *addresses, const char *why)
{
    struct resolver *r = arg;
    struct name *name = find(r, host);
    int64_t now_ms = loop_now(r->loop).mono_ms;
    if (!name) { /* removed while the look-up was running */
        free(addresses);
        return;
    }
    name->threads--;
    name->failed_ms = addresses ? -1 : now_ms;
    if (addresses) {
        free(name->addresses);
        name->addresses = addresses;
        name->known_ms = now_ms;
    } else {
        snprintf(name->why, sizeof(name->why), "%s", why);
    }
    if (addresses || name->threads == 0)
        tell_what_is_known(name);
}

/* True: a look-up of this name is running. */
static bool look_up(struct name *name, int64_t now_ms)
{
    if (name->threads && now_ms - name->started_ms < HUNG_MS)
        return true;
    if (name->threads >= PER_NAME_MAX)
        return true;
    if (lookups_start(name->resolver->lookups, name->host) == 0) {
        name->threads++;
        name->started_ms = now_ms;
    } else {
        snprintf(name->why, sizeof(name->why), TOO_MANY);
    }
    return name->threads > 0;
}

/* --- names ------------------------------------------------------------------------------------ */

static void destroy_name(struct name *name)
{
    loop_timer_destroy(name->timer);
    free(name->addresses);
    free(name);
}

/* Removes the least recently used name that has no waits and no look-up. */
static void forget_one(struct resolver *r)
{
    struct name **oldest = NULL;
    int count = 0;
    for (struct name **at = &r->names; *at; at = &(*at)->next, count++) {
        if (!(*at)->waits && !(*at)->threads)
            oldest = at;
    }
    if (count < NAMES_MAX || !oldest)
        return;
    struct name *name = *oldest;
    *oldest = name->next;
    destroy_name(name);
}

static struct name *add_name(struct resolver *r, const char *host)
{
    forget_one(r);
    struct name *name = calloc(1, sizeof(*name));
    if (!name)
        return NULL;
    name->timer = loop_timer_create(r->loop, on_timer, name);
    if (!name->timer) {
        free(name);
        return NULL;
    }
    name->resolver = r;
    name->failed_ms = -1;
    snprintf(name->host, sizeof(name->host), "%s", host);
    name->next = r->names;
    r->names = name;
    return name;
}

/* --- asking ----------------------------------------------------------------------------------- */

enum resolver_use resolver_use(int64_t age_ms, int64_t looking_ms, int64_t failed_ms)
{
    if (age_ms < FRESH_MS)
        return RESOLVER_USE;
    if (age_ms >= OLD_MS)
        return RESOLVER_FORGET;
    if (failed_ms >= 0 && failed_ms < RETRY_MS)
        return RESOLVER_USE;
    return age_ms < SOFT_MS || looking_ms >= PATIENCE_MS ? RESOLVER_REFRESH : RESOLVER_PREFER;
}

static enum resolver_use use_of(const struct name *name, int64_t now_ms)
{
    int64_t looking_ms = name->threads ? now_ms - name->started_ms : -1;
    int64_t failed_ms = name->failed_ms < 0 ? -1 : now_ms - name->failed_ms;
    return name->addresses ? resolver_use(now_ms - name->known_ms, looking_ms, failed_ms)
                           : RESOLVER_FORGET;
}

static struct resolver_wait *add_wait(struct name *name, resolver_fn *fn, void *arg)
{
    struct resolver_wait *wait = malloc(sizeof(*wait));
    if (!wait)
        return NULL;
    *wait = (struct resolver_wait){.fn = fn, .arg = arg};
    link_wait(&name->waits, wait);
    return wait;
}

static void forget_addresses(struct name *name)
{
    free(name->addresses);
    name->addresses = NULL;
}

const char *resolver_ask(struct resolver *r, const char *host, struct resolver_wait **wait,
                         resolver_fn *fn, void *arg)
{
    int64_t now_ms = loop_now(r->loop).mono_ms;
    struct name *name = find(r, host);
    *wait = NULL;
    if (!name && !(name = add_name(r, host)))
        return NULL;
    enum resolver_use use = use_of(name, now_ms);
    bool running = use == RESOLVER_USE || look_up(name, now_ms);
    if (use == RESOLVER_USE || use == RESOLVER_REFRESH)
        return name->addresses;
    if (use == RESOLVER_FORGET)
        forget_addresses(name);
    *wait = add_wait(name, fn, arg);
    if (*wait && !running)
        loop_timer_set(name->timer, 0);
    else if (*wait && use == RESOLVER_PREFER)
        loop_timer_set(name->timer, PATIENCE_MS);
    return NULL;
}

void resolver_cancel(struct resolver_wait *wait)
{
    if (!wait)
        return;
    unlink_wait(wait);
    free(wait);
}

/* --- create and destroy ----------------------------------------------------------------------- */

static void destroy(void *arg)
{
    struct resolver *r = arg;
    lookups_destroy(r->lookups);
    while (r->names) {
        struct name *name = r->names;
        r->names = name->next;
        destroy_name(name);
    }
    free(r);
}

static void *create(struct loop *loop)
{
    struct resolver *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->loop = loop;
    r->lookups = lookups_create(loop, RESOLVER_THREADS_MAX, on_result, r);
    if (!r->lookups) {
        free(r);
        return NULL;
    }
    return r;
}

struct resolver *resolver_of(struct loop *loop)
{
    return loop_shared(loop, create, destroy);
}
