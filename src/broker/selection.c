#include "broker/selection.h"

#include "base/clock.h"
#include "base/glob.h"
#include "market/symbol_near.h"
#include "primary/reference.h"
#include "primary/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNFOUND_MAX 20 /* symbols and globs for which similar symbols are searched */
#define WORDS_BYTES 640

/* --- lists of texts --------------------------------------------------------------------------- */

static void strings_finish(struct config_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        free(strings->item[i]);
    free(strings->item);
    *strings = (struct config_strings){0};
}

/* The capacity is a power of two, so that reallocations are rare. */
static int strings_add(struct config_strings *strings, const char *text)
{
    size_t count = strings->count;
    if ((count & (count - 1)) == 0) {
        char **item = realloc(strings->item, (count ? count * 2 : 1) * sizeof(*item));
        if (!item)
            return -ENOMEM;
        strings->item = item;
    }
    strings->item[count] = strdup(text);
    if (!strings->item[count])
        return -ENOMEM;
    strings->count++;
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_unique(struct config_strings *strings)
{
    size_t kept = 0;
    if (strings->count)
        qsort(strings->item, strings->count, sizeof(*strings->item), by_text);
    for (size_t i = 0; i < strings->count; i++) {
        if (kept && strcmp(strings->item[kept - 1], strings->item[i]) == 0)
            free(strings->item[i]);
        else
            strings->item[kept++] = strings->item[i];
    }
    strings->count = kept;
}

static bool has(const struct config_strings *sorted, char *text)
{
    return sorted->count && bsearch(&text, sorted->item, sorted->count, sizeof(text), by_text);
}

/* --- reading ---------------------------------------------------------------------------------- */

struct reading {
    struct selection *selection;
    int rc; /* the first error */
};

/* Instruments beyond the limit of a list are ignored, like unusable ones. */
static void take_item(void *arg, const struct reference_item *item)
{
    struct reading *reading = arg;
    struct selection *s = reading->selection;
    struct instrument one = instrument_unknown;
    one.market_id = item->market_id;
    one.symbol = item->symbol;
    one.cfi_code = *item->cfi_code ? item->cfi_code : NULL;
    one.listed = true;
    const struct instrument *known =
        instrument_list_find(s->input.known, item->market_id, item->symbol);
    if (known)
        instrument_fill(&one, known);
    int rc = instrument_list_put(s->list, &one);
    if (rc == -E2BIG)
        s->unusable++;
    else if (rc)
        reading->rc = rc;
}

static int add_selected(struct selection *s)
{
    for (size_t i = 0; i < instrument_list_count(s->list); i++) {
        if (s->rules.selected[i] &&
            strings_add(&s->symbols, instrument_list_at(s->list, i)->symbol))
            return -ENOMEM;
    }
    return 0;
}

static bool has_matured(const struct selection *s, const char *symbol)
{
    const struct instrument *one =
        instrument_list_find(s->input.known, REQUEST_MARKET_ROFX, symbol);
    return one && instrument_has_matured(one, s->input.today);
}

/* Those that the list does not have too: the broker may accept a symbol that it does not list. */
static int add_named(struct selection *s)
{
    const struct rule_texts *named = &s->input.config->rules.texts[RULE_SYMBOL];
    for (size_t i = 0; i < named->count; i++) {
        if (!has_matured(s, named->item[i]) && strings_add(&s->symbols, named->item[i]))
            return -ENOMEM;
    }
    sort_unique(&s->symbols);
    return 0;
}

static int apply_rules(struct selection *s)
{
    int rc = instrument_rules_select(&s->rules, &s->input.config->rules, s->list, s->input.today);
    for (size_t i = 0; i < instrument_list_count(s->list); i++)
        s->listed += instrument_list_at(s->list, i)->listed;
    s->found = s->rules.selected_count;
    if (rc == 0)
        rc = add_selected(s);
    return rc ? rc : add_named(s);
}

static enum reply_class out_of_memory(struct err *why)
{
    err_set(why, -ENOMEM, "out of memory");
    return REPLY_OTHER;
}

enum reply_class selection_read(struct selection *out, const struct selection_input *input,
                                struct json_parser *parser, const struct reply *reply,
                                struct err *why)
{
    struct reading reading = {.selection = out};
    int skipped = 0;
    *out = (struct selection){.input = *input, .list = instrument_list_create()};
    if (!out->list)
        return out_of_memory(why);
    enum reply_class class =
        reference_list(parser, reply, &(struct reference_sink){take_item, &reading}, &skipped, why);
    out->unusable += skipped;
    if (class == REPLY_OK && instrument_list_count(out->list) == 0) {
        err_set(why, -EBADMSG, "the list is empty");
        class = REPLY_MALFORMED;
    }
    if (class == REPLY_OK && (reading.rc || apply_rules(out)))
        class = out_of_memory(why);
    if (class != REPLY_OK)
        selection_finish(out);
    return class;
}

int selection_known(struct selection *out, const struct selection_input *input)
{
    *out = (struct selection){.input = *input};
    if (input->known)
        out->list = instrument_list_share(input->known);
    int rc = apply_rules(out);
    if (rc == 0 && out->listed == 0)
        rc = -ENOENT;
    if (rc)
        selection_finish(out);
    return rc;
}

int selection_named(struct selection *out, const struct selection_input *input)
{
    *out = (struct selection){.input = *input};
    int rc = add_named(out);
    if (rc)
        selection_finish(out);
    return rc;
}

void selection_forget_list(struct selection *s)
{
    rule_selection_finish(&s->rules);
    instrument_list_release(s->list);
    s->list = NULL;
}

void selection_finish(struct selection *s)
{
    strings_finish(&s->symbols);
    selection_forget_list(s);
    *s = (struct selection){0};
}

bool selection_is_listed(const struct selection *s, const char *symbol)
{
    for (size_t k = 0; k < s->rules.rules_count; k++) {
        const struct rule_match *rule = &s->rules.rules[k];
        if (rule->kind == RULE_SYMBOL && strcmp(rule->text, symbol) == 0)
            return rule->matched > 0;
    }
    return true;
}

/* --- compared with the previous selection ----------------------------------------------------- */

size_t selection_lost(const struct config_strings *before, const struct config_strings *now)
{
    size_t lost = 0;
    for (size_t i = 0; i < before->count; i++)
        lost += !has(now, before->item[i]);
    return lost;
}

static bool is_gone(const struct selection *s, const char *symbol)
{
    const struct instrument *one = instrument_list_find(s->list, REQUEST_MARKET_ROFX, symbol);
    return !one || !one->listed;
}

size_t selection_gone(const struct selection *s, const struct config_strings *before)
{
    size_t gone = 0;
    for (size_t i = 0; i < before->count; i++)
        gone += !has(&s->symbols, before->item[i]) && is_gone(s, before->item[i]);
    return gone;
}

bool selection_is_cut(size_t gone, size_t before)
{
    return gone * 10 > before;
}

int selection_keep(struct selection *s, const struct config_strings *before)
{
    for (size_t i = 0; i < before->count; i++) {
        if (is_gone(s, before->item[i]) && strings_add(&s->symbols, before->item[i]))
            return -ENOMEM;
    }
    sort_unique(&s->symbols);
    return 0;
}

/* --- rules that match nothing ----------------------------------------------------------------- */

struct unfound {
    const struct rule_match *rule;
    struct symbol_near near;
};

static const char *value_of(const struct instrument *one, enum rule_kind kind)
{
    return kind == RULE_SEGMENT ? one->segment : kind == RULE_CFI ? one->cfi_code : one->symbol;
}

/* Of segments and codes: whether that of any instrument is known. */
static bool is_known(const struct selection *s, enum rule_kind kind)
{
    if (kind != RULE_SEGMENT && kind != RULE_CFI)
        return true;
    for (size_t i = 0; i < instrument_list_count(s->list); i++) {
        if (value_of(instrument_list_at(s->list, i), kind))
            return true;
    }
    return false;
}

static bool is_unfound(const struct selection *s, const struct rule_match *rule)
{
    return rule->matched == 0 && rule->kind != RULE_EXCLUDE && is_known(s, rule->kind);
}

static size_t collect_unfound(struct unfound *out, const struct selection *s)
{
    size_t count = 0;
    for (size_t k = 0; k < s->rules.rules_count && count < UNFOUND_MAX; k++) {
        if (!is_unfound(s, &s->rules.rules[k]))
            continue;
        out[count].rule = &s->rules.rules[k];
        symbol_near_init(&out[count++].near, s->rules.rules[k].text);
    }
    return count;
}

/* Many instruments have the same segment or code. */
static bool is_offered(const struct symbol_near *near, const char *text)
{
    for (int i = 0; i < near->count; i++) {
        if (strcmp(near->match[i].symbol, text) == 0)
            return true;
    }
    return false;
}

static void offer(struct unfound *unfound, const char *text)
{
    if (text && !is_offered(&unfound->near, text))
        symbol_near_offer(&unfound->near, text);
}

static void find_near(struct unfound *unfound, const struct selection *s)
{
    for (size_t i = 0; i < instrument_list_count(s->list); i++) {
        const struct instrument *one = instrument_list_at(s->list, i);
        if (one->listed)
            offer(unfound, value_of(one, unfound->rule->kind));
    }
}

/* A segment that the broker lists, and that has no instruments for this account. */
static bool is_empty_segment(const struct selection *s, const struct rule_match *rule)
{
    for (size_t i = 0; i < instrument_list_segments(s->input.known); i++) {
        const struct market_segment *segment = instrument_list_segment(s->input.known, i);
        if (rule->kind == RULE_SEGMENT && segment->listed && glob_one(rule->text, segment->id))
            return true;
    }
    return false;
}

static void put_words(char out[WORDS_BYTES], const struct unfound *unfound, bool empty_segment)
{
    const struct symbol_near *near = &unfound->near;
    const struct rule_match *rule = unfound->rule;
    const char *what = empty_segment ? "matches a segment of the broker that lists no instruments"
                       : rule->kind == RULE_SYMBOL ? "is not in the broker's list"
                                                   : "matches nothing in the broker's list";
    int len = snprintf(out, WORDS_BYTES, "instruments.%s: '%s' %s", rule_kind_key(rule->kind),
                       rule->text, what);
    for (int i = 0; i < near->count && len < WORDS_BYTES; i++)
        len += snprintf(out + len, WORDS_BYTES - (size_t)len, "%s'%s'",
                        i ? ", " : "; did you mean ", near->match[i].symbol);
    if (near->count && len < WORDS_BYTES)
        snprintf(out + len, WORDS_BYTES - (size_t)len, "?");
}

void selection_unfound(const struct selection *s, selection_fn *fn, void *arg)
{
    struct unfound *unfound = calloc(UNFOUND_MAX, sizeof(*unfound));
    size_t count = unfound ? collect_unfound(unfound, s) : 0;
    for (size_t k = 0; k < count; k++) {
        char words[WORDS_BYTES];
        bool empty_segment = is_empty_segment(s, unfound[k].rule);
        if (!empty_segment)
            find_near(&unfound[k], s);
        put_words(words, &unfound[k], empty_segment);
        fn(arg, unfound[k].rule->text, words);
    }
    free(unfound);
}

/* --- what has matured ------------------------------------------------------------------------- */

static void tell_matured(const struct selection *s, const struct instrument *one, selection_fn *fn,
                         void *arg)
{
    char words[WORDS_BYTES], text[CLOCK_TEXT];
    int64_t day = instrument_matures(one);
    if (day >= s->input.today)
        return;
    snprintf(words, sizeof(words), "matured on %s and is not recorded any more",
             clock_day_text(text, day));
    fn(arg, one->symbol, words);
}

void selection_matured(const struct selection *s, const struct config_strings *before,
                       selection_fn *fn, void *arg)
{
    const struct instrument_list *list = s->list ? s->list : s->input.known;
    for (size_t i = 0; i < instrument_list_count(list); i++) {
        const struct instrument *one = instrument_list_at(list, i);
        char *symbol = (char *)one->symbol;
        if (has(before, symbol) && !has(&s->symbols, symbol))
            tell_matured(s, one, fn, arg);
    }
}
