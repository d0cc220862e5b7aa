#include "cli/merge_view.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "cli/status_values.h"

#include <stdio.h>
#include <string.h>

/* --- text --------------------------------------------------------------------------------------
 */

static void put_shares(struct buf *out, const struct merge_parts *parts,
                       const struct merge_report *report)
{
    int width = (int)strlen("database");
    for (int i = 0; i < parts->from_count; i++)
        width = (int)strlen(parts->from[i]) > width ? (int)strlen(parts->from[i]) : width;
    buf_printf(out, "%-*s  %12s %12s  %10s %10s  %s\n", width, "database", "changes", "taken",
               "trades", "taken", "missed, all instruments");
    for (int i = 0; i < parts->from_count; i++) {
        const struct merge_share *share = &report->shares[i];
        char missed[32];
        buf_printf(out, "%-*s  %12lld %12lld  %10lld %10lld  %s\n", width, parts->from[i],
                   (long long)share->changes, (long long)share->changes_taken,
                   (long long)share->trades, (long long)share->trades_taken,
                   status_age_text(missed, (double)report->outages.missed_ns[i] / NS_PER_S));
    }
    buf_printf(out, "%-*s  %12s %12lld  %10s %10lld  %zu instruments, %lld events\n", width,
               parts->to, "", (long long)report->changes, "", (long long)report->trades,
               report->instruments, (long long)report->events);
}

/* The newest first. */
static void put_outages(struct buf *out, const struct merge_parts *parts,
                        const struct merge_report *report, int recorder)
{
    const struct outages *all = &report->outages;
    size_t shown = 0, count = 0;
    for (size_t i = 0; i < all->count; i++)
        count += all->item[i].recorder == recorder;
    if (count)
        buf_printf(out, "\n%s missed, and another one has:\n", parts->from[recorder]);
    for (size_t i = all->count; i-- > 0 && shown < MERGE_VIEW_MOST;) {
        const struct outage *outage = &all->item[i];
        char from[CLOCK_TEXT], length[32];
        if (outage->recorder != recorder)
            continue;
        shown++;
        buf_printf(out, "  %.19s ART  %8s  %6zu instrument%s  %s\n",
                   art_text(from, outage->ts_from),
                   status_age_text(length, (double)(outage->ts_to - outage->ts_from) / NS_PER_S),
                   outage->instruments, outage->instruments == 1 ? " " : "s",
                   outage->reason ? outage->reason : "not recorded before");
    }
    if (shown < count)
        buf_printf(out, "  and %zu earlier (--json has all)\n", count - shown);
}

void merge_view_text(struct buf *out, const struct merge_parts *parts,
                     const struct merge_report *report)
{
    put_shares(out, parts, report);
    for (int i = 0; i < parts->from_count; i++)
        put_outages(out, parts, report, i);
}

/* --- JSON --------------------------------------------------------------------------------------
 */

static void put_share_json(struct buf *out, const struct merge_parts *parts,
                           const struct merge_report *report, int recorder)
{
    const struct merge_share *share = &report->shares[recorder];
    buf_puts(out, recorder ? ",{\"database\":" : "{\"database\":");
    json_put_string(out, parts->from[recorder]);
    buf_printf(out,
               ",\"changes\":%lld,\"changes_taken\":%lld,\"trades\":%lld,\"trades_taken\":%lld,"
               "\"events\":%lld,\"missed_s\":",
               (long long)share->changes, (long long)share->changes_taken, (long long)share->trades,
               (long long)share->trades_taken, (long long)share->events);
    json_put_number(out, (double)report->outages.missed_ns[recorder] / NS_PER_S);
    buf_puts(out, "}");
}

static void put_outage_json(struct buf *out, const struct merge_parts *parts,
                            const struct outage *outage)
{
    char from[CLOCK_TEXT], to[CLOCK_TEXT];
    buf_puts(out, "{\"database\":");
    json_put_string(out, parts->from[outage->recorder]);
    buf_printf(out, ",\"from\":\"%s\",\"to\":\"%s\",\"instruments\":%zu,\"reason\":",
               clock_text(from, outage->ts_from), clock_text(to, outage->ts_to),
               outage->instruments);
    json_put_string(out, outage->reason);
    buf_puts(out, "}");
}

void merge_view_json(struct buf *out, const struct merge_parts *parts,
                     const struct merge_report *report)
{
    buf_puts(out, "{\"database\":");
    json_put_string(out, parts->to);
    buf_printf(out,
               ",\"instruments\":%zu,\"changes\":%lld,\"trades\":%lld,\"events\":%lld,\"from\":[",
               report->instruments, (long long)report->changes, (long long)report->trades,
               (long long)report->events);
    for (int i = 0; i < parts->from_count; i++)
        put_share_json(out, parts, report, i);
    buf_puts(out, "],\"outages\":[");
    for (size_t i = 0; i < report->outages.count; i++) {
        if (i)
            buf_puts(out, ",");
        put_outage_json(out, parts, &report->outages.item[i]);
    }
    buf_puts(out, "]}\n");
}
