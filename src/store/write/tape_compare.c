#include "store/write/tape_compare.h"

#include "base/array.h"
#include "base/clock.h"
#include "store/sql.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>

/* A trade without a time of its own may be reported after ts_complete and have been made before. */
static const struct sql_statement statements[] = {
    {offsetof(struct tape_compare, list_trades),
     "SELECT ts_event, price, size, seq, undated FROM trade WHERE instrument_id = ?1 "
     "AND ts_event BETWEEN ?2 AND ?4 AND (ts_event <= ?3 OR undated)"},
};

int tape_compare_open(struct tape_compare *c, sqlite3 *db, struct err *err)
{
    *c = (struct tape_compare){0};
    return sql_prepare_all(c, statements, 1, db, err);
}

void tape_compare_forget(struct tape_compare *c)
{
    free(c->missing);
    free(c->corrections);
    free(c->ours);
    *c = (struct tape_compare){.list_trades = c->list_trades};
}

void tape_compare_close(struct tape_compare *c)
{
    tape_compare_forget(c);
    sql_finalize_all(c, statements, 1);
}

/* --- both sides ------------------------------------------------------------------------------- */

static int64_t day_ends_ns(const struct store_tape *list)
{
    return art_day_begins_ns(list->day + 1) - NS_PER_MS;
}

int64_t tape_compare_until(const struct store_tape *list)
{
    int64_t last = day_ends_ns(list);
    return tape_merge_until(list->ts_complete < last ? list->ts_complete : last);
}

static int add_ours(struct tape_compare *c, sqlite3_stmt *stmt)
{
    struct tape_item *ours = array_grow(c->ours, &c->ours_cap, c->ours_count + 1, sizeof(*ours));
    if (!ours)
        return SQLITE_NOMEM;
    c->ours = ours;
    c->ours[c->ours_count++] = (struct tape_item){.ts_event = sqlite3_column_int64(stmt, 0),
                                                  .price = sqlite3_column_double(stmt, 1),
                                                  .size = sql_real(stmt, 2),
                                                  .at = sqlite3_column_int64(stmt, 3),
                                                  .undated = sqlite3_column_int(stmt, 4)};
    return SQLITE_ROW;
}

static int list_ours(struct tape_compare *c, const struct store_tape *list, int64_t instrument_id)
{
    sqlite3_stmt *stmt = c->list_trades;
    int rc;
    sql_bind(stmt, SQL_VALUES(SQL_WHOLE(instrument_id), SQL_WHOLE(art_day_begins_ns(list->day)),
                              SQL_WHOLE(c->ts_complete), SQL_WHOLE(day_ends_ns(list))));
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        rc = add_ours(c, stmt);
        if (rc != SQLITE_ROW)
            break;
    }
    sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int64_t listed_ms(const struct trade *trade)
{
    return trade->ts_event / NS_PER_MS * NS_PER_MS;
}

static int list_theirs(struct tape_compare *c, const struct store_tape *list)
{
    int64_t ts_from = art_day_begins_ns(list->day);
    c->missing = calloc(list->count + 1, sizeof(*c->missing));
    if (!c->missing)
        return SQLITE_NOMEM;
    for (size_t i = 0; i < list->count; i++) {
        const struct trade *trade = &list->trades[i];
        int64_t ts = listed_ms(trade);
        if (ts >= ts_from && ts <= c->ts_complete)
            c->missing[c->missing_count++] = (struct tape_item){
                .ts_event = ts, .price = trade->price, .size = trade->size, .at = (int64_t)i};
    }
    c->listed = (int64_t)c->missing_count;
    return SQLITE_OK;
}

/* --- what was found --------------------------------------------------------------------------- */

static bool must_correct(const struct tape_item *item, const struct store_tape *list)
{
    return item->matched &&
           (item->undated || (isnan(item->size) && !isnan(list->trades[item->with].size)));
}

/* Returns the number of corrections. */
static size_t count_ours(struct tape_compare *c, const struct store_tape *list)
{
    size_t count = 0;
    for (size_t i = 0; i < c->ours_count; i++) {
        const struct tape_item *item = &c->ours[i];
        c->unlisted += !item->matched && item->ts_event <= c->ts_complete;
        count += must_correct(item, list);
    }
    return count;
}

static int take_corrections(struct tape_compare *c, const struct store_tape *list)
{
    size_t count = count_ours(c, list);
    if (!count)
        return SQLITE_OK;
    c->corrections = calloc(count, sizeof(*c->corrections));
    if (!c->corrections)
        return SQLITE_NOMEM;
    tape_merge_sort(c->ours, c->ours_count);
    for (size_t i = 0; i < c->ours_count; i++) {
        const struct tape_item *item = &c->ours[i];
        if (!must_correct(item, list))
            continue;
        const struct trade *is = &list->trades[item->with];
        c->corrections[c->corrections_count++] =
            (struct store_correction){item->at, item->ts_event, listed_ms(is), is->size};
    }
    return SQLITE_OK;
}

static void take_missing(struct tape_compare *c)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->missing_count; i++) {
        if (!c->missing[i].matched)
            c->missing[kept++] = c->missing[i];
    }
    c->missing_count = kept;
    tape_merge_sort(c->missing, kept);
}

int tape_compare_run(struct tape_compare *c, const struct store_tape *list, int64_t instrument_id)
{
    tape_compare_forget(c);
    c->ts_complete = tape_compare_until(list);
    int rc = list_ours(c, list, instrument_id);
    if (rc == SQLITE_OK)
        rc = list_theirs(c, list);
    if (rc != SQLITE_OK)
        return rc;
    tape_merge(c->ours, c->ours_count, c->missing, c->missing_count);
    rc = take_corrections(c, list);
    take_missing(c);
    free(c->ours);
    c->ours = NULL;
    c->ours_count = c->ours_cap = 0;
    return rc;
}
