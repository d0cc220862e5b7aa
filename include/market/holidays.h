/*
 * holidays: the days without a session at the markets of Argentina, as far as they are known.
 *
 * No broker publishes them (protocol section 13.5), so they are built in; `session.holidays` of the
 * configuration uses them as "argentina". Pure data, and queries by date.
 *
 * Sources: law 27.399, which names the holidays and how they are moved; decree 1027/2024 (days of
 * 2025 for tourism); decree 614/2025 and resolution 164/2025 of the Jefatura de Gabinete (those of
 * 2026); communications "C" 99321 and "C" 100942 of the central bank (bank holidays of 2025);
 * notices of BYMA on 24 and 31 December of 2024 and 2025. The days for tourism of a year are
 * published in the last days of the year before.
 */
#ifndef MARKET_HOLIDAYS_H
#define MARKET_HOLIDAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum holiday_kind {
    /* No market has a session. */
    HOLIDAY_CLOSED,
    /* Not a holiday of the markets, or not surely one: banks are closed, BYMA may trade without
     * settlement or for fewer hours. Treated like any other day, so that nothing is missed. */
    HOLIDAY_PARTIAL,
};

struct holiday {
    char date[11]; /* "2026-12-25" */
    enum holiday_kind kind;
    const char *name; /* in Spanish, the official one */
};

/* In order of date, at most one per day. */
extern const struct holiday holidays[];
extern const size_t holidays_count;

#define HOLIDAYS_FIRST_YEAR 2025
#define HOLIDAYS_LAST_YEAR  2027 /* of the law; its days for tourism are not known yet */
#define HOLIDAYS_WHOLE_YEAR 2026 /* the last one of which all days are known */

/* The holiday of that day of Argentina, in days since 1970-01-01; NULL: none. */
const struct holiday *holiday_of(int64_t day);

/* The year of a day as above. */
int holidays_year(int64_t day);

/*
 * The year whose holidays should be completed by the user, for a warning: this year, or from
 * December on the next one, if it is after HOLIDAYS_WHOLE_YEAR. 0 = none. `day`: of Argentina, in
 * days since 1970-01-01.
 */
int holidays_missing_year(int64_t day);

#endif
