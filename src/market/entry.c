#include "market/entry.h"

#include <string.h>

static const char *const names[ENTRY_COUNT] = {
    [ENTRY_BI] = "BI", [ENTRY_OF] = "OF", [ENTRY_LA] = "LA", [ENTRY_OP] = "OP",   [ENTRY_CL] = "CL",
    [ENTRY_SE] = "SE", [ENTRY_HI] = "HI", [ENTRY_LO] = "LO", [ENTRY_TV] = "TV",   [ENTRY_OI] = "OI",
    [ENTRY_EV] = "EV", [ENTRY_NV] = "NV", [ENTRY_IV] = "IV", [ENTRY_ACP] = "ACP",
};

const char *entry_name(enum entry entry)
{
    return names[entry];
}

int entry_from_name(const char *name, size_t len_bytes)
{
    for (int e = 0; len_bytes && e < ENTRY_COUNT; e++) {
        /* The first byte rejects nearly all others: this runs for every key of every message. */
        if (names[e][0] == name[0] && strlen(names[e]) == len_bytes &&
            memcmp(names[e], name, len_bytes) == 0)
            return e;
    }
    return -1;
}

char *entry_list_text(char *out, uint32_t entries)
{
    char *end = out;
    for (int e = 0; e < ENTRY_COUNT; e++) {
        if (!(entries & ENTRY_BIT(e)))
            continue;
        if (end > out)
            *end++ = ',';
        end = stpcpy(end, names[e]);
    }
    *end = '\0';
    return out;
}
