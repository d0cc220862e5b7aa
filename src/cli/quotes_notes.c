#include "cli/quotes_notes.h"

#include "base/clock.h"
#include "base/glob.h"
#include "market/symbol_near.h"

#include <stdio.h>

struct search {
    const char *pattern;
    int known; /* symbols it matches */
    struct symbol_near near;
};

static int on_symbol(void *arg, int columns, const struct reader_value *values)
{
    struct search *search = arg;
    (void)columns;
    search->known += glob_one(search->pattern, values[0].text);
    symbol_near_offer(&search->near, values[0].text);
    return 0;
}

static void put_meant(struct buf *out, const struct symbol_near *near)
{
    for (int i = 0; i < near->count; i++)
        buf_printf(out, "%s'%s'",
                   i == 0                ? "; did you mean "
                   : i + 1 < near->count ? ", "
                                         : " or ",
                   near->match[i].symbol);
    buf_puts(out, near->count ? "?\n" : ": 'cinta quotes' lists those that are recorded\n");
}

static void put_unmatched(struct buf *out, const char *pattern, struct reader *reader)
{
    struct search search = {.pattern = pattern};
    symbol_near_init(&search.near, pattern);
    reader_select(reader, "SELECT symbol FROM instrument", NULL, 0, on_symbol, &search, NULL);
    if (search.known) {
        buf_printf(out, "no quote of '%s' has been recorded yet: 'cinta status' tells why\n",
                   pattern);
        return;
    }
    buf_printf(out, "no symbol matches '%s'", pattern);
    put_meant(out, &search.near);
}

static const char *instruments(int count)
{
    return count == 1 ? "instrument is" : "instruments are";
}

static void put_hidden(struct buf *out, const char *what, const struct quotes_tally *tally)
{
    if (tally->unrecorded)
        buf_printf(out, "%s: %d %s not recorded any more; --all shows %s\n", what,
                   tally->unrecorded, instruments(tally->unrecorded),
                   tally->unrecorded == 1 ? "it" : "them");
    if (tally->empty)
        buf_printf(out, "%s: %d %s without any value and left out by --hide-empty\n", what,
                   tally->empty, instruments(tally->empty));
}

static void put_pattern(struct buf *out, const char *pattern, const struct quotes_tally *tally,
                        struct reader *reader)
{
    char what[256];
    if (tally->shown)
        return;
    snprintf(what, sizeof(what), "no quote of '%s' is shown", pattern);
    if (tally->unrecorded || tally->empty)
        put_hidden(out, what, tally);
    else
        put_unmatched(out, pattern, reader);
}

static void put_ahead(struct buf *out, const struct quotes_view *view)
{
    char ahead[QUOTES_CELL_BYTES];
    if (!view->ahead_ns)
        return;
    quotes_age_text(ahead, view->ahead_ns, INT64_MAX);
    buf_printf(out,
               "quotes are stamped up to %s ahead of this machine's clock%s: it was set back, or "
               "another machine recorded them\n",
               ahead, view->request.format == QUOTES_TABLE ? ", marked '+'" : "");
}

static bool nothing_recorded(const struct quotes_tally *tally)
{
    return tally->shown + tally->unrecorded + tally->empty == 0;
}

static int on_any(void *arg, int columns, const struct reader_value *values)
{
    (void)columns;
    (void)values;
    *(bool *)arg = true;
    return 1;
}

void quotes_notes_put(struct buf *out, const struct quotes_view *view, struct reader *reader)
{
    const struct quotes_request *r = &view->request;
    bool any = false;
    if (nothing_recorded(&view->all))
        reader_select(reader, "SELECT 1 FROM quote LIMIT 1", NULL, 0, on_any, &any, NULL);
    else
        any = true;
    if (!any) {
        buf_puts(out, "no quotes recorded yet: 'cinta status' tells what the service does\n");
        return;
    }
    for (int i = 0; i < r->patterns_count; i++)
        put_pattern(out, r->patterns[i], &view->patterns[i], reader);
    if (r->patterns_count == 0 && !view->all.shown)
        put_hidden(out, "no quote is shown", &view->all);
    put_ahead(out, view);
}

bool quotes_notes_none_missing(const struct quotes_view *view)
{
    for (int i = 0; i < view->request.patterns_count; i++) {
        if (!view->patterns[i].shown)
            return false;
    }
    return view->all.shown > 0;
}
