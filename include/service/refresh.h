/*
 * refresh: requests the broker's reference data once and stores it, while no service runs.
 *
 * Uses the parts of the service: the cached token, or one login; the request budget; the writer of
 * the database. Holds the lock of the service meanwhile.
 */
#ifndef SERVICE_REFRESH_H
#define SERVICE_REFRESH_H

#include "base/err.h"
#include "config/config.h"

enum refresh_end {
    REFRESH_DONE,
    REFRESH_FAILED,      /* a local error, or the broker has no such list */
    REFRESH_CONFIG,      /* no password */
    REFRESH_UNREACHABLE, /* no usable answer within the time */
    REFRESH_REFUSED,     /* the broker refused the credentials */
};

/* `err` has the reason unless REFRESH_DONE. Blocks for `limit_ms` at most, and a little longer to
 * write. */
enum refresh_end refresh_once(const struct config *config, int64_t limit_ms, struct err *err);

#endif
