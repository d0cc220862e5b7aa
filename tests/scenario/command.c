#include "command.h"

#include "base/clock.h"
#include "journal.h"
#include "place.h"
#include "virtual_broker.h"
#include "virtual_exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMS_BYTES 4096

/* The words of a line, taken one after another. */
struct words {
    const struct script_line *line;
    int at;
};

static const char *take(struct words *w)
{
    return w->at < w->line->words_count ? w->line->words[w->at++] : NULL;
}

static const char *peek(const struct words *w)
{
    return w->at < w->line->words_count ? w->line->words[w->at] : "";
}

/* --- arguments: each takes its words and returns whether they have its form ------------------- */

static bool take_double(struct words *w, double *out)
{
    const char *word = take(w);
    char *end;
    if (!word || !*word)
        return false;
    *out = strtod(word, &end);
    return *end == '\0';
}

static bool take_integer(const char *word, int64_t *out)
{
    char *end;
    if (!word || !*word)
        return false;
    *out = strtoll(word, &end, 10);
    return *end == '\0';
}

static bool take_number(struct words *w, struct arg *arg)
{
    if (!take_double(w, &arg->number))
        return false;
    arg->least = arg->most = (int64_t)arg->number;
    return true;
}

static bool take_status(struct words *w, struct arg *arg)
{
    return take_integer(take(w), &arg->least) && arg->least >= 100 && arg->least <= 599;
}

static bool take_ms(struct words *w, int64_t *out)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
    double number;
    if (!take_double(w, &number))
        return false;
    const char *unit = take(w);
    for (size_t i = 0; unit && i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(unit, units[i].name) == 0) {
            *out = (int64_t)(number * (double)units[i].ms);
            return true;
        }
    }
    return false;
}

static bool take_duration(struct words *w, struct arg *arg)
{
    bool ok = take_ms(w, &arg->least);
    arg->most = arg->least;
    return ok;
}

static bool take_one(struct words *w, bool duration, int64_t *out)
{
    return duration ? take_ms(w, out) : take_integer(take(w), out);
}

/* "<= 5", ">= 5", "5", "5 to 9"; the same with durations. */
static bool take_range(struct words *w, struct arg *arg, bool duration)
{
    bool most = strcmp(peek(w), "<=") == 0, least = strcmp(peek(w), ">=") == 0;
    if (most || least)
        take(w);
    if (!take_one(w, duration, &arg->least))
        return false;
    arg->most = arg->least;
    if (most)
        arg->least = INT64_MIN;
    else if (least)
        arg->most = INT64_MAX;
    else if (strcmp(peek(w), "to") == 0)
        return take(w) && take_one(w, duration, &arg->most);
    return true;
}

static bool take_count(struct words *w, struct arg *arg)
{
    return take_range(w, arg, false);
}

static bool take_span(struct words *w, struct arg *arg)
{
    return take_range(w, arg, true);
}

static bool take_clock(struct words *w, struct arg *arg)
{
    int hour, minute, used = 0;
    const char *word = take(w);
    if (!word || sscanf(word, "%2d:%2d%n", &hour, &minute, &used) != 2 || word[used] || hour > 23 ||
        minute > 59)
        return false;
    arg->least = (hour * 60 + minute) * INT64_C(60000);
    return true;
}

static bool take_date(struct words *w, struct arg *arg)
{
    const char *word = take(w);
    int32_t day;
    if (!word || !clock_parse_day(word, &day))
        return false;
    arg->least = day;
    return true;
}

static bool take_symbol(struct words *w, struct arg *arg)
{
    const char *word = take(w);
    arg->index = word ? exchange_find(word) : -1;
    return arg->index >= 0 && strcmp(word, exchange_symbol(arg->index)) == 0;
}

static bool take_endpoint(struct words *w, struct arg *arg)
{
    enum endpoint endpoint;
    const char *word = take(w);
    if (!word || !broker_find_endpoint(word, &endpoint))
        return false;
    arg->index = endpoint;
    arg->instrument = -1;
    if (endpoint == ENDPOINT_DATA && exchange_find(peek(w)) >= 0)
        arg->instrument = exchange_find(take(w));
    return true;
}

static bool take_kind(struct words *w, struct arg *arg)
{
    enum event_kind kind;
    const char *word = take(w);
    if (!word || !journal_find_kind(word, &kind))
        return false;
    arg->index = kind;
    return true;
}

static bool take_word(struct words *w, struct arg *arg)
{
    arg->word = take(w);
    return arg->word != NULL;
}

static bool take_words(struct words *w, struct arg *arg)
{
    bool ok = take_word(w, arg);
    w->at = w->line->words_count;
    return ok;
}

static const struct {
    const char *name;
    bool (*take)(struct words *w, struct arg *arg);
} kinds[] = {
    {"NUMBER", take_number}, {"STATUS", take_status}, {"DURATION", take_duration},
    {"COUNT", take_count},   {"SPAN", take_span},     {"CLOCK", take_clock},
    {"DATE", take_date},     {"SYMBOL", take_symbol}, {"ENDPOINT", take_endpoint},
    {"KIND", take_kind},     {"WORD", take_word},     {"WORDS", take_words},
};

/* --- forms ------------------------------------------------------------------------------------ */

static bool take_argument(struct words *w, const char *part, struct args *args, bool *is_argument)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(part, kinds[i].name) != 0)
            continue;
        *is_argument = true;
        args->rest = w->at;
        return args->count < COMMAND_ARGS_MAX && kinds[i].take(w, &args->a[args->count++]);
    }
    *is_argument = false;
    return false;
}

static bool matches(const struct script_line *line, const char *form, struct args *args)
{
    char copy[128], *rest = copy, *part;
    struct words w = {.line = line};
    *args = (struct args){.line = line, .text = line->text};
    snprintf(copy, sizeof(copy), "%s", form);
    char *colon = strchr(copy, ':');
    if ((colon != NULL) != (line->text != NULL))
        return false;
    if (colon)
        *colon = '\0';
    while ((part = strsep(&rest, " "))) {
        bool is_argument;
        bool ok = take_argument(&w, part, args, &is_argument);
        if (is_argument && !ok)
            return false;
        const char *word = is_argument ? NULL : take(&w);
        if (!is_argument && (!word || strcmp(word, part) != 0))
            return false;
    }
    return w.at == line->words_count;
}

static bool begins_alike(const struct script_line *line, const char *form)
{
    size_t len = strcspn(form, " :");
    enum endpoint endpoint;
    const char *word = line->words[0];
    if (strncmp(form, "ENDPOINT", len) == 0)
        return broker_find_endpoint(word, &endpoint);
    return strlen(word) == len && strncmp(form, word, len) == 0;
}

static _Noreturn void refuse(const struct script_line *line, const struct command *const *tables)
{
    char forms[FORMS_BYTES] = "";
    size_t used = 0;
    for (; *tables; tables++) {
        for (const struct command *c = *tables; c->form; c++) {
            if (begins_alike(line, c->form) && used < sizeof(forms))
                used += (size_t)snprintf(forms + used, sizeof(forms) - used, "\n    %s", c->form);
        }
    }
    if (!used)
        place_fail("'%s' is not a command; they are listed in tests/scenario/README.md",
                   line->words[0]);
    place_fail("'%s' has not the form of a command; allowed:%s", line->source, forms);
}

const struct command *command_of(const struct script_line *line,
                                 const struct command *const *tables, struct args *args)
{
    for (const struct command *const *table = tables; *table; table++) {
        for (const struct command *c = *table; c->form; c++) {
            if (matches(line, c->form, args))
                return c;
        }
    }
    refuse(line, tables);
}
