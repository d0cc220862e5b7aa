#include "serve/source.h"

#include <string.h>

uint32_t source_entry(const struct market_source *source, const char *name, size_t len_bytes)
{
    int entry = entry_from_name(name, len_bytes);
    if (entry >= 0)
        return ENTRY_BIT(entry);
    return source->takes_tc && len_bytes == 2 && memcmp(name, "TC", 2) == 0 ? ENCODE_TC : 0;
}

bool source_offers(const struct market_source *source, int32_t index)
{
    return !source->offered || source->offered(source->self, index);
}

bool source_ready(const struct market_source *source, int32_t index)
{
    const struct source_demand *demand = source->demand;
    return !demand || demand->ready(demand->self, index);
}

int32_t source_obtain(const struct market_source *source, const char *market_id, const char *symbol)
{
    const struct source_demand *demand = source->demand;
    int32_t index = source->find(source->self, market_id, symbol);
    if (index >= 0 || !demand)
        return index;
    bool wanted = demand->want(demand->self, market_id, symbol);
    demand->settle(demand->self, wanted);
    return wanted ? demand->take_up(demand->self, market_id, symbol) : -1;
}
