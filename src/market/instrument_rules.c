#include "market/instrument_rules.h"

#include "base/clock.h"
#include "base/glob.h"
#include "market/symbol_order.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PRODUCT_BYTES INSTRUMENT_TEXT_BYTES

const char *rule_kind_key(enum rule_kind kind)
{
    static const char *const keys[RULE_KINDS] = {
        [RULE_SYMBOL] = "symbols", [RULE_MATCH] = "match",      [RULE_SEGMENT] = "segments",
        [RULE_CFI] = "cfi",        [RULE_PRODUCT] = "products", [RULE_EXCLUDE] = "exclude",
    };
    return keys[kind];
}

bool instrument_rules_need_list(const struct instrument_rules *rules)
{
    return rules->texts[RULE_MATCH].count || rules->texts[RULE_SEGMENT].count ||
           rules->texts[RULE_CFI].count || rules->texts[RULE_PRODUCT].count;
}

/* --- one instrument --------------------------------------------------------------------------- */

static const char *known(const char *text)
{
    return text ? text : "";
}

static char *product_of(char out[PRODUCT_BYTES], const char *symbol)
{
    struct symbol_parts parts = symbol_parts(symbol);
    snprintf(out, PRODUCT_BYTES, "%.*s", (int)parts.ticker_bytes, parts.ticker);
    return out;
}

static bool matches(enum rule_kind kind, const char *text, const struct instrument *instrument)
{
    char product[PRODUCT_BYTES];
    switch (kind) {
    case RULE_SYMBOL: /* see is_named */
        return false;
    case RULE_MATCH:
    case RULE_EXCLUDE:
        return glob_one(text, instrument->symbol);
    case RULE_SEGMENT:
        return instrument->segment && glob_one(text, instrument->segment);
    case RULE_CFI:
        return instrument->cfi_code && glob_one(text, instrument->cfi_code);
    case RULE_PRODUCT:
        return glob_one(text, product_of(product, instrument->symbol));
    }
    return false;
}

/* Of a symbol such as DLR/DIC26: the last day of that month, because the broker's list knows no
 * date. */
static int64_t end_of_month(int months)
{
    char text[CLOCK_TEXT];
    int32_t day = 0;
    int next = months + 1;
    snprintf(text, sizeof(text), "%04d-%02d-01", next / 12 % 10000, next % 12 + 1);
    return clock_parse_day(text, &day) ? day - 1 : INT64_MAX;
}

static bool read_date(const char *date, int32_t *day)
{
    char text[CLOCK_TEXT];
    if (strlen(date) != 8)
        return false;
    snprintf(text, sizeof(text), "%.4s-%.2s-%.2s", date, date + 4, date + 6);
    return clock_parse_day(text, day);
}

bool instrument_has_matured(const struct instrument *instrument, int64_t today)
{
    int32_t day;
    return read_date(known(instrument->maturity), &day) && day < today;
}

int64_t instrument_matures(const struct instrument *instrument)
{
    int32_t day;
    if (read_date(known(instrument->maturity), &day))
        return day;
    struct symbol_parts parts = symbol_parts(instrument->symbol);
    return parts.maturity > 12 * 1970 ? end_of_month(parts.maturity) : INT64_MAX;
}

/* --- which rules match ------------------------------------------------------------------------ */

/* What the rules say of each instrument. */
enum { ADDED = 1, NAMED = 2, EXCLUDED = 4 };

static int by_rule_text(const void *a, const void *b)
{
    const struct rule_match *x = a, *y = b;
    return strcmp(x->text, y->text);
}

/* The rule that names it, or NULL. */
static struct rule_match *named(const struct rule_selection *s, const char *symbol)
{
    const struct rule_match wanted = {RULE_SYMBOL, symbol, 0};
    return bsearch(&wanted, s->rules, s->named_count, sizeof(wanted), by_rule_text);
}

static unsigned apply(struct rule_selection *s, const struct instrument *instrument)
{
    struct rule_match *name = named(s, instrument->symbol);
    unsigned said = name ? NAMED : 0;
    if (name)
        name->matched++;
    for (size_t k = s->named_count; k < s->rules_count; k++) {
        struct rule_match *rule = &s->rules[k];
        if (!matches(rule->kind, rule->text, instrument))
            continue;
        rule->matched++;
        said |= rule->kind == RULE_EXCLUDE ? EXCLUDED : ADDED;
    }
    return said;
}

static bool decide(struct rule_selection *s, const struct instrument_rules *rules,
                   const struct instrument *instrument, int64_t today)
{
    unsigned said = apply(s, instrument);
    bool matured = said & NAMED ? instrument_has_matured(instrument, today)
                                : said & ADDED && instrument_matures(instrument) < today;
    s->matured += matured;
    if (said & NAMED)
        return !matured;
    if (!(said & ADDED) || said & EXCLUDED || matured)
        return false;
    const char *currency = known(instrument->currency);
    if (*rules->currency && *currency && strcasecmp(currency, rules->currency) != 0) {
        s->other_currency++;
        return false;
    }
    return true;
}

/* --- the nearest maturities of each product --------------------------------------------------- */

struct maturity {
    char product[PRODUCT_BYTES];
    int64_t day;
    size_t at; /* in the list */
};

static int by_product_and_day(const void *a, const void *b)
{
    const struct maturity *x = a, *y = b;
    int order = strcasecmp(x->product, y->product);
    return order ? order : (x->day > y->day) - (x->day < y->day);
}

static size_t collect(struct maturity *out, const struct rule_selection *s,
                      const struct instrument_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < instrument_list_count(list); i++) {
        const struct instrument *instrument = instrument_list_at(list, i);
        int64_t day = s->selected[i] ? instrument_matures(instrument) : INT64_MAX;
        if (day == INT64_MAX || named(s, instrument->symbol))
            continue;
        product_of(out[count].product, instrument->symbol);
        out[count].day = day;
        out[count++].at = i;
    }
    return count;
}

static int keep_nearest(struct rule_selection *s, const struct instrument_rules *rules,
                        const struct instrument_list *list)
{
    struct maturity *all = calloc(s->selected_count + 1, sizeof(*all));
    if (!all)
        return -ENOMEM;
    size_t count = collect(all, s, list);
    int nth = 0; /* the how manieth maturity of its product */
    qsort(all, count, sizeof(*all), by_product_and_day);
    for (size_t k = 0; k < count; k++) {
        bool same = k && strcasecmp(all[k - 1].product, all[k].product) == 0;
        nth = same ? nth + (all[k - 1].day != all[k].day) : 1;
        if (nth <= rules->maturities)
            continue;
        s->selected[all[k].at] = false;
        s->selected_count--;
        s->beyond++;
    }
    free(all);
    return 0;
}

/* --- all instruments -------------------------------------------------------------------------- */

/* So that a symbol is found quickly among thousands; each once. */
static void sort_names(struct rule_selection *s)
{
    qsort(s->rules, s->rules_count, sizeof(*s->rules), by_rule_text);
    for (size_t k = 0; k < s->rules_count; k++) {
        if (!k || strcmp(s->rules[k].text, s->rules[s->named_count - 1].text) != 0)
            s->rules[s->named_count++] = s->rules[k];
    }
    s->rules_count = s->named_count;
}

static int begin(struct rule_selection *s, const struct instrument_rules *rules, size_t listed)
{
    size_t count = 0;
    *s = (struct rule_selection){0};
    for (int kind = 0; kind < RULE_KINDS; kind++)
        count += rules->texts[kind].count;
    s->selected = calloc(listed + 1, sizeof(*s->selected));
    s->rules = calloc(count + 1, sizeof(*s->rules));
    if (!s->selected || !s->rules)
        return -ENOMEM;
    for (int kind = 0; kind < RULE_KINDS; kind++) {
        for (size_t i = 0; i < rules->texts[kind].count; i++)
            s->rules[s->rules_count++] =
                (struct rule_match){(enum rule_kind)kind, rules->texts[kind].item[i], 0};
        if (kind == RULE_SYMBOL)
            sort_names(s);
    }
    return 0;
}

int instrument_rules_select(struct rule_selection *out, const struct instrument_rules *rules,
                            const struct instrument_list *list, int64_t today)
{
    size_t listed = instrument_list_count(list);
    int rc = begin(out, rules, listed);
    for (size_t i = 0; rc == 0 && i < listed; i++) {
        const struct instrument *instrument = instrument_list_at(list, i);
        out->selected[i] = instrument->listed && decide(out, rules, instrument, today);
        out->selected_count += out->selected[i];
    }
    if (rc == 0 && rules->maturities)
        rc = keep_nearest(out, rules, list);
    if (rc)
        rule_selection_finish(out);
    return rc;
}

void rule_selection_finish(struct rule_selection *selection)
{
    free(selection->selected);
    free(selection->rules);
    *selection = (struct rule_selection){0};
}
