#include "market/symbol_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void symbol_set_finish(struct symbol_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        free(set->item[i]);
    free(set->item);
    *set = (struct symbol_set){0};
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool symbol_set_has(const struct symbol_set *set, const char *symbol)
{
    return set->count && bsearch(&symbol, set->item, set->count, sizeof(*set->item), by_text);
}

static int append(struct symbol_set *set, const char *symbol)
{
    if (set->count == set->cap) {
        size_t cap = set->cap ? set->cap * 2 : 16;
        char **item = realloc(set->item, cap * sizeof(*item));
        if (!item)
            return -ENOMEM;
        set->item = item;
        set->cap = cap;
    }
    set->item[set->count] = strdup(symbol);
    if (!set->item[set->count])
        return -ENOMEM;
    set->count++;
    return 0;
}

int symbol_set_add(struct symbol_set *set, const char *symbol)
{
    if (symbol_set_has(set, symbol))
        return 0;
    int rc = append(set, symbol);
    if (rc)
        return rc;
    char *added = set->item[set->count - 1];
    size_t at = set->count - 1;
    for (; at > 0 && strcmp(set->item[at - 1], added) > 0; at--)
        set->item[at] = set->item[at - 1];
    set->item[at] = added;
    return 0;
}
