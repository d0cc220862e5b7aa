#include "cli/quotes_notes.h"

#include "base/clock.h"
#include "cli/unmatched.h"

#include <stdio.h>

static void put_unmatched(struct buf *out, const char *pattern, struct reader *reader)
{
    if (!unmatched_put(out, reader, pattern))
        buf_printf(out, "no quote of '%s' has been recorded yet: see 'cinta status'\n", pattern);
}

static const char *instruments(int count)
{
    return count == 1 ? "instrument is" : "instruments are";
}

static void put_hidden(struct buf *out, const char *what, const struct quotes_tally *tally)
{
    if (tally->unrecorded)
        buf_printf(out, "%s: %d %s no longer recorded; --all shows %s\n", what, tally->unrecorded,
                   instruments(tally->unrecorded), tally->unrecorded == 1 ? "it" : "them");
    if (tally->empty)
        buf_printf(out, "%s: %d %s without any value and hidden by --hide-empty\n", what,
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
               "quotes have time stamps up to %s ahead of this machine's clock%s: the clock was "
               "set back, or another machine recorded them\n",
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
        reader_select(reader, READER_QUERY("SELECT 1 FROM quote LIMIT 1"), on_any, &any, NULL);
    else
        any = true;
    if (!any) {
        buf_puts(out, "no quotes recorded yet: see 'cinta status'\n");
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
