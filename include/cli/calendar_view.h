/*
 * calendar_view: the calendars in force, as a table for people or as JSON.
 *
 * Days with the usual session or without one by the day of the week are not listed, only those that
 * differ: holidays and special sessions. A segment's are listed where they differ from those of
 * section session.
 */
#ifndef CLI_CALENDAR_VIEW_H
#define CLI_CALENDAR_VIEW_H

#include "base/buf.h"
#include "market/calendar_set.h"

#include <stdbool.h>
#include <stdint.h>

struct calendar_view {
    const struct calendar_set *sessions;
    int64_t now_ns;             /* ns UTC */
    int64_t from_day, till_day; /* the days to list, in Argentina, since 1970-01-01; inclusive */
};

void calendar_view_table(struct buf *out, const struct calendar_view *view);
/*
 * {"always","days","hours","pre_open","closing_auction","argentina","open","phase","changes",
 * "missing_year","dates":[{"date","weekday","hours","origin","name"}],"segments":[...]}: `hours` of
 * a date null = no session; `pre_open` and `closing_auction` "10:30", null = none; `origin` "built
 * in" or "configured"; `phase` closed, pre_open, open, closing_auction; `changes` ISO 8601 UTC,
 * null = never; `missing_year` null = none. A segment has its name in "segment", and no argentina
 * and missing_year.
 */
void calendar_view_json(struct buf *out, const struct calendar_view *view);

#endif
