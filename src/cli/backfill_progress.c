#include "cli/backfill_progress.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

#define FAILURES_BYTES    (256 * 1024)
#define INSTRUMENTS_BYTES (4 * 1024 * 1024)

/* ?1: the day; ?2: asked at; ?3: the instruments. */
#define LISTS                                                                                      \
    "  FROM json_each(?3) w"                                                                       \
    "  LEFT JOIN tape_day d ON d.day = CAST(?1 AS INTEGER) AND d.instrument_id = w.value"          \
    "   AND d.ts_merged >= CAST(?2 AS INTEGER)"

static const char counts_sql[] =
    "SELECT count(*), count(d.day), coalesce(sum(d.listed), 0), coalesce(sum(d.unlisted), 0),"
    "       coalesce(sum((SELECT count(*) FROM trade r WHERE r.instrument_id = w.value"
    "          AND r.ts_event >= CAST(?4 AS INTEGER) AND r.ts_event < CAST(?5 AS INTEGER)"
    "          AND r.origin = 4)), 0)" LISTS;

/* The last failure of each list that was not merged since. */
static const char failures_sql[] =
    "SELECT i.symbol, e.detail, max(e.ts)" LISTS "  JOIN instrument i ON i.id = w.value"
    "  JOIN feed_event e ON e.kind = 'tape_failed' AND e.symbol = i.symbol"
    "   AND e.ts >= CAST(?2 AS INTEGER)"
    " WHERE d.day IS NULL GROUP BY i.symbol ORDER BY i.symbol";

static int on_counts(void *arg, int columns, const struct reader_value *values)
{
    struct backfill_progress *p = arg;
    int64_t *const into[] = {&p->wanted, &p->merged, &p->listed, &p->unlisted, &p->added};
    for (int i = 0; i < columns; i++)
        *into[i] = strtoll(values[i].text, NULL, 10);
    return 0;
}

static int on_failure(void *arg, int columns, const struct reader_value *values)
{
    struct backfill_progress *p = arg;
    (void)columns;
    p->failed++;
    buf_printf(&p->failures, "%s: %s\n", values[0].text, values[1].text);
    return 0;
}

void backfill_progress_init(struct backfill_progress *p, int64_t day, int64_t ts_asked)
{
    *p = (struct backfill_progress){.day = day, .ts_asked = ts_asked};
    buf_init(&p->instruments, INSTRUMENTS_BYTES);
    buf_puts(&p->instruments, "[]");
}

void backfill_progress_want(struct backfill_progress *p, int64_t instrument_id)
{
    p->instruments.len_bytes--;
    buf_printf(&p->instruments, "%s%lld]", p->instruments.len_bytes > 1 ? "," : "",
               (long long)instrument_id);
}

int backfill_progress_read(struct backfill_progress *p, struct reader *reader, struct err *err)
{
    char day[NUM_TEXT], asked[NUM_TEXT], from[NUM_TEXT], to[NUM_TEXT];
    const char *const params[] = {num_whole_text(day, p->day), num_whole_text(asked, p->ts_asked),
                                  buf_text(&p->instruments),
                                  num_whole_text(from, art_day_begins_ns(p->day)),
                                  num_whole_text(to, art_day_begins_ns(p->day + 1))};
    buf_finish(&p->failures);
    buf_init(&p->failures, FAILURES_BYTES);
    p->failed = 0;
    int rc = reader_select(reader, &(const struct reader_query){counts_sql, params, 5}, on_counts,
                           p, err);
    if (rc == 0)
        rc = reader_select(reader, &(const struct reader_query){failures_sql, params, 3},
                           on_failure, p, err);
    return rc;
}

void backfill_progress_finish(struct backfill_progress *p)
{
    buf_finish(&p->failures);
    buf_finish(&p->instruments);
}

void backfill_progress_put(const struct backfill_progress *p, struct buf *out)
{
    buf_printf(out, "%lld of %lld lists, %lld trades", (long long)p->merged, (long long)p->wanted,
               (long long)p->listed);
    if (p->failed)
        buf_printf(out, ", %lld failed", (long long)p->failed);
}

void backfill_progress_bar(const struct backfill_progress *p, int width, struct buf *out)
{
    int64_t ended = p->merged + p->failed;
    int64_t full = p->wanted ? ended * width / p->wanted : width;
    buf_puts(out, "[");
    for (int i = 0; i < width; i++)
        buf_puts(out, i < full ? "#" : ".");
    buf_puts(out, "]");
}

static void put_failures(const struct backfill_progress *p, struct buf *out)
{
    const char *line = buf_text(&p->failures), *end;
    for (const char *comma = ""; (end = strchr(line, '\n')); line = end + 1, comma = ",") {
        struct buf text;
        buf_init(&text, FAILURES_BYTES);
        buf_append(&text, line, (size_t)(end - line));
        buf_puts(out, comma);
        json_put_string(out, buf_text(&text));
        buf_finish(&text);
    }
}

void backfill_progress_json(const struct backfill_progress *p, int64_t complete, struct buf *out)
{
    char day[CLOCK_TEXT];
    buf_printf(out,
               "{\"date\":\"%s\",\"wanted\":%lld,\"merged\":%lld,\"complete_before\":%lld,"
               "\"trades_listed\":%lld,\"trades_from_lists\":%lld,\"trades_unlisted\":%lld,"
               "\"failed\":[",
               clock_day_text(day, p->day), (long long)p->wanted, (long long)p->merged,
               (long long)complete, (long long)p->listed, (long long)p->added,
               (long long)p->unlisted);
    put_failures(p, out);
    buf_puts(out, "]}\n");
}
