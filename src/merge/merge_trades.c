#include "base/array.h"
#include "base/clock.h"
#include "market/tape_union.h"
#include "merge/merge_run.h"
#include "store/sql.h"

#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>

/* The trades of one instrument on one day, in one database. */
struct share {
    int recorder;
    struct trade_list trades;
    int64_t ts_complete; /* up to which the broker's list is in it; 0 = none */
    size_t unknown;      /* trades of unknown size */
};

struct united {
    struct store_trade trade;
    int recorder;
};

struct merging {
    struct merge_run *run;
    size_t instrument;
    struct sqlite3_stmt *complete[MERGE_MOST];
    struct share shares[MERGE_MOST];
    struct united *all;
    struct tape_union_item *items, *more; /* of `all`, of the next database */
    size_t all_count, all_cap, items_cap, more_cap;
    struct sqlite3 *at; /* whose message to give */
};

/* --- a day ------------------------------------------------------------------------------------ */

static int read_share(struct merging *m, int recorder, int64_t day)
{
    struct recorder_db *from = &m->run->from[recorder];
    struct share *share = &m->shares[recorder];
    int64_t id = m->run->instruments.item[m->instrument].there[recorder];
    share->recorder = recorder;
    share->ts_complete = 0;
    share->unknown = share->trades.count = 0;
    if (!id)
        return SQLITE_OK;
    m->at = from->db;
    int rc = recorder_db_trades(from, id, art_day_begins_ns(day), art_day_begins_ns(day + 1),
                                &share->trades);
    for (size_t i = 0; i < share->trades.count; i++)
        share->unknown += isnan(share->trades.item[i].trade.size) ? 1 : 0;
    m->run->report->shares[recorder].trades += (int64_t)share->trades.count;
    return rc == SQLITE_OK
               ? sql_number_of(m->complete[recorder], SQL_VALUES(SQL_WHOLE(day), SQL_WHOLE(id)),
                               &share->ts_complete)
               : rc;
}

/* The most exact one first: the others are compared with it. */
static int by_quality(const void *one, const void *other)
{
    const struct share *a = one, *b = other;
    if (a->ts_complete != b->ts_complete)
        return a->ts_complete > b->ts_complete ? -1 : 1;
    if (a->unknown != b->unknown)
        return a->unknown < b->unknown ? -1 : 1;
    if (a->trades.count != b->trades.count)
        return a->trades.count > b->trades.count ? -1 : 1;
    return a->recorder - b->recorder;
}

static bool make_room(struct merging *m, size_t count)
{
    struct united *all = array_grow(m->all, &m->all_cap, m->all_count + count, sizeof(*all));
    if (all)
        m->all = all;
    struct tape_union_item *items =
        array_grow(m->items, &m->items_cap, m->all_count + count, sizeof(*items));
    if (items)
        m->items = items;
    struct tape_union_item *more = array_grow(m->more, &m->more_cap, count, sizeof(*more));
    if (more)
        m->more = more;
    return all && items && (more || !count);
}

static struct tape_union_item item_of(const struct store_trade *row, size_t at)
{
    return (struct tape_union_item){row->trade.ts_event, row->trade.price, row->trade.size, at,
                                    false};
}

/* Of this database, the trades that the union does not have yet. */
static bool add_share(struct merging *m, const struct share *share)
{
    size_t count = share->trades.count;
    if (!make_room(m, count))
        return false;
    for (size_t i = 0; i < m->all_count; i++)
        m->items[i] = item_of(&m->all[i].trade, i);
    for (size_t i = 0; i < count; i++)
        m->more[i] = item_of(&share->trades.item[i], i);
    tape_union(m->more, count, m->items, m->all_count);
    for (size_t i = 0; i < count; i++) {
        if (m->more[i].matched)
            continue;
        m->all[m->all_count].trade = share->trades.item[m->more[i].at];
        m->all[m->all_count++].recorder = share->recorder;
    }
    return true;
}

static int by_time(const void *one, const void *other)
{
    const struct united *a = one, *b = other;
    int64_t a_ts = a->trade.trade.ts_event, b_ts = b->trade.trade.ts_event;
    if (a_ts != b_ts)
        return a_ts < b_ts ? -1 : 1;
    if (a->recorder != b->recorder)
        return a->recorder - b->recorder;
    return (a->trade.seq > b->trade.seq) - (a->trade.seq < b->trade.seq);
}

static int put_all(struct merging *m)
{
    int rc = SQLITE_OK;
    m->at = m->run->to.db;
    if (m->all_count)
        qsort(m->all, m->all_count, sizeof(*m->all), by_time);
    for (size_t i = 0; i < m->all_count && rc == SQLITE_OK; i++) {
        struct united *united = &m->all[i];
        united->trade.instrument_id = (int64_t)m->instrument + 1;
        m->run->report->shares[united->recorder].trades_taken++;
        m->run->report->trades++;
        rc = union_db_put_trade(&m->run->to, &united->trade, united->recorder);
    }
    return rc;
}

static int unite_day(struct merging *m, int64_t day)
{
    int rc = SQLITE_OK;
    for (int i = 0; i < m->run->from_count && rc == SQLITE_OK; i++)
        rc = read_share(m, i, day);
    if (rc != SQLITE_OK)
        return rc;
    qsort(m->shares, (size_t)m->run->from_count, sizeof(m->shares[0]), by_quality);
    m->all_count = 0;
    for (int i = 0; i < m->run->from_count; i++) {
        if (!add_share(m, &m->shares[i]))
            return SQLITE_NOMEM;
    }
    return put_all(m);
}

/* --- all -------------------------------------------------------------------------------------- */

static int next_day(struct merging *m, int64_t ts, int64_t *day)
{
    int rc = SQLITE_OK;
    *day = INT64_MAX;
    for (int i = 0; i < m->run->from_count && rc == SQLITE_OK; i++) {
        int64_t id = m->run->instruments.item[m->instrument].there[i], its = INT64_MAX;
        m->at = m->run->from[i].db;
        if (id)
            rc = recorder_db_trade_day(&m->run->from[i], id, ts, &its);
        *day = its < *day ? its : *day;
    }
    return rc;
}

static int unite_instrument(struct merging *m)
{
    int64_t day;
    int rc = next_day(m, INT64_MIN, &day);
    while (rc == SQLITE_OK && day != INT64_MAX) {
        rc = unite_day(m, day);
        if (rc == SQLITE_OK)
            rc = next_day(m, art_day_begins_ns(day + 1), &day);
    }
    return rc;
}

static int unite_all(struct merging *m)
{
    static const char complete[] = "SELECT ts_complete FROM tape_day"
                                   " WHERE day = ?1 AND instrument_id = ?2 AND ts_merged NOT NULL";
    size_t count = m->run->instruments.count;
    const struct merge_parts *parts = m->run->parts;
    int rc = SQLITE_OK;
    for (int i = 0; i < m->run->from_count && rc == SQLITE_OK; i++) {
        m->at = m->run->from[i].db;
        rc = sqlite3_prepare_v2(m->at, complete, -1, &m->complete[i], NULL);
    }
    for (; m->instrument < count && rc == SQLITE_OK; m->instrument++) {
        rc = unite_instrument(m);
        if (parts->progress)
            parts->progress(parts->arg, count + m->instrument + 1, 2 * count);
    }
    return rc;
}

int merge_trades(struct merge_run *run, struct err *err)
{
    struct merging m = {.run = run, .at = run->to.db};
    int rc = unite_all(&m);
    for (int i = 0; i < MERGE_MOST; i++) {
        sqlite3_finalize(m.complete[i]);
        free(m.shares[i].trades.item);
    }
    free(m.all);
    free(m.items);
    free(m.more);
    if (rc == SQLITE_NOMEM)
        return err_set(err, -ENOMEM, "out of memory");
    return rc == SQLITE_OK ? 0 : sql_fail(m.at, "cannot merge the trades", err);
}
