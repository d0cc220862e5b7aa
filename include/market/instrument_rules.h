/*
 * instrument_rules: which instruments of the broker's list the rules of the configuration select.
 *
 * Pure. Rules of five kinds add instruments: a symbol, a glob over symbols, a segment, a CFI code
 * and a product, the last three as globs too. Three keys take some away again: exclude, currency,
 * and maturities, which leaves the nearest N maturities of each product. They do not take away what
 * is named by its symbol. What has matured is not selected.
 */
#ifndef MARKET_INSTRUMENT_RULES_H
#define MARKET_INSTRUMENT_RULES_H

#include "market/instrument_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rule_kind {
    RULE_SYMBOL,
    RULE_MATCH,
    RULE_SEGMENT,
    RULE_CFI,
    RULE_PRODUCT,
    RULE_EXCLUDE, /* counts what it takes away */
};
#define RULE_KINDS 6

struct rule_texts {
    char *const *item; /* borrowed */
    size_t count;
};

struct instrument_rules {
    struct rule_texts texts[RULE_KINDS];
    int maturities;       /* 0 = all */
    const char *currency; /* borrowed; "" = all. An instrument of unknown currency is kept. */
};

/* Of one rule. */
struct rule_match {
    enum rule_kind kind;
    const char *text; /* borrowed from the rules */
    size_t matched;   /* listed instruments that it matches */
};

struct rule_selection {
    bool *selected; /* owned; by the position in the list */
    size_t selected_count;
    struct rule_match *rules; /* owned; symbols first, sorted, each once; then in order of kinds */
    size_t rules_count, named_count;
    size_t beyond, other_currency, matured; /* taken away by maturities, currency, the date */
};

/* `today`: in Argentina, in days since 1970-01-01. Only listed instruments are considered. 0 or
 * -ENOMEM; then there is nothing to finish. */
int instrument_rules_select(struct rule_selection *out, const struct instrument_rules *rules,
                            const struct instrument_list *list, int64_t today);
void rule_selection_finish(struct rule_selection *selection);

/* Whether some rule needs the list; else only the named symbols are recorded. */
bool instrument_rules_need_list(const struct instrument_rules *rules);

/* The key of a kind in section `instruments`: "match". */
const char *rule_kind_key(enum rule_kind kind);

/* The day it matures, in days since 1970-01-01, by the broker or else by its symbol; INT64_MAX: it
 * does not mature, or that is unknown. */
int64_t instrument_matures(const struct instrument *instrument);
/* The broker gave a date that is over; what a symbol says is not enough to stop recording. */
bool instrument_has_matured(const struct instrument *instrument, int64_t today);

#endif
