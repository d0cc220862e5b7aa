#include "replica/intake.h"

#include "store/read/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BACKLOG_MAX 16384 /* rows that wait to be written; a quarter of what the store keeps */
#define AGAIN_MS    10    /* until the next look whether the database has caught up */

struct intake {
    struct intake_parts parts;
    struct replica *replica; /* NULL: it could not be started */
    struct loop_wake *wake;
    struct loop_timer *timer;
    struct store_place place; /* everything up to it was given to the store */
};

/* --- one item --------------------------------------------------------------------------------- */

static void take_change(struct intake *in, int32_t instrument, const struct replica_item *item)
{
    const struct market_change past = {instrument, item->changed, &item->quote};
    if (recorder_give(in->parts.recorder, instrument, &item->quote, item->changed) == MARKET_PAST)
        store_past(in->parts.store, &past);
}

static enum store_given_kind given_kind(enum replica_kind kind)
{
    if (kind == REPLICA_EVENT)
        return GIVEN_EVENT;
    return kind == REPLICA_SHOWN ? GIVEN_SHOWN : GIVEN_LISTED;
}

static void take_given(const struct intake *in, int32_t instrument, const struct replica_item *item)
{
    bool is_event = item->kind == REPLICA_EVENT;
    struct store_given given = {
        .kind = given_kind(item->kind),
        .number = item->number,
        .instrument = instrument,
        .trade = item->trade,
        .corrects = item->corrects,
        .ts = item->ts,
        .event = is_event ? item->event : NULL,
        .symbol = is_event && *item->symbol ? item->symbol : NULL,
        .detail = is_event ? item->detail : NULL,
    };
    memcpy(given.recorder, item->recorder, sizeof(given.recorder));
    store_given(in->parts.store, &given);
}

/* Without memory for an instrument its data are not taken; they are read again at the next start.
 */
static bool take_item(struct intake *in, const struct replica_item *item)
{
    int32_t instrument = 0;
    if (item->kind != REPLICA_EVENT)
        instrument = recorder_instrument(in->parts.recorder, item->market_id, item->symbol);
    if (instrument < 0)
        return false;
    if (item->kind == REPLICA_CHANGE)
        take_change(in, instrument, item);
    else
        take_given(in, instrument, item);
    return true;
}

/* --- batches ---------------------------------------------------------------------------------- */

static void take_batch(struct intake *in, const struct replica_batch *batch)
{
    bool whole = true;
    int32_t before = market_count(recorder_market(in->parts.recorder));
    for (size_t i = 0; i < batch->count; i++)
        whole &= take_item(in, &batch->items[i]);
    if (batch->instruments)
        whole &= in->parts.reference(in->parts.arg, batch->instruments);
    if (whole && batch->place.ts_created) {
        in->place = batch->place;
        store_place(in->parts.store, &in->place);
    }
    if (market_count(recorder_market(in->parts.recorder)) > before)
        in->parts.instruments(in->parts.arg);
}

/* One batch for each turn of the loop, so that clients do not wait. */
static void on_turn(void *arg)
{
    struct intake *in = arg;
    if (!in->replica)
        return;
    if (store_backlog(in->parts.store) > BACKLOG_MAX) {
        loop_timer_set(in->timer, AGAIN_MS);
        return;
    }
    struct replica_batch *batch = replica_take(in->replica);
    if (!batch)
        return;
    take_batch(in, batch);
    replica_give_back(in->replica, batch);
    loop_timer_set(in->timer, 0);
}

static void on_notice(void *arg, const struct replica_notice *notice)
{
    const struct intake *in = arg;
    in->parts.notice(in->parts.arg, notice);
}

static void on_ready(void *arg)
{
    const struct intake *in = arg;
    loop_wake_send(in->wake);
}

/* --- life ------------------------------------------------------------------------------------- */

static int take_number(void *arg, int columns, const struct reader_value *values)
{
    struct store_place *place = arg;
    if (columns == 3)
        *place = (struct store_place){atoll(values[0].text), atoll(values[1].text),
                                      atoll(values[2].text)};
    return 0;
}

static int read_place(struct intake *in, const char *path, struct err *err)
{
    struct reader *reader;
    int rc = reader_open(&reader, path, err);
    if (rc)
        return rc;
    rc = reader_select(reader,
                       READER_QUERY("SELECT CAST(ts_created AS TEXT), CAST(number AS TEXT), "
                                    "CAST(ts_stored AS TEXT) FROM replica"),
                       take_number, &in->place, err);
    reader_close(reader);
    return rc;
}

static int start(struct intake *in, const struct config_source *source, struct err *err)
{
    const struct replica_parts parts = {
        .source = source,
        .place = in->place,
        .notice = on_notice,
        .ready = on_ready,
        .arg = in,
    };
    return replica_create(&in->replica, &parts, err);
}

int intake_create(struct intake **out, const struct intake_parts *parts, struct err *err)
{
    struct intake *in = calloc(1, sizeof(*in));
    if (!in)
        return err_set(err, -ENOMEM, "out of memory");
    in->parts = *parts;
    in->wake = loop_wake_create(parts->loop, on_turn, in);
    in->timer = loop_timer_create(parts->loop, on_turn, in);
    int rc = in->wake && in->timer ? read_place(in, parts->path, err)
                                   : err_set(err, -ENOMEM, "out of memory");
    if (rc == 0 && in->place.ts_created)
        store_place(parts->store, &in->place);
    if (rc == 0)
        rc = start(in, parts->source, err);
    if (rc)
        intake_destroy(in);
    else
        *out = in;
    return rc;
}

void intake_destroy(struct intake *in)
{
    if (!in)
        return;
    replica_destroy(in->replica);
    loop_wake_destroy(in->wake);
    loop_timer_destroy(in->timer);
    free(in);
}

int intake_restart(struct intake *in, const struct config_source *source, struct err *err)
{
    replica_destroy(in->replica);
    in->replica = NULL;
    return start(in, source, err);
}

struct replica_state intake_state(const struct intake *in)
{
    return in->replica ? replica_state(in->replica) : (struct replica_state){0};
}
