/*
 * Decoding of market data alone: the same quotes as lines of the browser terminal, each a message
 * or in lists of 50, and as messages of the Primary API; and full messages of the Primary API, with
 * five levels on each side, as frames of the stream and as answers to REST requests.
 *
 *   bench_lines QUOTES ROUNDS
 *
 * Each quote has all entries. The decoder of lines looks up the instrument, as the feed needs it.
 */
#include "report.h"

#include "base/buf.h"
#include "base/rng.h"
#include "matriz/frame.h"
#include "primary/decode.h"
#include "primary/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INSTRUMENTS 500
#define LIST_LINES  50
#define TODAY       20776 /* 2026-11-19 */
#define TEXT_BYTES  ((size_t)1 << 30)

struct messages {
    struct buf text; /* all messages, without separators */
    size_t *ends;
    int64_t count;
};

static void begin(struct messages *m, int64_t max)
{
    buf_init(&m->text, TEXT_BYTES);
    m->ends = malloc((size_t)max * sizeof(*m->ends));
    m->count = 0;
    if (!m->ends)
        report_fail("out of memory");
}

static void end_message(struct messages *m)
{
    m->ends[m->count++] = m->text.len_bytes;
}

static void finish(struct messages *m)
{
    buf_finish(&m->text);
    free(m->ends);
}

/* --- the same quote in both forms ------------------------------------------------------------- */

struct sample {
    int instrument;
    double price;
    int64_t volume;
    int second;
};

static struct sample sample(struct rng *rng, int64_t i)
{
    return (struct sample){(int)(i % INSTRUMENTS), 1600 + (double)rng_below(rng, 1000) / 2,
                           10000 + i, (int)(i % 60)};
}

static void put_line(struct buf *out, const struct sample *s)
{
    buf_printf(out,
               "M:rx_DDF_T%d_NOV26|%" PRId64 "|12|%.1f|%.1f|35|%.1f|2026-11-19T14:02:%02dZ|%" PRId64
               "|72214560000|45120000|%.1f|%.1f|%.1f|812345|||1597|2026-11-18|1595.5|2026-11-17",
               s->instrument, s->volume, s->price, s->price + 0.5, s->price, s->second, s->volume,
               s->price - 4, s->price + 4, s->price - 2);
}

static void put_frame(struct buf *out, const struct sample *s)
{
    buf_printf(out,
               "{\"type\":\"Md\",\"timestamp\":%" PRId64 ",\"instrumentId\":{\"marketId\":\"ROFX\","
               "\"symbol\":\"T%d/NOV26\"},\"marketData\":{\"BI\":[{\"price\":%.1f,\"size\":12}],"
               "\"OF\":[{\"price\":%.1f,\"size\":35}],\"LA\":{\"price\":%.1f,\"size\":5,"
               "\"date\":1795096978117},\"TV\":%" PRId64 ",\"LO\":%.1f,\"HI\":%.1f,\"OP\":%.1f,"
               "\"OI\":{\"size\":812345},\"SE\":{\"price\":1597,\"date\":1794960000000},"
               "\"CL\":{\"price\":1597,\"date\":1794960000000}}}",
               INT64_C(1795096920000) + s->second * 1000, s->instrument, s->price, s->price + 0.5,
               s->price, s->volume, s->price - 4, s->price + 4, s->price - 2);
}

/* About 640 bytes. Sizes have one to three digits, as in reality. */
static void put_levels(struct buf *out, struct rng *rng, double price, double step)
{
    for (int i = 0; i < 5; i++)
        buf_printf(out, "%s{\"price\":%.1f,\"size\":%d}", i ? "," : "", price + step * i,
                   1 + (int)rng_below(rng, 900));
}

static void put_market_data(struct buf *out, struct rng *rng, const struct sample *s)
{
    buf_puts(out, "{\"BI\":[");
    put_levels(out, rng, s->price - 0.5, -0.5);
    buf_puts(out, "],\"OF\":[");
    put_levels(out, rng, s->price + 0.5, 0.5);
    buf_printf(
        out,
        "],\"LA\":{\"price\":%.1f,\"size\":%d,\"date\":1795096978117},\"OP\":1598.0,"
        "\"CL\":{\"price\":1597.5,\"size\":null,\"date\":1794960000000},\"SE\":{\"price\":1597.0,"
        "\"size\":null,\"date\":1794960000000},\"HI\":%.1f,\"LO\":%.1f,\"TV\":%" PRId64 "}",
        s->price, 1 + (int)rng_below(rng, 50), s->price + 20, s->price - 20, s->volume);
}

static void put_full_frame(struct buf *out, struct rng *rng, const struct sample *s)
{
    buf_printf(out,
               "{\"type\":\"Md\",\"timestamp\":%" PRId64 ",\"instrumentId\":{\"marketId\":\"ROFX\","
               "\"symbol\":\"T%d/NOV26\"},\"marketData\":",
               INT64_C(1795096920000) + s->second * 1000, s->instrument);
    put_market_data(out, rng, s);
    buf_puts(out, "}");
}

static void put_answer(struct buf *out, struct rng *rng, const struct sample *s)
{
    buf_puts(out, "{\"status\":\"OK\",\"marketData\":");
    put_market_data(out, rng, s);
    buf_puts(out, ",\"depth\":5,\"aggregated\":true}");
}

enum form { LINES, LISTS, FRAMES, FULL_FRAMES, ANSWERS };

static void put(struct buf *out, struct rng *rng, enum form form, const struct sample *s)
{
    switch (form) {
    case LINES:
    case LISTS:
        put_line(out, s);
        return;
    case FRAMES:
        put_frame(out, s);
        return;
    case FULL_FRAMES:
        put_full_frame(out, rng, s);
        return;
    case ANSWERS:
        put_answer(out, rng, s);
        return;
    }
}

static void make(struct messages *m, enum form form, int64_t quotes)
{
    struct rng rng = {1};
    begin(m, quotes);
    for (int64_t i = 0; i < quotes; i++) {
        const struct sample s = sample(&rng, i);
        bool first = i % LIST_LINES == 0, last = (i + 1) % LIST_LINES == 0 || i + 1 == quotes;
        if (form == LISTS)
            buf_puts(&m->text, first ? "[\"" : ",\"");
        put(&m->text, &rng, form, &s);
        if (form == LISTS)
            buf_puts(&m->text, last ? "\"]" : "\"");
        if (form != LISTS || last)
            end_message(m);
    }
    if (buf_failed(&m->text))
        report_fail("%" PRId64 " quotes do not fit", quotes);
}

/* --- decoding --------------------------------------------------------------------------------- */

static struct matriz_ids *make_ids(void)
{
    struct matriz_ids *ids = matriz_ids_create();
    for (int i = 0; ids && i < INSTRUMENTS; i++) {
        char symbol[32];
        snprintf(symbol, sizeof(symbol), "T%d/NOV26", i);
        if (matriz_ids_add(ids, "ROFX", symbol, "DDF", NULL))
            report_fail("no id for %s", symbol);
    }
    return ids;
}

static int64_t decode_lines(struct matriz_frame_decoder *d, const struct messages *m)
{
    struct stream_item item;
    int64_t data = 0;
    size_t from = 0;
    for (int64_t i = 0; i < m->count; from = m->ends[i++]) {
        struct stream_message message = {m->text.data + from, m->ends[i] - from, 0};
        while (matriz_frame_next(d, &message, TODAY, &item))
            data += item.kind == STREAM_DATA;
    }
    return data;
}

static int64_t decode_frames(struct stream_decoder *d, const struct messages *m)
{
    struct stream_item item;
    int64_t data = 0;
    size_t from = 0;
    for (int64_t i = 0; i < m->count; from = m->ends[i++]) {
        const struct stream_message message = {m->text.data + from, m->ends[i] - from, 0};
        stream_decode(d, &message, &item);
        data += item.kind == STREAM_DATA;
    }
    return data;
}

static int64_t decode_answers(struct json_parser *parser, const struct messages *m)
{
    struct quote_update update;
    struct unreadable unreadable;
    int64_t data = 0;
    size_t from = 0;
    for (int64_t i = 0; i < m->count; from = m->ends[i++]) {
        const struct reply reply = {200, "application/json", "", m->text.data + from,
                                    m->ends[i] - from};
        data += decode_market_data(parser, &reply, ENTRY_ALL,
                                   &(struct decode_out){&update, &unreadable, NULL}) == REPLY_OK;
    }
    return data;
}

static void check(int64_t data, int64_t quotes)
{
    if (data != quotes)
        report_fail("%" PRId64 " of %" PRId64 " quotes were decoded", data, quotes);
}

static void run_lines(const char *name, enum form form, int64_t quotes)
{
    struct messages m;
    struct matriz_frame_decoder *d = calloc(1, sizeof(*d));
    struct matriz_ids *ids = make_ids();
    if (!d || !ids)
        report_fail("out of memory");
    d->ids = ids;
    make(&m, form, quotes);
    const struct stopwatch watch = stopwatch_start();
    check(decode_lines(d, &m), quotes);
    report_pace(name, quotes, &watch);
    finish(&m);
    matriz_ids_destroy(ids);
    free(d);
}

static void run_messages(const char *name, enum form form, int64_t quotes)
{
    struct messages m;
    struct stream_decoder d = {.parser = json_parser_create(), .entries = ENTRY_ALL};
    if (!d.parser)
        report_fail("out of memory");
    make(&m, form, quotes);
    const struct stopwatch watch = stopwatch_start();
    check(form == ANSWERS ? decode_answers(d.parser, &m) : decode_frames(&d, &m), quotes);
    report_pace(name, quotes, &watch);
    finish(&m);
    json_parser_destroy(d.parser);
}

int main(int argc, char **argv)
{
    int64_t quotes = argc == 3 ? atoll(argv[1]) : 0, rounds = argc == 3 ? atoll(argv[2]) : 0;
    if (quotes < 1 || rounds < 1)
        report_fail("usage: bench_lines QUOTES ROUNDS");
    for (int64_t i = 0; i < rounds; i++) {
        run_lines("lines", LINES, quotes);
        run_lines("lists", LISTS, quotes);
        run_messages("frames", FRAMES, quotes);
        run_messages("full_frames", FULL_FRAMES, quotes);
        run_messages("answers", ANSWERS, quotes);
    }
    return 0;
}
