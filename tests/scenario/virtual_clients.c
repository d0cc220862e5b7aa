#include "virtual_clients.h"

#include "api/local_api.h"
#include "market/demand.h"
#include "market/market.h"
#include "place.h"

#include <stdlib.h>
#include <string.h>

#define WANTED_MAX 64

struct local_api {
    struct local_api_parts parts;
};

static struct local_api *running;
static int32_t wanted[WANTED_MAX]; /* instruments that a client is subscribed to */
static int wanted_count, refused;

/* --- instead of api/local_api ----------------------------------------------------------------- */

int local_api_create(struct local_api **out, const struct local_api_parts *parts,
                     const struct config *config, struct err *err)
{
    (void)config;
    (void)err;
    *out = running = calloc(1, sizeof(*running));
    running->parts = *parts;
    wanted_count = 0;
    return 0;
}

void local_api_destroy(struct local_api *api)
{
    if (api == running)
        running = NULL;
    free(api);
}

int local_api_renew(struct local_api *api, struct err *err)
{
    (void)api;
    (void)err;
    return 0;
}

bool local_api_has(const struct local_api *api, const struct config_serve *serve)
{
    (void)api;
    (void)serve;
    return true;
}

void local_api_feed(struct local_api *api, const char *mode, const char *why)
{
    (void)api;
    (void)mode;
    (void)why;
}

void local_api_relisted(struct local_api *api)
{
    (void)api;
}

void local_api_reference(struct local_api *api, struct instrument_list *list)
{
    (void)api;
    (void)list;
}

bool local_api_wants(const struct local_api *api, int32_t instrument)
{
    (void)api;
    for (int i = 0; i < wanted_count; i++) {
        if (wanted[i] == instrument)
            return true;
    }
    return false;
}

static void forget(int32_t instrument)
{
    for (int i = wanted_count - 1; i >= 0; i--) {
        if (wanted[i] == instrument)
            wanted[i] = wanted[--wanted_count];
    }
}

void local_api_tried(struct local_api *api, int32_t instrument, bool has_data)
{
    (void)api;
    if (has_data)
        return;
    refused++;
    forget(instrument);
}

struct local_api_state local_api_state(const struct local_api *api)
{
    (void)api;
    return (struct local_api_state){.address = "virtual"};
}

/* --- clients ---------------------------------------------------------------------------------- */

static int32_t ask(const char *symbol)
{
    if (!running)
        place_fail("the local API does not run: set serve.listen");
    const struct api_demand *demand = &running->parts.demand;
    int64_t now_ms = loop_now(running->parts.loop).mono_ms;
    bool yes = demand_want(demand->demand, symbol, demand->listing(demand->arg, symbol), now_ms) ==
               DEMAND_YES;
    demand_settle(demand->demand, yes);
    return yes ? demand->take_up(demand->arg, symbol) : -1;
}

void clients_want(const char *symbol, bool taken)
{
    int32_t instrument = ask(symbol);
    if ((instrument >= 0) != taken)
        place_fail("'%s' is %s", symbol, taken ? "refused" : "taken up");
    if (instrument >= 0 && wanted_count < WANTED_MAX)
        wanted[wanted_count++] = instrument;
}

void clients_ask(const char *symbol)
{
    if (ask(symbol) < 0)
        place_fail("'%s' is refused", symbol);
}

void clients_leave(const char *symbol)
{
    int32_t instrument = running ? market_find(running->parts.market, "ROFX", symbol) : -1;
    forget(instrument);
}

int clients_refused(void)
{
    return refused;
}
