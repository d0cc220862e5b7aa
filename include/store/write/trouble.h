/*
 * trouble: why rows cannot be written, since when, and when to retry.
 *
 * Pure; the writer thread passes it SQLite's errors. Locks are retried soon and reported only when
 * they last; other failures are reported at once and retried at growing intervals.
 */
#ifndef STORE_WRITE_TROUBLE_H
#define STORE_WRITE_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#define TROUBLE_WORDS 896

enum trouble_kind {
    TROUBLE_NONE,
    TROUBLE_LOCKED,   /* another program holds a write lock */
    TROUBLE_WAL_FULL, /* a long read, and the -wal has reached its limit */
    TROUBLE_FAILING,  /* disk full, I/O error, file missing */
};

struct trouble {
    enum trouble_kind kind;
    bool told; /* reported */
    int64_t since_ms;
    int64_t wait_ms; /* before the next attempt */
    char why[TROUBLE_WORDS];
};

/* Records a failed attempt. True: report it now; `kind` and `why` have the message. */
bool trouble_note(struct trouble *trouble, enum trouble_kind kind, const char *why, int64_t now_ms);

/* "another program holds a write lock on the database: waiting" */
const char *trouble_title(enum trouble_kind kind);

#endif
