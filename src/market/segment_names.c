#include "market/segment_names.h"

#include "base/near.h"

#include <stdio.h>
#include <strings.h>

static const char *const usual[] = {"DDF",    "DDA",     "DUAL",  "MERV",   "MAE",     "MATBA",
                                    "MVR",    "MVC",     "MVM",   "TEST",   "U-DDF",   "U-DDA",
                                    "U-DUAL", "U-DDF-S", "U-FIN", "U-COMM", "U-STOCK", "TIVA",
                                    "AVS",    "PTPExt",  "RFXI",  "UFEX"};
#define USUAL (sizeof(usual) / sizeof(usual[0]))

/* The names that were looked at. */
struct search {
    const char *wanted;
    bool any, found;
    const char *near; /* the most similar one; NULL = none is similar */
    int distance;     /* of it */
};

static struct search search_for(const char *segment)
{
    return (struct search){.wanted = segment, .distance = near_limit(segment) + 1};
}

static void look_at(struct search *search, const char *name)
{
    int distance = near_distance(search->wanted, name);
    search->any = true;
    search->found |= strcasecmp(name, search->wanted) == 0;
    if (distance >= search->distance)
        return;
    search->near = name;
    search->distance = distance;
}

/* Of two equally similar names, the one that has instruments comes first. */
static struct search search_list(const struct instrument_list *list, const char *segment)
{
    struct search search = search_for(segment);
    const char *last = "";
    for (size_t i = 0; i < instrument_list_count(list); i++) {
        const char *name = instrument_list_at(list, i)->segment;
        if (!name || !*name || strcasecmp(name, last) == 0)
            continue;
        look_at(&search, name);
        last = name;
    }
    for (size_t i = 0; i < instrument_list_segments(list); i++)
        look_at(&search, instrument_list_segment(list, i)->id);
    return search;
}

static struct search search_usual(const char *segment)
{
    struct search search = search_for(segment);
    for (size_t i = 0; i < USUAL; i++)
        look_at(&search, usual[i]);
    return search;
}

const char *segment_doubt(char out[SEGMENT_DOUBT_BYTES], const struct instrument_list *list,
                          const char *segment)
{
    struct search listed = search_list(list, segment);
    struct search search = listed.any ? listed : search_usual(segment);
    if (search.found || (!listed.any && !search.near))
        return NULL;
    snprintf(out, SEGMENT_DOUBT_BYTES, "segment \"%s\": %s%s%s%s", segment,
             listed.any ? "no instrument of the broker's list is of this segment, so its hours are "
                          "not used"
                        : "no segment of this name is known",
             search.near ? "; did you mean " : "", search.near ? search.near : "",
             search.near ? "?" : "");
    return out;
}
