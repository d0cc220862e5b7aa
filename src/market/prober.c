#include "market/prober.h"

#include "market/source_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FAILED_MIN_MS 2000
#define FAILED_MAX_MS (5 * 60 * 1000)
#define SUSPECT_TRIES 3 /* without an answer; meanwhile no other instrument is probed */

struct probed {
    int64_t changes; /* how active it is */
    int failures;    /* of probes in a row */
    int64_t next_ms; /* not probed before, because the last probe failed */
};

struct prober {
    struct prober_limits limits;
    struct source_table *sources;
    struct probed *probed; /* by instrument */
    int32_t size;          /* length of probed */
    int64_t heard_ms;      /* last data of any instrument */
    int32_t asked;         /* -1 = none */
    int32_t suspect;       /* -1 = none */
    int64_t suspect_ms;
};

struct prober *prober_create(const struct prober_limits *limits, struct source_table *sources)
{
    struct prober *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->limits = *limits;
    p->sources = sources;
    p->asked = p->suspect = -1;
    if (prober_reserve(p, source_table_size(sources))) {
        prober_destroy(p);
        return NULL;
    }
    return p;
}

int prober_reserve(struct prober *p, int32_t size)
{
    if (size <= p->size)
        return 0;
    struct probed *probed = realloc(p->probed, (size_t)size * sizeof(*probed));
    if (!probed)
        return -ENOMEM;
    memset(probed + p->size, 0, (size_t)(size - p->size) * sizeof(*probed));
    p->probed = probed;
    p->size = size;
    return 0;
}

void prober_destroy(struct prober *p)
{
    if (!p)
        return;
    free(p->probed);
    free(p);
}

void prober_heard(struct prober *p, int32_t instrument, bool changed, int64_t now_ms)
{
    p->heard_ms = now_ms;
    p->probed[instrument].changes += changed;
    if (p->suspect == instrument)
        p->suspect = -1;
}

void prober_lost(struct prober *p, int32_t instrument)
{
    if (p->suspect == instrument)
        p->suspect = -1;
}

/* No second probe of a suspect would be sent, and until then none of others. */
void prober_relisted(struct prober *p)
{
    if (p->suspect >= 0 && source_table_row(p->sources, p->suspect)->state == SOURCE_UNLISTED)
        p->suspect = -1;
}

/* --- which to poll ---------------------------------------------------------------------------- */

static bool silent(const struct prober *p, int64_t now_ms)
{
    return now_ms - p->heard_ms >= p->limits.quiet_ms;
}

static bool may_ask(const struct prober *p, int32_t i, int64_t now_ms)
{
    const struct source_row *row = source_table_row(p->sources, i);
    return row->state == SOURCE_STREAMED && now_ms >= p->probed[i].next_ms &&
           now_ms - source_row_known_ms(row) >= p->limits.quiet_ms;
}

/* While some segments are open, those of closed ones prove nothing. */
static bool counts_now(const struct prober *p, int32_t i)
{
    return source_table_level(p->sources, i) != SESSION_CLOSED ||
           source_table_stream_level(p->sources, 0) == SESSION_CLOSED;
}

static int32_t most_active(const struct prober *p, int64_t now_ms)
{
    struct source_list list = source_table_listed(p->sources);
    int32_t best = -1;
    for (int32_t k = 0; k < list.count; k++) {
        int32_t i = list.item[k];
        int64_t changes = p->probed[i].changes;
        if (changes && (best < 0 || changes > p->probed[best].changes) && may_ask(p, i, now_ms) &&
            counts_now(p, i))
            best = i;
    }
    return best;
}

static int32_t longest_unknown(const struct prober *p, int64_t now_ms)
{
    struct source_list list = source_table_listed(p->sources);
    int32_t best = -1;
    int64_t known_ms = INT64_MAX;
    for (int32_t k = 0; k < list.count; k++) {
        const struct source_row *row = source_table_row(p->sources, list.item[k]);
        if (source_row_known_ms(row) < known_ms && may_ask(p, list.item[k], now_ms) &&
            counts_now(p, list.item[k])) {
            best = list.item[k];
            known_ms = source_row_known_ms(row);
        }
    }
    return best;
}

int32_t prober_pick(const struct prober *p, int64_t now_ms)
{
    if (p->asked >= 0)
        return -1;
    if (p->suspect >= 0) {
        bool due = now_ms - p->suspect_ms >= p->limits.confirm_ms &&
                   now_ms >= p->probed[p->suspect].next_ms;
        return due ? p->suspect : -1;
    }
    int32_t active = silent(p, now_ms) ? most_active(p, now_ms) : -1;
    return active >= 0 ? active : longest_unknown(p, now_ms);
}

int32_t prober_awaited(const struct prober *p)
{
    return p->asked;
}

int32_t prober_suspect(const struct prober *p)
{
    return p->suspect;
}

static void record(struct prober *p, int32_t instrument, enum source_event_kind kind,
                   int64_t now_ms)
{
    source_table_step(p->sources, instrument,
                      &(struct source_event){.kind = kind, .now_ms = now_ms});
}

void prober_asked(struct prober *p, int32_t instrument, int64_t now_ms)
{
    p->asked = instrument;
    record(p, instrument, SOURCE_EV_PROBED, now_ms);
}

/* So that one instrument without answers does not keep the others from being probed. */
static void put_off(struct probed *probed, int64_t now_ms)
{
    int64_t wait_ms = FAILED_MIN_MS;
    for (int i = 0; i < probed->failures && wait_ms < FAILED_MAX_MS; i++)
        wait_ms *= 2;
    probed->failures++;
    probed->next_ms = now_ms + (wait_ms < FAILED_MAX_MS ? wait_ms : FAILED_MAX_MS);
}

void prober_failed(struct prober *p, int32_t instrument, int64_t now_ms)
{
    const struct source_row *row = source_table_row(p->sources, instrument);
    if (p->asked != instrument)
        return;
    p->asked = -1;
    if (row->heard_ms < row->probe_ms) /* else the stream was faster */
        put_off(&p->probed[instrument], now_ms);
    if (p->suspect == instrument && p->probed[instrument].failures >= SUSPECT_TRIES)
        p->suspect = -1;
    record(p, instrument, SOURCE_EV_UNPROVED, now_ms);
}

/* --- answers ---------------------------------------------------------------------------------- */

/* What the answer to a probe of a streamed instrument proves; the stream was silent since. */
static enum probe_finding judge(struct prober *p, int32_t instrument, bool differs, int64_t now_ms)
{
    bool again = p->suspect == instrument;
    if (differs && !again) {
        p->suspect = instrument;
        p->suspect_ms = now_ms;
        return PROBE_DIFFERED;
    }
    if (again)
        p->suspect = -1;
    if (differs)
        return PROBE_DIVERGED;
    return p->probed[instrument].changes && silent(p, now_ms) ? PROBE_QUIET : PROBE_AGREED;
}

enum probe_finding prober_answer(struct prober *p, int32_t instrument, bool differs, int64_t now_ms)
{
    const struct source_row *row = source_table_row(p->sources, instrument);
    if (p->asked != instrument)
        return PROBE_NOTHING;
    p->probed[instrument].failures = 0;
    p->asked = -1; /* also if it is no longer streamed, or no other would ever be polled */
    enum probe_finding result = PROBE_NOTHING;
    if (row->probe_ms && row->heard_ms < row->probe_ms)
        result = judge(p, instrument, differs, now_ms);
    bool agreed = result == PROBE_AGREED || result == PROBE_QUIET;
    record(p, instrument, agreed ? SOURCE_EV_AGREED : SOURCE_EV_UNPROVED, now_ms);
    return result;
}
