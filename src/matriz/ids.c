#include "matriz/ids.h"

#include "base/arena.h"
#include "base/array.h"
#include "base/text_map.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYMA_MARKET "MERV - XMEV - "
#define BYMA_DASH   " - "
#define BYMA_ID     "bm_MERV_"
#define ROFEX_ID    "rx_"
#define KEEP_BYTES  ((size_t)64 * 1024)
#define MAX_BYTES   ((size_t)64 * 1024 * 1024) /* of strings: a million instruments */
#define SHARED      0 /* the value of a key that several have; others are an index + 1 */

struct matriz_ids {
    struct arena strings;
    struct matriz_instrument *items;
    size_t count, cap;
    const char **listed; /* the ids of the terminal's list */
    size_t listed_count, listed_cap;
    struct text_map by_id, by_symbol; /* to items */
    struct text_map listed_ids;       /* to listed */
    struct text_map listed_symbols;   /* "DLR_JUN26" of "rx_DDF_DLR_JUN26", to listed */
};

struct matriz_ids *matriz_ids_create(void)
{
    struct matriz_ids *ids = calloc(1, sizeof(*ids));
    if (ids)
        arena_init(&ids->strings, KEEP_BYTES, MAX_BYTES);
    return ids;
}

void matriz_ids_destroy(struct matriz_ids *ids)
{
    if (!ids)
        return;
    text_map_finish(&ids->by_id);
    text_map_finish(&ids->by_symbol);
    text_map_finish(&ids->listed_ids);
    text_map_finish(&ids->listed_symbols);
    arena_finish(&ids->strings);
    free(ids->items);
    free(ids->listed);
    free(ids);
}

static const char *keep(struct matriz_ids *ids, const char *text, size_t len_bytes)
{
    char *copy = arena_alloc(&ids->strings, len_bytes + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, len_bytes);
    copy[len_bytes] = '\0';
    return copy;
}

/* The item of that key; NULL: none, or shared. */
static int32_t index_of(const struct text_map *map, const char *key, size_t len_bytes)
{
    int32_t value = text_map_find(map, key, len_bytes);
    return value == SHARED || value == TEXT_MAP_NONE ? -1 : value - 1;
}

/* --- the terminal's list ---------------------------------------------------------------------- */

/* What follows the segment: "DLR_JUN26"; NULL if the id is not of Matba Rofex. */
static const char *symbol_part(const char *id)
{
    if (strncmp(id, ROFEX_ID, strlen(ROFEX_ID)) != 0)
        return NULL;
    const char *end = strchr(id + strlen(ROFEX_ID), '_');
    return end && end[1] ? end + 1 : NULL;
}

/* Two segments can have the same symbol: then it is shared. */
static int list_symbol(struct matriz_ids *ids, const char *part, int32_t value)
{
    size_t len = strlen(part);
    bool known = text_map_find(&ids->listed_symbols, part, len) != TEXT_MAP_NONE;
    return text_map_put(&ids->listed_symbols, part, len, known ? SHARED : value);
}

static int learn_one(struct matriz_ids *ids, const char *id)
{
    size_t len = strlen(id);
    if (text_map_find(&ids->listed_ids, id, len) != TEXT_MAP_NONE)
        return 0;
    const char **longer =
        array_grow(ids->listed, &ids->listed_cap, ids->listed_count + 1, sizeof(*ids->listed));
    if (!longer)
        return -ENOMEM;
    ids->listed = longer;
    const char *copy = keep(ids, id, len);
    if (!copy)
        return -ENOMEM;
    ids->listed[ids->listed_count++] = copy;
    int32_t value = (int32_t)ids->listed_count;
    const char *part = symbol_part(copy);
    if (text_map_put(&ids->listed_ids, copy, len, value))
        return -ENOMEM;
    return part ? list_symbol(ids, part, value) : 0;
}

int matriz_ids_learn(struct matriz_ids *ids, struct json_parser *parser, const char *body,
                     size_t len_bytes, struct err *err)
{
    const struct json *root = json_parse(parser, body, len_bytes, err);
    const struct json *list = json_get(root, "securities");
    if (!root)
        return -EBADMSG;
    if (json_type(list) != JSON_ARRAY)
        return err_set(err, -EBADMSG, "securities is %s",
                       json_type(list) == JSON_ABSENT ? "missing" : "not a list");
    for (const struct json *item = json_first(list); item; item = json_next(item)) {
        const char *id = json_string(json_get(item, "id"));
        if (id && *id && strlen(id) <= MATRIZ_ID_BYTES_MAX && learn_one(ids, id))
            return err_set(err, -ENOMEM, "out of memory");
    }
    return (int)ids->listed_count;
}

/* --- the rule --------------------------------------------------------------------------------- */

struct id_text {
    char text[MATRIZ_ID_BYTES_MAX + 1];
    bool fits;
};

static struct id_text form(const char *prefix, const char *segment, const char *symbol)
{
    struct id_text id;
    int len = snprintf(id.text, sizeof(id.text), "%s%s%s%s", prefix, segment, *segment ? "_" : "",
                       symbol);
    id.fits = len > 0 && (size_t)len < sizeof(id.text);
    for (char *c = id.text; *c; c++) {
        if (*c == '/')
            *c = '_';
    }
    return id;
}

/* The id of a symbol of BYMA: the parts after the market, with '_' for " - ". */
static struct id_text form_byma(const char *symbol, int *parts)
{
    struct id_text id = {.fits = true};
    char *out = stpcpy(id.text, BYMA_ID);
    const char *end = id.text + MATRIZ_ID_BYTES_MAX;
    *parts = 1;
    for (const char *c = symbol + strlen(BYMA_MARKET); *c; c++) {
        if (out == end)
            return (struct id_text){.fits = false};
        if (strncmp(c, BYMA_DASH, strlen(BYMA_DASH)) == 0) {
            c += strlen(BYMA_DASH) - 1;
            *out++ = '_';
            ++*parts;
        } else {
            *out++ = *c;
        }
    }
    *out = '\0';
    return id;
}

static const char *listed(const struct matriz_ids *ids, const char *id)
{
    int32_t i = index_of(&ids->listed_ids, id, strlen(id));
    return i < 0 ? NULL : ids->listed[i];
}

/* Only ticker and term give an id by rule; another form must be in the terminal's list. */
static struct id_text id_of_byma(const struct matriz_ids *ids, const char *symbol)
{
    int parts;
    struct id_text id = form_byma(symbol, &parts);
    if (id.fits && parts != 2)
        id.fits = listed(ids, id.text) != NULL;
    return id;
}

/* The listed id of that symbol in any segment; NULL: none, or several. */
static const char *listed_anywhere(const struct matriz_ids *ids, const struct id_text *symbol)
{
    int32_t i =
        symbol->fits ? index_of(&ids->listed_symbols, symbol->text, strlen(symbol->text)) : -1;
    return i < 0 ? NULL : ids->listed[i];
}

/* "DLR_JUN26_JUL26M" is listed as "DLR_JUN26_JUL26_M". */
static struct id_text twin_of(const struct id_text *symbol)
{
    struct id_text twin = *symbol;
    size_t len = strlen(symbol->text);
    twin.fits =
        symbol->fits && len > 1 && len < MATRIZ_ID_BYTES_MAX && symbol->text[len - 1] == 'M';
    if (twin.fits)
        memcpy(twin.text + len - 1, "_M", 3);
    return twin;
}

static struct id_text id_of_rofex(const struct matriz_ids *ids, const char *symbol,
                                  const char *segment)
{
    struct id_text id = form(ROFEX_ID, *segment ? segment : MATRIZ_SEGMENT, symbol);
    if (id.fits && listed(ids, id.text))
        return id;
    struct id_text part = form("", "", symbol), twin = twin_of(&part);
    const char *found = listed_anywhere(ids, &part);
    if (!found)
        found = listed_anywhere(ids, &twin);
    if (found)
        snprintf(id.text, sizeof(id.text), "%s", found);
    return id;
}

static struct id_text id_of(const struct matriz_ids *ids, const char *symbol, const char *segment)
{
    if (strncmp(symbol, BYMA_MARKET, strlen(BYMA_MARKET)) == 0)
        return id_of_byma(ids, symbol);
    return id_of_rofex(ids, symbol, segment);
}

/* --- instruments ------------------------------------------------------------------------------ */

#define KEY_BYTES (2 * MATRIZ_ID_BYTES_MAX + 2)

/* "ROFX" and "DLR/JUN26" as one key; 0: too long. */
static size_t symbol_key(char out[KEY_BYTES], const char *market_id, const char *symbol)
{
    int len = snprintf(out, KEY_BYTES, "%s\t%s", market_id, symbol);
    return len > 0 && len < KEY_BYTES ? (size_t)len : 0;
}

static int add_item(struct matriz_ids *ids, const struct matriz_instrument *item, const char *key,
                    size_t key_bytes)
{
    struct matriz_instrument *longer =
        array_grow(ids->items, &ids->cap, ids->count + 1, sizeof(*ids->items));
    if (!longer)
        return -ENOMEM;
    ids->items = longer;
    const struct matriz_instrument copy = {keep(ids, item->market_id, strlen(item->market_id)),
                                           keep(ids, item->symbol, strlen(item->symbol)),
                                           keep(ids, item->id, strlen(item->id))};
    const char *key_copy = keep(ids, key, key_bytes);
    int32_t value = (int32_t)ids->count + 1;
    if (!copy.market_id || !copy.symbol || !copy.id || !key_copy ||
        text_map_put(&ids->by_symbol, key_copy, key_bytes, value) ||
        text_map_put(&ids->by_id, copy.id, strlen(copy.id), value))
        return -ENOMEM;
    ids->items[ids->count++] = copy;
    return 0;
}

/* The key exists, so that nothing is allocated. */
static int share(struct matriz_ids *ids, const char *id, const char *symbol, struct err *err)
{
    int32_t other = index_of(&ids->by_id, id, strlen(id));
    text_map_put(&ids->by_id, id, strlen(id), SHARED);
    return err_set(err, -EEXIST, "%s and %s have the same id at the terminal, %s", symbol,
                   other < 0 ? "other symbols" : ids->items[other].symbol, id);
}

int matriz_ids_add(struct matriz_ids *ids, const char *market_id, const char *symbol,
                   const char *segment, struct err *err)
{
    char key[KEY_BYTES];
    size_t key_bytes = symbol_key(key, market_id, symbol);
    struct id_text id = id_of(ids, symbol, segment);
    if (!*symbol || !key_bytes || !id.fits)
        return err_set(err, -EINVAL, "no id of the terminal can be formed of %.*s",
                       MATRIZ_ID_BYTES_MAX, symbol);
    if (text_map_find(&ids->by_symbol, key, key_bytes) != TEXT_MAP_NONE)
        return 0;
    if (text_map_find(&ids->by_id, id.text, strlen(id.text)) != TEXT_MAP_NONE)
        return share(ids, id.text, symbol, err);
    if (add_item(ids, &(struct matriz_instrument){market_id, symbol, id.text}, key, key_bytes))
        return err_set(err, -ENOMEM, "out of memory");
    return 0;
}

const char *matriz_ids_of(const struct matriz_ids *ids, const char *market_id, const char *symbol)
{
    char key[KEY_BYTES];
    size_t key_bytes = symbol_key(key, market_id, symbol);
    int32_t i = key_bytes ? index_of(&ids->by_symbol, key, key_bytes) : -1;
    if (i < 0 || !matriz_ids_find(ids, ids->items[i].id, strlen(ids->items[i].id)))
        return NULL;
    return ids->items[i].id;
}

const struct matriz_instrument *matriz_ids_find(const struct matriz_ids *ids, const char *id,
                                                size_t id_bytes)
{
    int32_t i = index_of(&ids->by_id, id, id_bytes);
    return i < 0 ? NULL : &ids->items[i];
}
