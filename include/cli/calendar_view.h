/*
 * calendar_view: the calendar in force, as a table for people or as JSON.
 *
 * Days with the usual session or without one by the day of the week are not listed, only those that
 * differ: holidays and special sessions.
 */
#ifndef CLI_CALENDAR_VIEW_H
#define CLI_CALENDAR_VIEW_H

#include "base/buf.h"
#include "market/calendar.h"

#include <stdbool.h>
#include <stdint.h>

struct calendar_view {
    const struct calendar *calendar;
    int64_t now_ns;             /* ns UTC */
    int64_t from_day, till_day; /* the days to list, in Argentina, since 1970-01-01; inclusive */
};

void calendar_view_table(struct buf *out, const struct calendar_view *view);
/*
 * {"always","days","hours","argentina","open","changes","missing_year","dates":[{"date","weekday",
 * "hours","origin","name"}]}: `hours` null = no session; `origin` "built in" or "configured";
 * `changes` ISO 8601 UTC, null = never; `missing_year` null = none.
 */
void calendar_view_json(struct buf *out, const struct calendar_view *view);

#endif
