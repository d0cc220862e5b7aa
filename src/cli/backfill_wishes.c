#include "cli/backfill_wishes.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/glob.h"
#include "base/num.h"

#include <errno.h>
#include <stdlib.h>

/* How well an instrument is known; lower ones are used only when there are none above. */
enum rank { RANK_KNOWN, RANK_NOW, RANK_THAT_DAY };

struct reading {
    struct backfill_wishes *wishes;
    int64_t day;
    enum rank best; /* that any instrument has that matches */
    bool counting;  /* the first of two passes, which finds `best` */
    bool failed;
};

static bool matches(struct backfill_wishes *w, const char *symbol)
{
    bool any = w->patterns_count == 0;
    for (int i = 0; i < w->patterns_count; i++) {
        if (!glob_one(w->patterns[i], symbol))
            continue;
        w->matched[i] = true;
        any = true;
    }
    return any;
}

static void add(struct reading *r, int64_t id, bool complete)
{
    struct backfill_wishes *w = r->wishes;
    w->complete += complete;
    if (complete)
        return;
    struct tape_wish *grown = array_grow(w->list, &w->cap, w->count + 1, sizeof(*w->list));
    r->failed |= !grown;
    if (!grown)
        return;
    w->list = grown;
    w->list[w->count++] = (struct tape_wish){id, r->day};
}

static int on_row(void *arg, int columns, const struct reader_value *values)
{
    struct reading *r = arg;
    enum rank rank = (enum rank)strtol(values[2].text, NULL, 10);
    (void)columns;
    /* Without a pattern, thousands of instruments that nobody records are not meant. */
    if ((rank == RANK_KNOWN && r->wishes->patterns_count == 0) ||
        !matches(r->wishes, values[1].text))
        return 0;
    if (r->counting)
        r->best = rank > r->best ? rank : r->best;
    else if (rank >= r->best)
        add(r, strtoll(values[0].text, NULL, 10), values[3].text[0] == '1');
    return r->failed;
}

/* ?1 ?2: the day begins and ends; ?3: the day. A day is complete when a list was merged up to its
 * last millisecond. */
static const char sql[] =
    "SELECT i.id, i.symbol,"
    "       CASE WHEN EXISTS (SELECT 1 FROM watch w WHERE w.instrument_id = i.id"
    "                            AND w.ts_from < CAST(?2 AS INTEGER)"
    "                            AND coalesce(w.ts_to, CAST(?2 AS INTEGER)) > CAST(?1 AS INTEGER))"
    "            THEN 2"
    "            WHEN EXISTS (SELECT 1 FROM watch w WHERE w.instrument_id = i.id AND w.ts_to IS "
    "NULL)"
    "            THEN 1 ELSE 0 END,"
    "       coalesce(d.ts_merged IS NOT NULL AND d.ts_complete >= CAST(?2 AS INTEGER) - 1000000, 0)"
    "  FROM instrument i"
    "  LEFT JOIN tape_day d ON d.day = CAST(?3 AS INTEGER) AND d.instrument_id = i.id"
    " ORDER BY i.symbol";

int backfill_wishes_read(struct backfill_wishes *w, struct reader *reader, int64_t day,
                         struct err *err)
{
    char from[NUM_TEXT], to[NUM_TEXT], text[NUM_TEXT];
    const char *const params[] = {num_whole_text(from, art_day_begins_ns(day)),
                                  num_whole_text(to, art_day_begins_ns(day + 1)),
                                  num_whole_text(text, day)};
    struct reading reading = {.wishes = w, .day = day, .counting = true};
    w->matched = calloc((size_t)w->patterns_count + 1, sizeof(*w->matched));
    if (!w->matched)
        return err_set(err, -ENOMEM, "out of memory");
    const struct reader_query query = {sql, params, 3};
    int rc = reader_select(reader, &query, on_row, &reading, err);
    reading.counting = false;
    if (rc == 0)
        rc = reader_select(reader, &query, on_row, &reading, err);
    return rc == 0 && reading.failed ? err_set(err, -ENOMEM, "out of memory") : rc;
}

void backfill_wishes_finish(struct backfill_wishes *w)
{
    free(w->list);
    free(w->matched);
}
