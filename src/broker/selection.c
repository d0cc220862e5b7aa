#include "broker/selection.h"

#include "market/symbol_near.h"
#include "primary/reference.h"

#include <errno.h>
#include <fnmatch.h>
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
    bool no_memory;
};

/* Whether this listed instrument is selected; notes by which symbols and globs. */
static bool consider(struct selection *s, const char *symbol)
{
    bool wanted = false;
    for (size_t i = 0; i < s->config->symbols.count; i++) {
        if (strcmp(s->config->symbols.item[i], symbol) == 0)
            s->present[i] = wanted = true;
    }
    for (size_t i = 0; i < s->config->match.count; i++) {
        if (fnmatch(s->config->match.item[i], symbol, FNM_CASEFOLD) == 0) {
            s->matching[i]++;
            wanted = true;
        }
    }
    return wanted;
}

static void take_item(void *arg, const struct reference_item *item)
{
    struct reading *reading = arg;
    struct selection *s = reading->selection;
    s->listed++;
    if (!consider(s, item->symbol))
        return;
    s->found++;
    if (strings_add(&s->symbols, item->symbol))
        reading->no_memory = true;
}

static int init(struct selection *s, const struct config *config)
{
    *s = (struct selection){.config = config};
    s->present = calloc(config->symbols.count + 1, sizeof(*s->present));
    s->matching = calloc(config->match.count + 1, sizeof(*s->matching));
    if (s->present && s->matching)
        return 0;
    selection_finish(s);
    return -ENOMEM;
}

static int add_named(struct selection *s)
{
    for (size_t i = 0; i < s->config->symbols.count; i++) {
        if (strings_add(&s->symbols, s->config->symbols.item[i]))
            return -ENOMEM;
    }
    sort_unique(&s->symbols);
    return 0;
}

static enum reply_class out_of_memory(struct err *why)
{
    err_set(why, -ENOMEM, "out of memory");
    return REPLY_OTHER;
}

enum reply_class selection_read(struct selection *out, const struct config *config,
                                struct json_parser *parser, const struct reply *reply,
                                struct err *why)
{
    struct reading reading = {.selection = out};
    if (init(out, config))
        return out_of_memory(why);
    enum reply_class class = reference_list(
        parser, reply, &(struct reference_sink){take_item, &reading}, &out->unusable, why);
    if (class == REPLY_OK && out->listed == 0) {
        err_set(why, -EBADMSG, "the list is empty");
        class = REPLY_MALFORMED;
    }
    if (class == REPLY_OK && (reading.no_memory || add_named(out)))
        class = out_of_memory(why);
    if (class != REPLY_OK)
        selection_finish(out);
    return class;
}

int selection_named(struct selection *out, const struct config *config)
{
    int rc = init(out, config);
    if (rc == 0 && (rc = add_named(out)))
        selection_finish(out);
    return rc;
}

void selection_finish(struct selection *s)
{
    strings_finish(&s->symbols);
    free(s->present);
    free(s->matching);
    *s = (struct selection){0};
}

/* --- compared with the previous selection ----------------------------------------------------- */

size_t selection_lost(const struct config_strings *before, const struct config_strings *now)
{
    size_t lost = 0;
    for (size_t i = 0; i < before->count; i++)
        lost += !has(now, before->item[i]);
    return lost;
}

bool selection_is_cut(size_t lost, size_t before)
{
    return lost * 10 > before;
}

int selection_keep(struct selection *s, const struct config_strings *before)
{
    for (size_t i = 0; i < before->count; i++) {
        if (strings_add(&s->symbols, before->item[i]))
            return -ENOMEM;
    }
    sort_unique(&s->symbols);
    return 0;
}

/* --- similar symbols -------------------------------------------------------------------------- */

struct unfound {
    const char *text;
    bool glob;
    struct symbol_near near;
};

struct unfound_list {
    struct unfound item[UNFOUND_MAX];
    size_t count;
};

static void add_unfound(struct unfound_list *list, const char *text, bool glob)
{
    if (list->count == UNFOUND_MAX)
        return;
    struct unfound *unfound = &list->item[list->count++];
    unfound->text = text;
    unfound->glob = glob;
    symbol_near_init(&unfound->near, text);
}

static void offer(void *arg, const struct reference_item *item)
{
    struct unfound_list *list = arg;
    for (size_t i = 0; i < list->count; i++)
        symbol_near_offer(&list->item[i].near, item->symbol);
}

static void put_words(char out[WORDS_BYTES], const struct unfound *unfound)
{
    const struct symbol_near *near = &unfound->near;
    int len =
        snprintf(out, WORDS_BYTES,
                 unfound->glob ? "instruments.match: '%s' matches nothing in the broker's list"
                               : "instruments.symbols: '%s' is not in the broker's list",
                 unfound->text);
    for (int i = 0; i < near->count && len < WORDS_BYTES; i++)
        len += snprintf(out + len, WORDS_BYTES - (size_t)len, "%s'%s'",
                        i ? ", " : "; did you mean ", near->match[i].symbol);
    if (near->count && len < WORDS_BYTES)
        snprintf(out + len, WORDS_BYTES - (size_t)len, "?");
}

void selection_unfound(const struct selection *s, struct json_parser *parser,
                       const struct reply *reply, selection_fn *fn, void *arg)
{
    struct unfound_list *list = calloc(1, sizeof(*list));
    int unusable;
    for (size_t i = 0; list && i < s->config->symbols.count; i++) {
        if (!s->present[i])
            add_unfound(list, s->config->symbols.item[i], false);
    }
    for (size_t i = 0; list && i < s->config->match.count; i++) {
        if (!s->matching[i])
            add_unfound(list, s->config->match.item[i], true);
    }
    if (list && list->count)
        reference_list(parser, reply, &(struct reference_sink){offer, list}, &unusable, NULL);
    for (size_t i = 0; list && i < list->count; i++) {
        char words[WORDS_BYTES];
        put_words(words, &list->item[i]);
        fn(arg, list->item[i].text, words);
    }
    free(list);
}
