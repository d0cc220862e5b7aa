/*
 * Work whose instructions are counted under valgrind, for instructions.py. One job per run:
 *
 *   bench_count frame COUNT TIMES     decodes full Md frames of the Primary API, each TIMES times
 *   bench_count line COUNT TIMES      decodes lines of quotes of the browser terminal
 *   bench_count row COUNT DB          writes changes in transactions of BATCH rows
 *
 * Only what counted() does is counted: the data are created before. The same arguments execute the
 * same instructions: one thread, no clock, seeded numbers.
 */
#include "report.h"
#include "statements.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "matriz/frame.h"
#include "primary/encode.h"
#include "primary/stream.h"
#include "store/write/batch.h"
#include "store/write/database.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INSTRUMENTS 200
#define BATCH       1024
#define T0_NS       INT64_C(1795438800000000000) /* 2026-11-23 10:00 in Argentina */
#define TODAY       20780
#define TEXT_BYTES  ((size_t)64 << 20)

struct job;

/* The function whose instructions are counted (valgrind --toggle-collect). */
void counted(void (*work)(struct job *job), struct job *job);

struct job {
    int64_t count, times;
    struct rng rng;
    struct buf text; /* all messages, without separators */
    size_t *ends;
    int64_t decoded;
    struct stream_decoder stream;
    struct matriz_frame_decoder lines;
    struct batch batch;
    struct batch_writer writer;
};

__attribute__((noinline)) void counted(void (*work)(struct job *job), struct job *job)
{
    work(job);
}

/* --- data ------------------------------------------------------------------------------------- */

static struct side side(struct rng *rng, double mid, double step)
{
    struct side s = {.count = 5};
    for (int i = 0; i < s.count; i++)
        s.level[i] = (struct level){mid + step * (i + 1), (double)(1 + rng_below(rng, 900))};
    return s;
}

/* A full quote; `n` numbers the changes of all instruments. */
static struct quote quote(struct rng *rng, int64_t n)
{
    double mid = 1000 + (double)(n % INSTRUMENTS) * 10 + (double)rng_below(rng, 1000) / 2;
    struct quote q = quote_none();
    q.bids = side(rng, mid, -0.5);
    q.offers = side(rng, mid, 0.5);
    q.last_price = mid;
    q.last_size = (double)(1 + rng_below(rng, 50));
    q.ts_last = T0_NS + n * NS_PER_MS;
    q.ts_event = q.ts_last + 3 * NS_PER_MS;
    q.open_price = q.low_price = mid - 20;
    q.high_price = mid + 20;
    q.close_price = q.settlement_price = mid + 1.5;
    q.close_day = q.settlement_day = TODAY - 1;
    q.open_interest = 812345;
    q.trade_volume = (double)(1000 + n);
    q.effective_volume = q.trade_volume * 1600.25;
    return q;
}

static void put_frame(struct buf *out, const struct quote *q, int64_t n)
{
    buf_printf(out,
               "{\"type\":\"Md\",\"timestamp\":%" PRId64 ",\"instrumentId\":{\"marketId\":\"ROFX\","
               "\"symbol\":\"T%d/NOV26\"},\"marketData\":",
               q->ts_event / NS_PER_MS, (int)(n % INSTRUMENTS));
    encode_market_data(out, q, ENTRY_ALL & ~ENTRY_BIT(ENTRY_IV) & ~ENTRY_BIT(ENTRY_ACP), 5,
                       EMPTY_NULL);
    buf_puts(out, "}");
}

static void put_line(struct buf *out, const struct quote *q, int64_t n)
{
    const struct level *bid = &q->bids.level[0], *offer = &q->offers.level[0];
    buf_printf(out,
               "M:rx_DDF_T%d_NOV26|%" PRId64 "|%.0f|%.1f|%.1f|%.0f|%.1f|2026-11-23T13:02:%02dZ|%.0f"
               "|72214560000|45120000|%.1f|%.1f|%.1f|812345|||1597|2026-11-20|1595.5|2026-11-20",
               (int)(n % INSTRUMENTS), n, bid->size, bid->price, offer->price, offer->size,
               q->last_price, (int)(n % 60), q->trade_volume, q->low_price, q->high_price,
               q->open_price);
}

static void make_messages(struct job *job,
                          void (*put)(struct buf *out, const struct quote *q, int64_t n))
{
    buf_init(&job->text, TEXT_BYTES);
    job->ends = calloc((size_t)job->count, sizeof(*job->ends));
    if (!job->ends)
        report_fail("out of memory");
    for (int64_t n = 0; n < job->count; n++) {
        const struct quote q = quote(&job->rng, n);
        put(&job->text, &q, n);
        job->ends[n] = job->text.len_bytes;
    }
    if (buf_failed(&job->text))
        report_fail("%" PRId64 " messages do not fit", job->count);
}

static struct stream_message message(const struct job *job, int64_t n)
{
    size_t from = n ? job->ends[n - 1] : 0;
    return (struct stream_message){job->text.data + from, job->ends[n] - from, 0};
}

static void finish_messages(struct job *job)
{
    if (job->decoded != job->count * job->times)
        report_fail("%" PRId64 " of %" PRId64 " messages were decoded", job->decoded,
                    job->count * job->times);
    buf_finish(&job->text);
    free(job->ends);
}

/* --- decoding --------------------------------------------------------------------------------- */

static void decode_frames(struct job *job)
{
    struct stream_item item;
    for (int64_t n = 0; n < job->count * job->times; n++) {
        const struct stream_message m = message(job, n / job->times);
        stream_decode(&job->stream, &m, &item);
        job->decoded += item.kind == STREAM_DATA;
    }
}

static void frames(struct job *job)
{
    make_messages(job, put_frame);
    job->stream = (struct stream_decoder){.parser = json_parser_create(), .entries = ENTRY_ALL};
    if (!job->stream.parser)
        report_fail("out of memory");
    counted(decode_frames, job);
    finish_messages(job);
    json_parser_destroy(job->stream.parser);
}

static void decode_lines(struct job *job)
{
    struct stream_item item;
    for (int64_t n = 0; n < job->count * job->times; n++) {
        struct stream_message m = message(job, n / job->times);
        while (matriz_frame_next(&job->lines, &m, TODAY, &item))
            job->decoded += item.kind == STREAM_DATA;
    }
}

static void lines(struct job *job)
{
    struct matriz_ids *ids = matriz_ids_create();
    for (int i = 0; ids && i < INSTRUMENTS; i++) {
        char symbol[32];
        snprintf(symbol, sizeof(symbol), "T%d/NOV26", i);
        if (matriz_ids_add(ids, "ROFX", symbol, "DDF", NULL))
            report_fail("no id for %s", symbol);
    }
    if (!ids)
        report_fail("out of memory");
    job->lines.ids = ids;
    make_messages(job, put_line);
    counted(decode_lines, job);
    finish_messages(job);
    matriz_ids_destroy(ids);
}

/* --- rows ------------------------------------------------------------------------------------- */

static void fill_batch(struct job *job, int64_t from)
{
    job->batch.rows_count = BATCH;
    for (int64_t n = 0; n < BATCH; n++)
        job->batch.rows[n] =
            (struct store_snapshot){.instrument = (int32_t)((from + n) % INSTRUMENTS),
                                    .source = SOURCE_STREAM,
                                    .seq = from + n + 1,
                                    .ts_recv = T0_NS + (from + n) * NS_PER_MS,
                                    .changed = ENTRY_ALL,
                                    .quote = quote(&job->rng, from + n)};
}

static void write_batch(struct job *job)
{
    if (batch_write(&job->writer, &job->batch, NULL, 0))
        report_fail("rows cannot be written");
}

static void add_instruments(struct batch_writer *writer)
{
    struct sqlite3 *db = writer->db;
    char sql[256];
    writer->ids = calloc(INSTRUMENTS, sizeof(*writer->ids));
    writer->marks = calloc(INSTRUMENTS, sizeof(*writer->marks));
    if (!writer->ids || !writer->marks)
        report_fail("out of memory");
    for (int i = 0; i < INSTRUMENTS; i++) {
        snprintf(sql, sizeof(sql),
                 "INSERT INTO instrument (id, market_id, symbol, ts_created) "
                 "VALUES (%d, 'ROFX', 'T%d/NOV26', %" PRId64 ")",
                 i + 1, i, T0_NS);
        statements_run(db, sql);
        writer->ids[i] = i + 1;
    }
    writer->ids_count = writer->ids_cap = INSTRUMENTS;
}

/* The first batch is not counted: it creates the quotes and the first pages of the tables. */
static void rows(struct job *job, const char *path)
{
    struct database database;
    struct err err = {0};
    if (database_open(&database, path, false, &err) ||
        batch_writer_open(&job->writer, database.db, &err))
        report_fail("%s", err.text);
    add_instruments(&job->writer);
    fill_batch(job, 0);
    write_batch(job);
    for (int64_t done = 0; done < job->count; done += BATCH) {
        fill_batch(job, BATCH + done);
        counted(write_batch, job);
    }
    batch_writer_close(&job->writer);
    database_close(&database);
}

int main(int argc, char **argv)
{
    static struct job job;
    if (argc != 4 || atoll(argv[2]) < 1)
        report_fail("usage: bench_count frame|line COUNT TIMES, or row COUNT DB");
    job.count = atoll(argv[2]);
    job.times = atoll(argv[3]);
    job.rng = (struct rng){1};
    if (!strcmp(argv[1], "frame"))
        frames(&job);
    else if (!strcmp(argv[1], "line"))
        lines(&job);
    else if (!strcmp(argv[1], "row"))
        rows(&job, argv[3]);
    else
        report_fail("no such job: %s", argv[1]);
    return 0;
}
