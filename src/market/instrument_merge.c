#include "market/instrument_merge.h"

#include "base/clock.h"

#include <errno.h>

#define WORDS_BYTES 512

static size_t count_listed(const struct instrument_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < instrument_list_count(list); i++)
        count += instrument_list_at(list, i)->listed;
    return count;
}

int instrument_merge_begin(struct instrument_merge *m, struct instrument_list *before,
                           int64_t ts_read)
{
    *m = (struct instrument_merge){.ts_read = ts_read};
    m->after = instrument_list_create();
    if (!m->after)
        return -ENOMEM;
    m->before = before ? instrument_list_share(before) : NULL;
    m->listed_before = count_listed(before);
    return 0;
}

struct instrument_list *instrument_merge_take(struct instrument_merge *m)
{
    struct instrument_list *list = m->after;
    m->after = NULL;
    return list;
}

void instrument_merge_finish(struct instrument_merge *m)
{
    instrument_list_release(m->before);
    instrument_list_release(m->after);
    instrument_list_release(m->segments);
    m->before = m->after = m->segments = NULL;
}

/* --- what was read ---------------------------------------------------------------------------- */

static void count_change(struct instrument_changed *changed, const struct instrument *known)
{
    if (changed->count < INSTRUMENT_NEWS_MAX) {
        changed->symbol[changed->count] = known->symbol;
        changed->market_id[changed->count] = known->market_id;
    }
    changed->count++;
}

static void compare(struct instrument_merge *m, const struct instrument *known,
                    const struct instrument *read)
{
    unsigned kinds = instrument_changes(known, read, 0, NULL);
    if (kinds & INSTRUMENT_TERMS)
        count_change(&m->terms, known);
    if (kinds & INSTRUMENT_LIMITS)
        count_change(&m->limits, known);
}

void instrument_merge_add(struct instrument_merge *m, const struct instrument *read)
{
    const struct instrument *known = instrument_list_find(m->before, read->market_id, read->symbol);
    bool again = instrument_list_find(m->after, read->market_id, read->symbol) != NULL;
    struct instrument merged = *read;
    merged.ts_listed = m->ts_read;
    merged.listed = true;
    if (known)
        instrument_fill(&merged, known);
    if (known && !again)
        compare(m, known, read);
    m->added += !again && (!known || !known->listed);
    int rc = instrument_list_put(m->after, &merged);
    m->rc = m->rc ? m->rc : rc;
}

/* --- the rest --------------------------------------------------------------------------------- */

size_t instrument_merge_missing(const struct instrument_merge *m)
{
    size_t missing = 0;
    for (size_t i = 0; i < instrument_list_count(m->before); i++) {
        const struct instrument *known = instrument_list_at(m->before, i);
        missing +=
            known->listed && !instrument_list_find(m->after, known->market_id, known->symbol);
    }
    return missing;
}

static void keep(struct instrument_merge *m, const struct instrument *known, bool whole)
{
    struct instrument kept = *known;
    kept.listed = known->listed && !whole;
    bool old = known->ts_listed < m->ts_read - INSTRUMENT_KEEP_DAYS * NS_PER_DAY;
    if ((old && !known->listed) || /* else the database would keep it as listed */
        instrument_list_find(m->after, known->market_id, known->symbol) != NULL)
        return;
    int rc = instrument_list_put(m->after, &kept);
    m->rc = m->rc ? m->rc : rc;
}

/* --- segments --------------------------------------------------------------------------------- */

void instrument_merge_segments(struct instrument_merge *m, struct instrument_list *segments)
{
    instrument_list_release(m->segments);
    m->segments = instrument_list_share(segments);
}

static void put_segment(struct instrument_merge *m, struct market_segment segment, bool listed)
{
    segment.listed = listed;
    int rc = instrument_list_put_segment(m->after, &segment);
    m->rc = m->rc ? m->rc : rc;
}

/* Those of before, in their order, then new ones. One of which nothing was heard for long is
 * forgotten. */
static void end_segments(struct instrument_merge *m)
{
    int64_t oldest_ns = m->ts_read - INSTRUMENT_KEEP_DAYS * NS_PER_DAY;
    for (size_t i = 0; i < instrument_list_segments(m->before); i++) {
        const struct market_segment *known = instrument_list_segment(m->before, i);
        if (known->listed || known->ts_listed >= oldest_ns)
            put_segment(m, *known, known->listed && !m->segments);
    }
    for (size_t i = 0; i < instrument_list_segments(m->segments); i++)
        put_segment(m, *instrument_list_segment(m->segments, i), true);
}

/* --- the end ---------------------------------------------------------------------------------- */

int instrument_merge_end(struct instrument_merge *m, bool whole, struct err *err)
{
    m->missing = whole ? instrument_merge_missing(m) : 0;
    if (!whole)
        m->added = 0; /* it may have been listed before without having been read */
    for (size_t i = 0; i < instrument_list_count(m->before); i++)
        keep(m, instrument_list_at(m->before, i), whole);
    end_segments(m);
    if (m->rc == -E2BIG)
        return err_set(err, m->rc, "more than %d instruments", INSTRUMENT_LIST_MAX);
    return m->rc ? err_set(err, m->rc, "out of memory") : 0;
}

/* --- what recorders have published ------------------------------------------------------------ */

static int copy_all(const struct instrument_list *before, struct instrument_list *after)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < instrument_list_count(before); i++)
        rc = instrument_list_put(after, instrument_list_at(before, i));
    for (size_t i = 0; rc == 0 && i < instrument_list_segments(before); i++)
        rc = instrument_list_put_segment(after, instrument_list_segment(before, i));
    return rc;
}

static int accept(const struct instrument_published *out, const struct instrument *published)
{
    const struct instrument *known =
        instrument_list_find(out->after, published->market_id, published->symbol);
    if (known && known->ts_listed > published->ts_listed)
        return 0;
    int rc = instrument_list_put(out->after, published);
    return rc ? rc : instrument_list_put(out->accepted, published);
}

int instrument_merge_published(const struct instrument_list *before,
                               const struct instrument_list *published,
                               struct instrument_published *out)
{
    out->after = instrument_list_create();
    out->accepted = instrument_list_create();
    int rc = out->after && out->accepted ? copy_all(before, out->after) : -ENOMEM;
    for (size_t i = 0; rc == 0 && i < instrument_list_count(published); i++)
        rc = accept(out, instrument_list_at(published, i));
    if (rc) {
        instrument_list_release(out->after);
        instrument_list_release(out->accepted);
    }
    return rc;
}

/* --- news ------------------------------------------------------------------------------------- */

struct telling {
    const struct instrument_merge *merge;
    instrument_news_fn *fn;
    void *arg;
    struct buf words;
};

static void tell_one(struct telling *t, const struct instrument_changed *changed, size_t at,
                     unsigned kind)
{
    const char *market_id = changed->market_id[at], *symbol = changed->symbol[at];
    const struct instrument *before = instrument_list_find(t->merge->before, market_id, symbol);
    const struct instrument *now = instrument_list_find(t->merge->after, market_id, symbol);
    buf_clear(&t->words);
    instrument_changes(before, now, kind, &t->words);
    t->fn(t->arg, symbol, buf_text(&t->words));
}

static void tell(struct telling *t, const struct instrument_changed *changed, unsigned kind,
                 const char *what)
{
    if (changed->count <= INSTRUMENT_NEWS_MAX) {
        for (size_t i = 0; i < changed->count; i++)
            tell_one(t, changed, i, kind);
        return;
    }
    buf_clear(&t->words);
    buf_printf(&t->words, "%s of %zu instruments changed, such as %s, %s and %s", what,
               changed->count, changed->symbol[0], changed->symbol[1], changed->symbol[2]);
    t->fn(t->arg, NULL, buf_text(&t->words));
}

/* Segments that only one of both lists; the first few are named. */
static size_t differing_segments(const struct instrument_list *has,
                                 const struct instrument_list *lacks, struct buf *names)
{
    size_t count = 0;
    for (size_t i = 0; i < instrument_list_segments(has); i++) {
        const struct market_segment *s = instrument_list_segment(has, i);
        const struct market_segment *other =
            instrument_list_find_segment(lacks, s->market_id, s->id);
        if (!s->listed || (other && other->listed))
            continue;
        if (count++ < INSTRUMENT_NEWS_MAX)
            buf_printf(names, "%s%s", count > 1 ? ", " : " (", s->id);
    }
    buf_puts(names, count ? ")" : "");
    return count;
}

static void tell_segments(struct telling *t)
{
    struct buf added, gone;
    buf_init(&added, WORDS_BYTES);
    buf_init(&gone, WORDS_BYTES);
    size_t new = differing_segments(t->merge->after, t->merge->before, &added);
    size_t old = differing_segments(t->merge->before, t->merge->after, &gone);
    buf_clear(&t->words);
    buf_printf(&t->words, "the broker's list of segments: %zu new%s, %zu no longer listed%s", new,
               buf_text(&added), old, buf_text(&gone));
    if ((new || old) && instrument_list_segments(t->merge->before))
        t->fn(t->arg, NULL, buf_text(&t->words));
    buf_finish(&added);
    buf_finish(&gone);
}

void instrument_merge_news(const struct instrument_merge *m, instrument_news_fn *fn, void *arg)
{
    struct telling t = {m, fn, arg, {0}};
    if (m->listed_before == 0)
        return;
    buf_init(&t.words, WORDS_BYTES);
    if (m->added || m->missing) {
        buf_printf(&t.words, "the broker's list of instruments: %zu new, %zu no longer listed",
                   m->added, m->missing);
        fn(arg, NULL, buf_text(&t.words));
    }
    tell_segments(&t);
    tell(&t, &m->terms, INSTRUMENT_TERMS, "ticks, multipliers, sizes or dates");
    tell(&t, &m->limits, INSTRUMENT_LIMITS, "price limits");
    buf_finish(&t.words);
}
