#include "store/write/store_report.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

/* The text of an event, as it is written and told: paths and SQLite's messages may have anything.
 */
static void clean_text(char out[STORE_DETAIL_BYTES], const char *words)
{
    snprintf(out, STORE_DETAIL_BYTES, "%s", words);
    log_mask(out);
    utf8_clean(out, STORE_DETAIL_BYTES, out, strlen(out));
}

static void tell(struct store *store, const struct store_notice *notice)
{
    if (store->notice)
        store->notice(store->arg, notice);
}

void store_report(struct store *store, enum event_kind kind, enum log_level level,
                  const char *words)
{
    char detail[STORE_DETAIL_BYTES];
    int64_t ts = clock_now().wall_ns;
    clean_text(detail, words);
    store_event(store, ts, kind, NULL, detail);
    tell(store, &(struct store_notice){ts, kind, level, detail, 0});
}

void store_report_written(struct store *store, enum event_kind kind, enum log_level level,
                          const char *words)
{
    char detail[STORE_DETAIL_BYTES];
    clean_text(detail, words);
    tell(store, &(struct store_notice){clock_now().wall_ns, kind, level, detail, 0});
}

void store_report_trouble(struct store *store, enum trouble_kind kind, const char *why)
{
    char words[TROUBLE_WORDS + 80], detail[STORE_DETAIL_BYTES];
    struct now now = clock_now();
    clean_text(detail, why);
    if (!trouble_note(&store->trouble, kind, detail, now.mono_ms))
        return;
    pthread_mutex_lock(&store->lock);
    store->stats.failing = true;
    pthread_mutex_unlock(&store->lock);
    bool failing = store->trouble.kind == TROUBLE_FAILING;
    snprintf(words, sizeof(words), "%s: %s", trouble_title(store->trouble.kind),
             store->trouble.why);
    clean_text(detail, words);
    pending_event_add(&store->batch.pending, now.wall_ns, EVENT_STORE_DELAYED, NULL, detail);
    tell(store, &(struct store_notice){now.wall_ns, EVENT_STORE_DELAYED,
                                       failing ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, detail, 0});
}

void store_report_recovery(struct store *store, const struct recovery *recovery, int64_t dropped)
{
    for (size_t i = 0; i < recovery->count; i++) {
        const struct pending_event *event = &recovery->events[i];
        bool lost = event->kind == EVENT_DROPPED;
        tell(store,
             &(struct store_notice){event->ts, event->kind, lost ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN,
                                    event->detail, lost ? dropped : 0});
    }
}

void store_report_trimmed(struct store *store, const struct trimmer *trimmer)
{
    const struct trimmed *t = &trimmer->trimmed;
    char words[256], before[CLOCK_TEXT];
    if (!t->snapshots && !t->trades && !t->events && !t->spans)
        return;
    snprintf(words, sizeof(words),
             "old data trimmed, before %s: %lld changes, %lld trades, %lld events, %lld intervals "
             "of coverage",
             art_zone_text(before, trimmer->before_ns), (long long)t->snapshots,
             (long long)t->trades, (long long)t->events, (long long)t->spans);
    store_report(store, EVENT_TRIMMED, LOG_LEVEL_INFO, words);
}
