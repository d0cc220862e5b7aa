#include "feed/handover.h"

#include "feed/feed_messages.h"
#include "feed/poller.h"
#include "feed/probes.h"
#include "market/source_table.h"
#include "record/coverage_log.h"

static void tell_observed(struct handover *h, const struct source_move *move, bool by_stream,
                          int64_t now_ms)
{
    struct unobserved_summary summary;
    int32_t left = source_table_counts(h->sources)->lost;
    if (move->lost_ms &&
        unobserved_end(&h->unobserved, now_ms - move->lost_ms, by_stream, left, &summary))
        feed_messages_seen(h->messages, &summary);
}

void handover_delivered(struct handover *h, int32_t instrument,
                        const struct handover_delivery *delivery)
{
    const struct source_event event = {.kind = SOURCE_EV_DELIVERED,
                                       .now_ms = delivery->now_ms,
                                       .stream = delivery->stream,
                                       .entries = delivery->entries};
    struct source_move move = source_table_step(h->sources, instrument, &event);
    if (move.moved) {
        poller_streamed(h->poller, instrument);
        coverage_log_streamed(h->coverage, instrument);
    }
    tell_observed(h, &move, true, delivery->now_ms);
    if (move.proved)
        h->tried(h->arg, instrument, true);
}

static void observed(struct handover *h, int32_t instrument, bool by_stream, int64_t now_ms)
{
    const struct source_event event = {.kind = SOURCE_EV_OBSERVED, .now_ms = now_ms};
    struct source_move move = source_table_step(h->sources, instrument, &event);
    tell_observed(h, &move, by_stream, now_ms);
    if (move.proved)
        h->tried(h->arg, instrument, true);
}

void handover_observed(struct handover *h, int32_t instrument, int64_t now_ms)
{
    observed(h, instrument, true, now_ms);
}

static void cover(struct handover *h, const struct poll_told *told)
{
    if (told->answered)
        coverage_log_polled(h->coverage, told->instrument, told->refresh_ms);
    else if (told->dropped)
        coverage_log_gave_up(h->coverage, told->instrument, told->trouble);
    else
        coverage_log_unanswered(h->coverage, told->instrument, told->trouble);
}

void handover_polled(struct handover *h, const struct poll_told *told)
{
    const struct source_row *row = source_table_row(h->sources, told->instrument);
    if (row->state != SOURCE_STREAMED)
        cover(h, told);
    if (told->answered)
        observed(h, told->instrument, false, told->now_ms);
    else if (told->dropped && row->on_trial)
        h->tried(h->arg, told->instrument, false);
}

void handover_lost(struct handover *h, int32_t instrument, const struct handover_loss *loss)
{
    const struct source_event event = {.kind = SOURCE_EV_LOST,
                                       .now_ms = loss->now_ms,
                                       .stream = loss->stream,
                                       .at_ms = loss->proof_ms};
    if (!source_table_step(h->sources, instrument, &event).moved)
        return;
    coverage_log_stream_lost(h->coverage, instrument, loss->proof_ms, loss->why);
    probes_lost(h->probes, instrument);
    poller_unstreamed(h->poller, instrument, loss->delay_ms);
}

int32_t handover_lost_all(struct handover *h, struct handover_loss loss)
{
    struct source_list list = source_table_listed(h->sources);
    int32_t lost = source_table_counts(h->sources)->streamed_by[loss.stream];
    int64_t spread_ms = loss.delay_ms;
    for (int32_t k = 0; k < list.count; k++) {
        loss.delay_ms = spread_ms * k / list.count;
        handover_lost(h, list.item[k], &loss);
    }
    return lost;
}
