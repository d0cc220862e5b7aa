#include "store/write/inbox.h"

#include "support/store_fixture.h"

static struct batch batch;

static void put_one(struct inbox *inbox, const struct store_snapshot *row, size_t held_rows)
{
    const struct market_quote present = present_of(row);
    inbox_change(inbox, &(struct market_change){row->instrument, row->changed, &present},
                 held_rows);
}

static void put(struct inbox *inbox, int32_t instrument, int64_t seq, size_t held_rows)
{
    struct store_snapshot row = snapshot(instrument, seq, (double)seq);
    put_one(inbox, &row, held_rows);
}

static void three_instruments(struct inbox *inbox)
{
    inbox_instrument(inbox, 0, "ROFX", "A");
    inbox_instrument(inbox, 1, "ROFX", "B");
    inbox_instrument(inbox, 2, "ROFX", "C");
}

static void everything_is_taken_once(void **state)
{
    (void)state;
    struct inbox inbox;
    inbox_init(&inbox, 100);
    three_instruments(&inbox);
    inbox_instrument(&inbox, 1, "ROFX", "B"); /* known already */
    put(&inbox, 0, 1, 0);
    put(&inbox, 2, 2, 0);
    inbox_event(&inbox, T0, EVENT_STARTED, NULL, "words");
    inbox_seen(&inbox, (const int32_t[]){2, 0}, (const int64_t[]){T0 + 7, T0 + 5}, 2);

    inbox_take(&inbox, &batch);
    t_int(batch.pending.instruments_count, 3);
    t_str(batch.pending.instruments[1].symbol, "B");
    t_int(batch.rows_count, 2);
    t_int(batch.rows[1].seq, 2);
    t_int(batch.pending.events_count, 1);
    t_str(batch.pending.events[0].detail, "words");
    t_int(batch.pending.seen_count, 3);
    t_int(batch.pending.seen[0], T0 + 5);
    t_int(batch.pending.seen[1], 0);
    t_int(batch.pending.seen[2], T0 + 7);
    t_true(!batch_empty(&batch));
    batch_clear(&batch);

    inbox_take(&inbox, &batch);
    t_true(batch_empty(&batch));
    batch_clear(&batch);
    inbox_finish(&inbox);
}

/* The ledger must not be ahead of changes that are not written yet. */
static void skipped_numbers_follow_all_changes(void **state)
{
    (void)state;
    struct inbox inbox;
    inbox_init(&inbox, BATCH_ROWS + 1);
    inbox_instrument(&inbox, 0, "ROFX", "A");
    for (int64_t seq = 1; seq <= BATCH_ROWS + 1; seq++)
        put(&inbox, 0, seq, 0);
    pending_skip(&inbox.pending, BATCH_ROWS + 1, 1000000);
    inbox_take(&inbox, &batch);
    t_int(batch.rows_count, BATCH_ROWS);
    t_int(batch.pending.skipped_seqs, 0);
    batch_clear(&batch);
    inbox_take(&inbox, &batch);
    t_int(batch.rows_count, 1);
    t_int(batch.pending.skipped_seqs, 1000000 - BATCH_ROWS - 1);
    t_int(batch.pending.skipped_to, 1000000);
    batch_clear(&batch);
    inbox_finish(&inbox);
}

/* Also when the clock was set back between two of them. */
static void a_loss_spans_the_times_of_its_rows(void **state)
{
    (void)state;
    struct inbox inbox;
    inbox_init(&inbox, 1);
    inbox_instrument(&inbox, 0, "ROFX", "A");
    static const int64_t seconds[] = {50, 60, 20, 30, 99}; /* the last one is not dropped */
    for (size_t i = 0; i < T_COUNT(seconds); i++) {
        struct store_snapshot row = snapshot(0, (int64_t)i + 1, 1);
        row.ts_recv = T0 + seconds[i];
        put_one(&inbox, &row, 0);
    }
    t_int(inbox.loss.rows, 4);
    t_int(inbox.loss.ts_first, T0 + 20);
    t_int(inbox.loss.ts_last, T0 + 60);
    inbox_finish(&inbox);
}

static void a_batch_is_bounded_and_the_rest_follows(void **state)
{
    (void)state;
    struct inbox inbox;
    inbox_init(&inbox, 10000);
    inbox_instrument(&inbox, 0, "ROFX", "A");
    for (int64_t seq = 1; seq <= BATCH_ROWS + 5; seq++)
        put(&inbox, 0, seq, 0);
    inbox_take(&inbox, &batch);
    t_int(batch.rows_count, BATCH_ROWS);
    batch_clear(&batch);
    inbox_take(&inbox, &batch);
    t_int(batch.rows_count, 5);
    t_int(batch.rows[0].seq, BATCH_ROWS + 1);
    batch_clear(&batch);
    inbox_finish(&inbox);
}

static void beyond_the_limit_the_oldest_are_dropped_and_counted(void **state)
{
    (void)state;
    struct inbox inbox;
    inbox_init(&inbox, 4);
    three_instruments(&inbox);
    put(&inbox, 1, 1, 0); /* B changes once, A many times */
    for (int64_t seq = 2; seq <= 8; seq++)
        put(&inbox, 0, seq, 0);
    t_int(inbox.loss.rows, 4);
    t_int(inbox.loss.ts_first, T0 + 1);
    t_int(inbox.loss.ts_last, T0 + 4);

    inbox_take(&inbox, &batch);
    t_int(batch.rows_count, 4);
    t_int(batch.rows[0].seq, 5);
    t_int(batch.pending.kept_count, 3);
    t_int(batch.pending.kept[0].seq, 4); /* older than the remaining rows of A */
    t_int(batch.pending.kept[1].seq, 1); /* the only state of B */
    t_int(batch.pending.kept[2].seq, 0);
    batch_clear(&batch);
    inbox_finish(&inbox);
}

static void rows_held_by_the_writer_count(void **state)
{
    (void)state;
    struct inbox inbox;
    inbox_init(&inbox, 4);
    three_instruments(&inbox);
    put(&inbox, 0, 1, 3);
    put(&inbox, 0, 2, 3);
    t_int(inbox.loss.rows, 1);
    t_int(inbox.ring.count, 1);
    put(&inbox, 0, 3, 100); /* the newest row is always accepted */
    t_int(inbox.ring.count, 1);
    t_int(inbox.loss.rows, 2);
    inbox_finish(&inbox);
}

static void a_reported_loss_is_not_reported_again(void **state)
{
    (void)state;
    struct inbox inbox;
    inbox_init(&inbox, 1);
    three_instruments(&inbox);
    for (int64_t seq = 1; seq <= 3; seq++)
        put(&inbox, 0, seq, 0);
    struct inbox_loss told = inbox.loss;
    t_int(told.rows, 2);
    put(&inbox, 0, 4, 0); /* while that is being written */
    inbox_loss_told(&inbox, &told);
    t_int(inbox.loss.rows, 1);
    t_int(inbox.loss.ts_first, T0 + 2);
    t_int(inbox.loss.ts_last, T0 + 3);
    inbox_finish(&inbox);
}

static void events_are_limited_truncated_and_clean(void **state)
{
    (void)state;
    struct inbox inbox;
    static char text[3000];
    memset(text, 'x', sizeof(text) - 1);
    inbox_init(&inbox, 1);
    inbox_event(&inbox, T0, EVENT_LOGIN, "A\nB", text);
    t_str(inbox.pending.events[0].symbol, "A B");
    t_int(strlen(inbox.pending.events[0].detail), STORE_DETAIL_BYTES - 1);
    for (int i = 1; i < INBOX_EVENTS_MAX + 3; i++)
        inbox_event(&inbox, T0, EVENT_LOGIN, NULL, "words");
    t_int(inbox.pending.events_count, INBOX_EVENTS_MAX);
    t_int(inbox.loss.events, 3);
    inbox_finish(&inbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_taken_once),
        cmocka_unit_test(skipped_numbers_follow_all_changes),
        cmocka_unit_test(a_loss_spans_the_times_of_its_rows),
        cmocka_unit_test(a_batch_is_bounded_and_the_rest_follows),
        cmocka_unit_test(beyond_the_limit_the_oldest_are_dropped_and_counted),
        cmocka_unit_test(rows_held_by_the_writer_count),
        cmocka_unit_test(a_reported_loss_is_not_reported_again),
        cmocka_unit_test(events_are_limited_truncated_and_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
