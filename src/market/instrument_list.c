#include "market/instrument_list.h"

#include "base/arena.h"
#include "base/array.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 64

struct instrument_list {
    atomic_int shares;
    struct arena arena; /* texts and ranges */
    struct instrument *items;
    size_t count, cap;
    int32_t *buckets;     /* indices of items, -1 = free; linear probing, at most half full */
    size_t buckets_count; /* a power of two */
    struct market_segment *segments;
    size_t segments_count, segments_cap;
};

/* --- life ------------------------------------------------------------------------------------- */

struct instrument_list *instrument_list_create(void)
{
    struct instrument_list *list = calloc(1, sizeof(*list));
    if (!list)
        return NULL;
    atomic_init(&list->shares, 1);
    arena_init(&list->arena, 0, 0);
    return list;
}

struct instrument_list *instrument_list_share(struct instrument_list *list)
{
    atomic_fetch_add(&list->shares, 1);
    return list;
}

void instrument_list_release(struct instrument_list *list)
{
    if (!list || atomic_fetch_sub(&list->shares, 1) > 1)
        return;
    arena_finish(&list->arena);
    free(list->items);
    free(list->buckets);
    free(list->segments);
    free(list);
}

/* --- finding ---------------------------------------------------------------------------------- */

/* FNV-1a over the symbol: nearly all instruments are of one market. */
static size_t hash(const char *symbol)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (; *symbol; symbol++)
        h = (h ^ (unsigned char)*symbol) * UINT64_C(1099511628211);
    return (size_t)(h ^ (h >> 32));
}

/* The bucket that has it, or the free one where it belongs. */
static int32_t *bucket_of(const struct instrument_list *list, const char *market_id,
                          const char *symbol)
{
    size_t mask = list->buckets_count - 1, at = hash(symbol) & mask;
    for (; list->buckets[at] >= 0; at = (at + 1) & mask) {
        const struct instrument *i = &list->items[list->buckets[at]];
        if (strcmp(i->symbol, symbol) == 0 && strcmp(i->market_id, market_id) == 0)
            break;
    }
    return &list->buckets[at];
}

static int grow_buckets(struct instrument_list *list)
{
    size_t count = list->buckets_count ? list->buckets_count * 2 : BUCKETS_MIN;
    int32_t *buckets = malloc(count * sizeof(*buckets));
    if (!buckets)
        return -ENOMEM;
    memset(buckets, 0xff, count * sizeof(*buckets));
    free(list->buckets);
    list->buckets = buckets;
    list->buckets_count = count;
    for (size_t i = 0; i < list->count; i++)
        *bucket_of(list, list->items[i].market_id, list->items[i].symbol) = (int32_t)i;
    return 0;
}

size_t instrument_list_count(const struct instrument_list *list)
{
    return list ? list->count : 0;
}

const struct instrument *instrument_list_at(const struct instrument_list *list, size_t at)
{
    return &list->items[at];
}

const struct instrument *instrument_list_find(const struct instrument_list *list,
                                              const char *market_id, const char *symbol)
{
    if (!list || !list->buckets_count)
        return NULL;
    int32_t at = *bucket_of(list, market_id, symbol);
    return at >= 0 ? &list->items[at] : NULL;
}

/* --- copying ---------------------------------------------------------------------------------- */

static const void *copy(struct instrument_list *list, const void *bytes, size_t len_bytes)
{
    void *to = arena_alloc(&list->arena, len_bytes);
    return to ? memcpy(to, bytes, len_bytes) : NULL;
}

/* Most texts, such as the currency, are those of the instrument before: they share the copy. */
static bool copy_text(struct instrument_list *list, const char **text, const char *previous)
{
    if (!*text)
        return true;
    if (previous && strcmp(*text, previous) == 0)
        *text = previous;
    else
        *text = copy(list, *text, strlen(*text) + 1);
    return *text != NULL;
}

static bool copy_all(struct instrument_list *list, struct instrument *i)
{
    const struct instrument *last =
        list->count ? &list->items[list->count - 1] : &instrument_unknown;
    bool same = i->description && strcmp(i->description, i->symbol) == 0;
    if (i->ranges_count)
        i->ranges = copy(list, i->ranges, (size_t)i->ranges_count * sizeof(*i->ranges));
    return (!i->ranges_count || i->ranges) && copy_text(list, &i->symbol, NULL) &&
           copy_text(list, &i->description, same ? i->symbol : NULL) &&
           copy_text(list, &i->market_id, last->market_id) &&
           copy_text(list, &i->segment, last->segment) &&
           copy_text(list, &i->cfi_code, last->cfi_code) &&
           copy_text(list, &i->currency, last->currency) &&
           copy_text(list, &i->maturity, last->maturity) &&
           copy_text(list, &i->settl_type, last->settl_type) &&
           copy_text(list, &i->underlying, last->underlying) &&
           copy_text(list, &i->order_types, last->order_types) &&
           copy_text(list, &i->times_in_force, last->times_in_force);
}

int instrument_list_put(struct instrument_list *list, const struct instrument *instrument)
{
    struct instrument i = *instrument;
    if ((list->count + 1) * 2 > list->buckets_count && grow_buckets(list))
        return -ENOMEM;
    int32_t *bucket = bucket_of(list, i.market_id, i.symbol);
    if (*bucket < 0 && list->count == INSTRUMENT_LIST_MAX)
        return -E2BIG;
    struct instrument *items = array_grow(list->items, &list->cap, list->count + 1, sizeof(*items));
    if (!items)
        return -ENOMEM;
    list->items = items;
    if (!copy_all(list, &i))
        return -ENOMEM;
    if (*bucket < 0)
        *bucket = (int32_t)list->count++;
    items[*bucket] = i;
    return 0;
}

/* --- segments --------------------------------------------------------------------------------- */

size_t instrument_list_segments(const struct instrument_list *list)
{
    return list ? list->segments_count : 0;
}

const struct market_segment *instrument_list_segment(const struct instrument_list *list, size_t at)
{
    return &list->segments[at];
}

static struct market_segment *find_segment(const struct instrument_list *list,
                                           const char *market_id, const char *id)
{
    for (size_t i = 0; i < instrument_list_segments(list); i++) {
        struct market_segment *s = &list->segments[i];
        if (strcmp(s->id, id) == 0 && strcmp(s->market_id, market_id) == 0)
            return s;
    }
    return NULL;
}

const struct market_segment *instrument_list_find_segment(const struct instrument_list *list,
                                                          const char *market_id, const char *id)
{
    return find_segment(list, market_id, id);
}

int instrument_list_put_segment(struct instrument_list *list, const struct market_segment *segment)
{
    struct market_segment s = *segment;
    struct market_segment *present = find_segment(list, s.market_id, s.id);
    if (present) {
        present->listed = s.listed;
        present->ts_listed = s.ts_listed;
        return 0;
    }
    if (list->segments_count == SEGMENTS_MAX)
        return -E2BIG;
    struct market_segment *grown =
        array_grow(list->segments, &list->segments_cap, list->segments_count + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    list->segments = grown;
    if (!copy_text(list, &s.market_id, NULL) || !copy_text(list, &s.id, NULL))
        return -ENOMEM;
    grown[list->segments_count++] = s;
    return 0;
}
