#include "play.h"

#include "base/clock.h"
#include "journal.h"
#include "market/source_table.h"
#include "place.h"
#include "tally.h"
#include "virtual_exchange.h"
#include "virtual_programs.h"
#include "virtual_spans.h"
#include "virtual_store.h"

#include <stdio.h>
#include <string.h>

/* --- numbers ---------------------------------------------------------------------------------- */

static void check_number(const struct arg *range, int64_t found, const char *what)
{
    if (found < range->least || found > range->most)
        place_fail("%s: found %lld", what, (long long)found);
}

static const char *source_of(const struct args *args)
{
    return args->line->source;
}

static void expect_tally(const struct args *args, bool in_all)
{
    enum tally what;
    if (!tally_find(args->a[0].word, &what))
        place_fail("'%s' is not counted", args->a[0].word);
    check_number(&args->a[1], tally_count(what, in_all), source_of(args));
}

static void expect_count(const struct args *args)
{
    expect_tally(args, false);
}

static void expect_count_in_all(const struct args *args)
{
    expect_tally(args, true);
}

static void expect_rate(const struct args *args)
{
    check_number(&args->a[0], tally_rate(), source_of(args));
}

static void expect_lag(const struct args *args)
{
    check_number(&args->a[0], exchange_lag_ms(), source_of(args));
}

static void expect_watched(const struct args *args)
{
    check_number(&args->a[0], store_watched(), source_of(args));
}

/* --- instruments ------------------------------------------------------------------------------ */

static void expect_recorded(const struct args *args)
{
    double price = exchange_recorded(args->a[0].index);
    if (price != args->a[1].number)
        place_fail("%s: the recorded price is %g", source_of(args), price);
}

static void expect_source(const struct args *args)
{
    static const char *const names[SOURCE_COUNT] = {"none", "rest", "stream", "matriz"};
    const char *name = names[exchange_source(args->a[0].index)];
    if (strcmp(name, args->a[1].word) != 0)
        place_fail("%s: it is %s", source_of(args), name);
}

static void need_stopped(const struct play *play)
{
    if (!play->started || play->loop)
        place_fail("coverage is complete only when the service has stopped: stop it first");
}

static void expect_gap(const struct args *args)
{
    struct play *play = args->play;
    need_stopped(play);
    int64_t covered = spans_covered_ms(args->a[0].index, play->from_ns, play->until_ns);
    check_number(&args->a[1], (play->until_ns - play->from_ns) / NS_PER_MS - covered,
                 source_of(args));
}

static int64_t moment_ns(const struct play *play, const char *name)
{
    for (int i = 0; i < play->moments_count; i++) {
        if (strcmp(play->moments[i].name, name) == 0)
            return play->moments[i].wall_ns;
    }
    place_fail("there is no moment '%s'", name);
}

static void expect_covered(const struct args *args)
{
    struct play *play = args->play;
    need_stopped(play);
    int64_t from_ns = moment_ns(play, args->a[2].word), to_ns = moment_ns(play, args->a[3].word);
    check_number(&args->a[1], spans_covered_ms(args->a[0].index, from_ns, to_ns), source_of(args));
}

static void expect_ended(const struct args *args)
{
    int times = spans_ended(args->a[0].index, (enum event_kind)args->a[1].index);
    check_number(&args->a[2], times, source_of(args));
}

/* --- the service's state ---------------------------------------------------------------------- */

/* `path`: "polling.dropped" */
static const struct json *find_state(const char *path)
{
    char copy[128], *rest = copy, *key;
    const struct json *value = programs_status();
    snprintf(copy, sizeof(copy), "%s", path);
    while ((key = strsep(&rest, "."))) {
        value = json_get(value, key);
        if (json_type(value) == JSON_ABSENT)
            place_fail("`cinta status --json` has no %s", path);
    }
    return value;
}

static const char *state_text(const struct json *value)
{
    switch (json_type(value)) {
    case JSON_STRING:
        return json_string(value);
    case JSON_BOOL:
        return json_is_true(value) ? "true" : "false";
    case JSON_NULL:
        return "null";
    case JSON_ABSENT:
    case JSON_NUMBER:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    place_fail("it is no text");
}

static void expect_state(const struct args *args)
{
    struct play *play = args->play;
    play_need_service(play);
    const char *found = state_text(find_state(args->a[0].word));
    if (strcmp(found, args->text) != 0)
        place_fail("%s: it is %s", source_of(args), found);
}

static void expect_state_number(const struct args *args)
{
    struct play *play = args->play;
    double number;
    play_need_service(play);
    if (!json_number(find_state(args->a[0].word), &number))
        place_fail("%s: it is no number", source_of(args));
    if (number < (double)args->a[1].least || number > (double)args->a[1].most)
        place_fail("%s: it is %g", source_of(args), number);
}

/* The events that `cinta status` lists, which include those of the database. */
static void expect_listed(const struct args *args)
{
    struct play *play = args->play;
    const char *kind = event_kind_name((enum event_kind)args->a[0].index);
    play_need_service(play);
    const struct json *event = json_first(json_get(programs_status(), "events"));
    for (; event; event = json_next(event)) {
        if (strcmp(json_string(json_get(event, "kind")), kind) == 0 &&
            strstr(json_string(json_get(event, "detail")), args->text))
            return;
    }
    place_fail("%s: not listed", source_of(args));
}

static void expect_alert(const struct args *args)
{
    if (!strstr(programs_last_alert(), args->text))
        place_fail("%s: it is %s", source_of(args), programs_last_alert());
}

static void expect_mode(const struct args *args)
{
    struct play *play = args->play;
    play_need_service(play);
    const char *found = state_text(find_state("mode"));
    if (strcmp(found, args->text) != 0)
        place_fail("%s: it is %s", source_of(args), found);
}

static void expect_not_mode(const struct args *args)
{
    play_need_service(args->play);
    if (strcmp(state_text(find_state("mode")), args->text) == 0)
        place_fail("%s: it is", source_of(args));
}

static void expect_end(const struct args *args)
{
    struct play *play = args->play;
    static const char *const names[] = {[SERVICE_DONE] = "done",
                                        [SERVICE_FAILED] = "failed",
                                        [SERVICE_CONFIG] = "config",
                                        [SERVICE_REFUSED] = "refused"};
    if (!play->started || play->loop)
        place_fail("the service runs");
    if (strcmp(names[play->end], args->a[0].word) != 0 || !strstr(play->err.text, args->text))
        place_fail("%s: it was %s: %s", source_of(args), names[play->end], play->err.text);
}

/* --- events ----------------------------------------------------------------------------------- */

static void expect_events(const struct args *args)
{
    check_number(&args->a[1], journal_count((enum event_kind)args->a[0].index, false),
                 source_of(args));
}

static void expect_events_in_all(const struct args *args)
{
    check_number(&args->a[1], journal_count((enum event_kind)args->a[0].index, true),
                 source_of(args));
}

static void expect_last(const struct args *args)
{
    const char *last = journal_last((enum event_kind)args->a[0].index);
    if (!strstr(last, args->text))
        place_fail("%s: it is: %s", source_of(args), last);
}

static void expect_event(const struct args *args)
{
    journal_expect((enum event_kind)args->a[0].index, args->text, INT64_MIN, INT64_MAX);
}

static void expect_event_at(const struct args *args)
{
    journal_expect((enum event_kind)args->a[0].index, args->text, args->a[1].least,
                   args->a[1].most);
}

static void allow(const struct args *args)
{
    for (int i = args->rest; i < args->line->words_count; i++) {
        enum event_kind kind;
        if (!journal_find_kind(args->line->words[i], &kind))
            place_fail("'%s' is not a kind of event", args->line->words[i]);
        journal_allow(kind);
    }
}

const struct command play_expect_commands[] = {
    {"journal KIND", expect_event},
    {"journal KIND: TEXT", expect_event},
    {"journal KIND after SPAN", expect_event_at},
    {"journal KIND after SPAN: TEXT", expect_event_at},
    {"allow WORDS", allow},
    {"expect mode: TEXT", expect_mode},
    {"expect mode not: TEXT", expect_not_mode},
    {"expect rate COUNT", expect_rate},
    {"expect lag SPAN", expect_lag},
    {"expect watched COUNT", expect_watched},
    {"expect status WORD: TEXT", expect_state},
    {"expect status WORD COUNT", expect_state_number},
    {"expect listed KIND: TEXT", expect_listed},
    {"expect events KIND COUNT", expect_events},
    {"expect events KIND COUNT in all", expect_events_in_all},
    {"expect last KIND: TEXT", expect_last},
    {"expect alert: TEXT", expect_alert},
    {"expect recorded SYMBOL NUMBER", expect_recorded},
    {"expect source SYMBOL WORD", expect_source},
    {"expect gap SYMBOL SPAN", expect_gap},
    {"expect covered SYMBOL SPAN between WORD WORD", expect_covered},
    {"expect ended SYMBOL KIND COUNT", expect_ended},
    {"expect end WORD: TEXT", expect_end},
    {"expect WORD COUNT", expect_count},
    {"expect WORD COUNT in all", expect_count_in_all},
    {0},
};
