#include "sink/trade_memory.h"

#include <stdlib.h>

#define FIRST_CAP 256

struct trade_memory_of {
    int64_t instrument_id; /* > 0; 0 = a free slot */
    unsigned added;        /* so far: the ring's next place is added % TRADE_MEMORY_EACH */
    struct trade trades[TRADE_MEMORY_EACH];
};

void trade_memory_finish(struct trade_memory *memory)
{
    free(memory->slots);
    *memory = (struct trade_memory){0};
}

static size_t place_of(const struct trade_memory *memory, int64_t id)
{
    size_t at = ((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (memory->cap - 1);
    while (memory->slots[at].instrument_id && memory->slots[at].instrument_id != id)
        at = (at + 1) & (memory->cap - 1);
    return at;
}

static bool grow(struct trade_memory *memory)
{
    struct trade_memory larger = {.cap = memory->cap ? memory->cap * 2 : FIRST_CAP,
                                  .count = memory->count};
    larger.slots = calloc(larger.cap, sizeof(*larger.slots));
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < memory->cap; i++) {
        if (memory->slots[i].instrument_id)
            larger.slots[place_of(&larger, memory->slots[i].instrument_id)] = memory->slots[i];
    }
    free(memory->slots);
    *memory = larger;
    return true;
}

static bool has(const struct trade_memory_of *of, const struct trade *trade)
{
    for (unsigned i = 0; i < of->added && i < TRADE_MEMORY_EACH; i++) {
        if (trade_same(&of->trades[i], trade))
            return true;
    }
    return false;
}

bool trade_memory_add(struct trade_memory *memory, int64_t instrument_id, const struct trade *trade)
{
    if (memory->count * 2 >= memory->cap && !grow(memory))
        return true;
    struct trade_memory_of *of = &memory->slots[place_of(memory, instrument_id)];
    if (!of->instrument_id) {
        of->instrument_id = instrument_id;
        memory->count++;
    }
    if (has(of, trade))
        return false;
    of->trades[of->added % TRADE_MEMORY_EACH] = *trade;
    of->added++;
    return true;
}
