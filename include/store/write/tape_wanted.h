/*
 * tape_wanted: notes in the database of which instruments and days the user wants the broker's list
 * of trades, for the service that records into it or for the next one.
 *
 * Opens a connection for one short transaction that waits for the service's; it does not take the
 * service's lock.
 */
#ifndef STORE_WRITE_TAPE_WANTED_H
#define STORE_WRITE_TAPE_WANTED_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct tape_wish {
    int64_t instrument_id; /* of the table instrument */
    int64_t day;           /* in Argentina, since 1970-01-01 */
};

/* Wished at `now_ns`; wishes older than a month are removed. Errors of sql_open(), sql_fail(). */
int tape_wanted_add(const char *path, const struct tape_wish *wishes, size_t count, int64_t now_ns,
                    struct err *err);

#endif
