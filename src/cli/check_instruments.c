#include "cli/check_instruments.h"

#include "base/clock.h"
#include "base/table.h"
#include "broker/list_cache.h"
#include "cli/cmd.h"
#include "cli/screen.h"
#include "market/planner.h"
#include "market/poll_shares.h"
#include "market/segment_names.h"
#include "market/symbol_order.h"
#include "primary/reference.h"
#include "primary/request.h"
#include "store/read/instrument_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES (4 * 1024 * 1024)
#define CELL_BYTES 160

/* --- what is known ---------------------------------------------------------------------------- */

/* The cached list with the rules applied; also of a configuration without a list. */
struct cached {
    struct selection selection;
    struct instrument_list *known;
    int64_t of_day; /* of the copy of the list; -1: there is none */
};

/* NULL: there is no database, or it has no reference data. */
static struct instrument_list *read_known(const struct config *config)
{
    struct err err;
    struct reader *reader;
    struct instrument_list *known = instrument_list_create();
    if (known && reader_open(&reader, config->store.path, &err) == 0) {
        instrument_rows_read(reader, 0, known, &err);
        reader_close(reader);
    }
    return known;
}

static bool select_cached(struct cached *c, const struct selection_input *input)
{
    struct buf body;
    struct json_parser *parser = json_parser_create();
    buf_init(&body, REFERENCE_LIST_BYTES);
    bool good = parser && list_cache_load(input->config, &body, &c->of_day) == 0;
    if (good) {
        struct reply reply = list_cache_reply(&body);
        good = selection_read(&c->selection, input, parser, &reply, NULL) == REPLY_OK;
    }
    buf_finish(&body);
    json_parser_destroy(parser);
    return good;
}

static bool cached_open(struct cached *c, const struct config *config)
{
    *c = (struct cached){.known = read_known(config)};
    const struct selection_input input = {config, c->known, art_day(clock_now().wall_ns)};
    if (select_cached(c, &input))
        return true;
    c->of_day = -1;
    if (instrument_rules_need_list(&config->rules) && selection_known(&c->selection, &input) == 0)
        return true;
    return selection_named(&c->selection, &input) == 0;
}

static void cached_close(struct cached *c)
{
    selection_finish(&c->selection);
    instrument_list_release(c->known);
}

/* --- warnings --------------------------------------------------------------------------------- */

static void show_missing(void *arg, const char *text, const char *words)
{
    const char *day = arg;
    (void)text;
    fprintf(stderr, "cinta check: warning: %s (as of %s)\n", words,
            *day ? day : "the reference data in the database");
}

static void warn_of_segments(const struct config *config, const struct instrument_list *known)
{
    char words[SEGMENT_DOUBT_BYTES];
    for (int i = 1; i < config->sessions.count; i++) {
        if (segment_doubt(words, known, config->sessions.each[i].segment))
            fprintf(stderr, "cinta check: warning: %s\n", words);
    }
}

void check_instruments_warn(const struct config *config)
{
    struct cached c;
    char day[CLOCK_TEXT] = "";
    if (!cached_open(&c, config))
        return;
    warn_of_segments(config, c.known);
    if (c.of_day >= 0)
        clock_day_text(day, c.of_day);
    if (c.selection.list)
        selection_unfound(&c.selection, show_missing, day);
    cached_close(&c);
}

/* --- rules and instruments -------------------------------------------------------------------- */

static void put_round(struct buf *out, const struct selection *s)
{
    const struct config_poll *poll = &s->input.config->poll;
    const struct plan_limits limits = {poll->interval_ms, poll->rate, poll->in_flight};
    int32_t count = (int32_t)s->symbols.count;
    int64_t round_ms = plan_refresh_ms(&limits, count);
    buf_printf(out, "instruments to record: %d", (int)count);
    if (s->list)
        buf_printf(out, ", of %zu in the broker's list", s->listed);
    buf_printf(out, "\nwithout the stream each is polled every %.4g s", (double)round_ms / 1000);
    if (round_ms > poll->interval_ms)
        buf_printf(out, ", those that change more often, and none less often than every %.4g s",
                   POLL_ROUNDS_MAX * (double)round_ms / 1000);
    buf_puts(out, "\n");
}

static void put_row(struct table *table, const char *rule, size_t count, const char *effect)
{
    char number[32];
    snprintf(number, sizeof(number), "%zu", count);
    table_cell(table, rule);
    table_cell(table, number);
    table_cell(table, effect);
}

static void put_limits(struct table *table, const struct selection *s)
{
    char text[CELL_BYTES];
    const struct instrument_rules *rules = &s->input.config->rules;
    if (*rules->currency) {
        snprintf(text, sizeof(text), "currency = %s", rules->currency);
        put_row(table, text, s->rules.other_currency, "of another currency, left out");
    }
    if (rules->maturities) {
        snprintf(text, sizeof(text), "maturities = %d", rules->maturities);
        put_row(table, text, s->rules.beyond, "of later maturities, left out");
    }
    if (s->rules.matured)
        put_row(table, "maturity date", s->rules.matured, "matured, left out");
}

static void put_rules(struct buf *out, const struct selection *s)
{
    static const struct table_column columns[] = {
        {.title = "rule"}, {.title = "matches", .right = true}, {.title = "effect", .wraps = true}};
    struct table table;
    table_init(&table, columns, 3);
    for (size_t k = 0; k < s->rules.rules_count; k++) {
        char text[CELL_BYTES];
        const struct rule_match *rule = &s->rules.rules[k];
        snprintf(text, sizeof(text), "%s %s", rule_kind_key(rule->kind), rule->text);
        put_row(&table, text, rule->matched, rule->kind == RULE_EXCLUDE ? "left out" : "recorded");
    }
    put_limits(&table, s);
    table_fit(&table, screen_width());
    buf_puts(out, "\n");
    table_print(&table, TABLE_WIDE, "\n", out);
    table_finish(&table);
}

static int by_symbol(const void *a, const void *b)
{
    return symbol_order(*(char *const *)a, *(char *const *)b);
}

static const struct instrument *find(const struct selection *s, const char *symbol)
{
    const struct instrument *one = instrument_list_find(s->list, REQUEST_MARKET_ROFX, symbol);
    return one ? one : instrument_list_find(s->input.known, REQUEST_MARKET_ROFX, symbol);
}

static void put_symbol(struct table *table, const struct selection *s, const char *symbol)
{
    char maturity[CLOCK_TEXT] = "";
    const struct instrument *one = find(s, symbol);
    int64_t day = one ? instrument_matures(one) : INT64_MAX;
    if (day != INT64_MAX)
        clock_day_text(maturity, day);
    table_cell(table, symbol);
    table_cell(table, one ? one->segment : NULL);
    table_cell(table, one ? one->cfi_code : NULL);
    table_cell(table, one ? one->currency : NULL);
    table_cell(table, maturity);
    table_cell(table, s->list && !(one && one->listed) ? "not in the broker's list" : NULL);
}

static void put_symbols(struct buf *out, const struct selection *s)
{
    static const struct table_column columns[] = {{.title = "symbol"},
                                                  {.title = "segment", .rank = 2},
                                                  {.title = "cfi", .rank = 2},
                                                  {.title = "currency", .rank = 3},
                                                  {.title = "maturity", .rank = 1},
                                                  {.title = "note", .rank = 1, .wraps = true}};
    struct table table;
    table_init(&table, columns, 6);
    char **sorted = calloc(s->symbols.count + 1, sizeof(*sorted));
    for (size_t i = 0; sorted && i < s->symbols.count; i++)
        sorted[i] = s->symbols.item[i];
    if (sorted)
        qsort(sorted, s->symbols.count, sizeof(*sorted), by_symbol);
    for (size_t i = 0; sorted && i < s->symbols.count; i++)
        put_symbol(&table, s, sorted[i]);
    table_fit(&table, screen_width());
    buf_puts(out, "\n");
    table_print(&table, TABLE_WIDE, "\n", out);
    table_finish(&table);
    free(sorted);
}

void check_instruments_put(struct buf *out, const struct selection *s)
{
    put_round(out, s);
    if (s->rules.rules_count)
        put_rules(out, s);
    if (s->symbols.count)
        put_symbols(out, s);
}

int check_instruments_print(const struct config *config)
{
    struct cached c;
    struct buf out;
    if (!cached_open(&c, config))
        return STATUS_FAILED;
    bool lacks_list = !c.selection.list && instrument_rules_need_list(&config->rules);
    if (lacks_list)
        fprintf(stderr,
                "cinta check: there is no list of instruments yet, so only the named symbols are "
                "shown: start the service, or run 'cinta init'\n");
    buf_init(&out, TEXT_BYTES);
    check_instruments_put(&out, &c.selection);
    fputs(buf_text(&out), stdout);
    buf_finish(&out);
    cached_close(&c);
    return lacks_list ? STATUS_FAILED : STATUS_OK;
}
