/*
 * backfill_wishes: which instruments `cinta backfill` completes on a day, and which of them are
 * complete already.
 */
#ifndef CLI_BACKFILL_WISHES_H
#define CLI_BACKFILL_WISHES_H

#include "store/read/reader.h"
#include "store/write/tape_wanted.h"

#include <stdbool.h>

struct backfill_wishes {
    struct tape_wish *list; /* owned */
    size_t count, cap;
    int64_t complete; /* instruments whose day is complete, and which are not in the list */
    /* For each pattern, the instruments that match: those recorded, or, when there are none, all
     * that are known. */
    const char *const *patterns; /* borrowed */
    int patterns_count;
    bool *matched; /* owned */
};

/* Without patterns: the instruments that were to be recorded on that day, or else those that are
 * recorded now. Errors of reader_select(), -ENOMEM. */
int backfill_wishes_read(struct backfill_wishes *wishes, struct reader *reader, int64_t day,
                         struct err *err);
void backfill_wishes_finish(struct backfill_wishes *wishes);

#endif
