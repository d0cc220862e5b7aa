/*
 * instrument_union: the instruments of several databases, each once.
 *
 * An instrument is identified by its market and symbol; its id differs from database to database.
 */
#ifndef MERGE_INSTRUMENT_UNION_H
#define MERGE_INSTRUMENT_UNION_H

#include "merge/recorder_db.h"
#include "merge/union_db.h"

struct union_instrument {
    int64_t there[CHANGE_UNION_RECORDERS]; /* its id in each database; 0 = not in it */
};

/* The id in the union of the instrument at index i is i + 1. */
struct instrument_union {
    struct union_instrument *item; /* owned */
    size_t count;
};

/*
 * Reads the instruments of all databases and writes them, with the reference data of the newest
 * list. 0, or negative with the message of SQLite. Call instrument_union_finish() also on errors.
 */
int instrument_union_make(struct instrument_union *all, struct recorder_db *from, int from_count,
                          struct union_db *to, struct err *err);
void instrument_union_finish(struct instrument_union *all);

#endif
