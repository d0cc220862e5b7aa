#include "matriz/book_rule.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define BOOK (ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF))

struct slot {
    const char *symbol; /* NULL = free */
    bool has_book;
};

/* Open addressing over the addresses of the symbols; at most half full. */
struct matriz_book_rule {
    struct slot *slots;
    size_t cap, count;
};

struct matriz_book_rule *matriz_book_rule_create(void)
{
    return calloc(1, sizeof(struct matriz_book_rule));
}

void matriz_book_rule_destroy(struct matriz_book_rule *rule)
{
    if (!rule)
        return;
    free(rule->slots);
    free(rule);
}

/* The slot of the symbol, or the free one where it belongs. */
static struct slot *slot_of(const struct matriz_book_rule *rule, const char *symbol)
{
    uint64_t hash = (uint64_t)(uintptr_t)symbol * UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = (size_t)(hash >> 20) % rule->cap;; i = (i + 1) % rule->cap) {
        if (!rule->slots[i].symbol || rule->slots[i].symbol == symbol)
            return &rule->slots[i];
    }
}

static int grow(struct matriz_book_rule *rule)
{
    struct matriz_book_rule bigger = {.cap = rule->cap ? rule->cap * 2 : 64, .count = rule->count};
    bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
    if (!bigger.slots)
        return -ENOMEM;
    for (size_t i = 0; i < rule->cap; i++) {
        if (rule->slots[i].symbol)
            *slot_of(&bigger, rule->slots[i].symbol) = rule->slots[i];
    }
    free(rule->slots);
    *rule = bigger;
    return 0;
}

int matriz_book_rule_begin(struct matriz_book_rule *rule, const char *symbol)
{
    if (2 * rule->count >= rule->cap && grow(rule))
        return -ENOMEM;
    struct slot *slot = slot_of(rule, symbol);
    rule->count += !slot->symbol;
    *slot = (struct slot){symbol, false};
    return 0;
}

void matriz_book_rule_apply(struct matriz_book_rule *rule, const char *symbol, bool book,
                            struct quote_update *update)
{
    struct slot *slot = rule->cap ? slot_of(rule, symbol) : NULL;
    bool known = slot && slot->symbol;
    update->best_only = 0;
    if (book && known)
        slot->has_book = true;
    else if (!book && known && slot->has_book)
        update->entries &= ~BOOK;
    else if (!book)
        update->best_only = update->entries & BOOK;
}
