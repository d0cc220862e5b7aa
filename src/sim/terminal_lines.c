#include "sim/terminal_lines.h"

#include "base/clock.h"
#include "base/num.h"

#include <stdio.h>
#include <string.h>

static const char byma_prefix[] = "MERV - XMEV - ";

/* --- ids -------------------------------------------------------------------------------------- */

bool terminal_lines_byma(const char *symbol)
{
    return strncmp(symbol, byma_prefix, strlen(byma_prefix)) == 0;
}

/* The text with `from` replaced by '_'. */
static void append_joined(char *out, const char *text, const char *from)
{
    size_t len = strlen(out), skip = strlen(from);
    while (*text && len + 1 < TERMINAL_INSTRUMENT_BYTES) {
        bool match = strncmp(text, from, skip) == 0;
        out[len++] = match ? '_' : *text;
        text += match ? skip : 1;
    }
    out[len] = '\0';
}

void terminal_lines_id(char out[TERMINAL_INSTRUMENT_BYTES], const char *symbol, const char *segment)
{
    if (terminal_lines_byma(symbol)) {
        snprintf(out, TERMINAL_INSTRUMENT_BYTES, "bm_MERV_");
        append_joined(out, symbol + strlen(byma_prefix), " - ");
    } else {
        snprintf(out, TERMINAL_INSTRUMENT_BYTES, "rx_%s_", segment);
        append_joined(out, symbol, "/");
    }
}

/* --- fields ----------------------------------------------------------------------------------- */

static void put_number(struct buf *out, double value)
{
    char text[NUM_TEXT];
    if (!isnan(value))
        buf_puts(out, num_text(text, value));
}

static void put_field(struct buf *out, double value)
{
    buf_puts(out, "|");
    put_number(out, value);
}

/* "2026-11-19T14:02:58Z" */
static void put_time(struct buf *out, int64_t ts)
{
    char text[CLOCK_TEXT];
    buf_puts(out, "|");
    if (ts)
        buf_printf(out, "%.19sZ", clock_text(text, ts));
}

static void put_reference(struct buf *out, double price, int64_t day)
{
    char text[CLOCK_TEXT];
    put_field(out, price);
    buf_printf(out, "|%s", isnan(price) ? "" : clock_day_text(text, day));
}

/* --- references ------------------------------------------------------------------------------- */

/* For BYMA: A today's close, as far as there is one, C the previous. */
static void put_byma_references(struct buf *out, const struct terminal_line_parts *line)
{
    const struct quote *q = line->quote;
    put_reference(out, q->last_price, art_day(line->now_ns));
    put_reference(out, NAN, 0);
    put_reference(out, q->close_price, q->close_day);
}

/* Others: A is empty while trading, B the settlement, C an older one that only its date tells. */
static void put_references(struct buf *out, const struct terminal_line_parts *line)
{
    const struct quote *q = line->quote;
    put_reference(out, line->closed ? q->last_price : NAN, art_day(line->now_ns));
    put_reference(out, q->settlement_price, q->settlement_day);
    put_reference(out, q->settlement_price - line->tick, (int64_t)q->settlement_day - 1);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void put_best(struct buf *out, const struct quote *q)
{
    const struct level none = {NAN, NAN};
    struct level bid = q->bids.count ? q->bids.level[0] : none;
    struct level offer = q->offers.count ? q->offers.level[0] : none;
    put_field(out, bid.size);
    put_field(out, bid.price);
    put_field(out, offer.price);
    put_field(out, offer.size);
}

static void put_day(struct buf *out, const struct terminal_line_parts *line, bool byma)
{
    const struct quote *q = line->quote;
    const struct quote none = quote_none();
    const struct quote *seen = line->closed ? &none : q;
    put_best(out, seen);
    put_field(out, seen->last_price);
    put_time(out, seen->ts_last);
    put_field(out, byma ? NAN : seen->trade_volume);
    put_field(out, byma ? q->effective_volume : line->money);
    put_field(out, byma ? q->nominal_volume : q->trade_volume * line->multiplier);
    put_field(out, seen->low_price);
    put_field(out, seen->high_price);
    put_field(out, seen->open_price);
    put_field(out, byma ? NAN : q->open_interest);
}

void terminal_lines_put_quote(struct buf *out, const struct terminal_line_parts *line)
{
    bool byma = strncmp(line->id, "bm_", 3) == 0;
    buf_printf(out, "M:%s|%lld", line->id, (long long)line->seq);
    put_day(out, line, byma);
    if (line->brief)
        return;
    if (byma)
        put_byma_references(out, line);
    else
        put_references(out, line);
}

static void put_level(struct buf *out, const struct side *bids, const struct side *offers, int n)
{
    const struct level none = {NAN, NAN};
    struct level bid = n < bids->count ? bids->level[n] : none;
    struct level offer = n < offers->count ? offers->level[n] : none;
    buf_puts(out, "!");
    put_number(out, bid.size);
    put_field(out, bid.price);
    put_field(out, offer.price);
    put_field(out, offer.size);
}

/* An empty level follows the last, as at the terminal. */
void terminal_lines_put_book(struct buf *out, const struct terminal_line_parts *line)
{
    const struct quote none = quote_none();
    const struct quote *q = line->closed ? &none : line->quote;
    int levels = q->bids.count > q->offers.count ? q->bids.count : q->offers.count;
    buf_printf(out, "B:%s!%lld", line->id, (long long)line->seq);
    for (int n = 0; n <= levels; n++)
        put_level(out, &q->bids, &q->offers, n);
    buf_puts(out, "!");
}
