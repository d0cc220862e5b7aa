/*
 * tally: counts what the service sends to the broker: since the last mark, and in all.
 */
#ifndef SCENARIO_TALLY_H
#define SCENARIO_TALLY_H

#include <stdbool.h>
#include <stdint.h>

enum tally {
    TALLY_REQUESTS,        /* of market data */
    TALLY_LISTS,           /* requests of the list of instruments */
    TALLY_DETAILS,         /* requests of the reference data of all instruments */
    TALLY_SINGLE_DETAILS,  /* of one */
    TALLY_SEGMENTS,        /* requests of the segments */
    TALLY_PART_LISTS,      /* of the instruments of a segment, or of a CFI code */
    TALLY_LOGIN_TRIES,     /* requests of a token */
    TALLY_LOGINS,          /* tokens issued */
    TALLY_TERMINAL_LOGINS, /* at the browser terminal, accepted */
    TALLY_CONNECTIONS,     /* of the streams, tried */
    TALLY_SUBSCRIPTIONS,   /* subscription messages */
    TALLY_PAUSES,          /* of reading the stream */
    TALLY_EXPORTS,         /* runs of the daily export */
    TALLY_ALERTS,          /* runs of the program of section alert */
    TALLY_ROWS,            /* recorded */
    TALLY_KINDS
};

void tally_add(enum tally what);
void tally_mark(void);
int64_t tally_count(enum tally what, bool in_all);

const char *tally_name(enum tally what); /* "login-tries" */
bool tally_find(const char *name, enum tally *out);

/* Requests by REST of any kind, in the second in which they were most, since the last mark. */
int64_t tally_rate(void);

#endif
