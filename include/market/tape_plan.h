/*
 * tape_plan: for which instrument and day to request the broker's list of trades next
 * (rest/data/getTrades).
 *
 * Pure: times are arguments. A list is worth a request when our tape lacks volume of that day, when
 * there was a gap in the data of an instrument whose volume the broker does not say, or when the
 * user wants it. The most valuable comes first: what the user wants, then the highest number of
 * missing trades, estimated by their usual size. During the session an instrument is not requested
 * again at once, and later each time that a list has brought nothing; after the end of the session
 * the list is final, and is requested once if anything is missing. Failures of an instrument delay
 * it, a refusal ends it until the next day. What is missing is not remembered here: the caller
 * reads it from the database.
 */
#ifndef MARKET_TAPE_PLAN_H
#define MARKET_TAPE_PLAN_H

#include "base/clock.h"
#include "market/calendar.h"

#include <stddef.h>

#define TAPE_PLAN_DAYS 7 /* before today, that are still completed */

/* What is known of the tape of one instrument and day in Argentina. */
struct tape_need {
    int32_t instrument;
    int64_t day;
    double volume; /* of our tape */
    int64_t trades;
    double broker_volume; /* NAN: the broker does not say */
    int64_t ts_complete;  /* a list was merged up to this time, ns UTC; 0 = none was */
    int64_t ts_gap;   /* when the last interval without data ended, ns UTC; 0 = there was none */
    bool wanted;      /* by the user, and not requested since */
    int64_t final_ns; /* from when on its list does not change any more: tape_plan_final_ns() */
};

struct tape_plan_row; /* of one instrument */
struct tape_plan {
    int64_t lag_ns;  /* a list has all trades that are older */
    int64_t rest_ms; /* between two lists of one instrument during the session, at least */
    struct tape_plan_row *rows; /* owned */
    size_t rows_cap;
};

/* `renewed_ms`: how often the broker renews its lists, and how often one may be requested. */
void tape_plan_init(struct tape_plan *plan, int64_t renewed_ms);
void tape_plan_finish(struct tape_plan *plan);

/* From when on the list of that day does not change any more, ns UTC. */
int64_t tape_plan_final_ns(const struct calendar *calendar, int64_t day);

/* The estimated number of trades that a list would bring; 0 = do not request it. */
double tape_plan_worth(const struct tape_plan *plan, const struct tape_need *need, int64_t now_ns);

/* Up to when a list has all trades that was requested at `asked_ns`, and whose newest trade is of
 * `newest_ns`. */
int64_t tape_plan_complete_ns(const struct tape_plan *plan, int64_t asked_ns, int64_t newest_ns);

/* Which of `needs` to request now, or -1: none. */
int64_t tape_plan_next(const struct tape_plan *plan, const struct tape_need *needs, size_t count,
                       struct now now);

/* A list is requested now. Aborts the process when out of memory, as the next one. */
void tape_plan_asked(struct tape_plan *plan, const struct tape_need *need, int64_t now_ms);
/* The last request: it brought a list; it failed, and is repeated later; the broker refuses it. */
void tape_plan_answered(struct tape_plan *plan, int32_t instrument);
void tape_plan_failed(struct tape_plan *plan, int32_t instrument, int64_t now_ms);
/* It was not judged, because the token was not valid: it is repeated with the next token. */
void tape_plan_unasked(struct tape_plan *plan, int32_t instrument);
void tape_plan_refused(struct tape_plan *plan, int32_t instrument, struct now now);

#endif
