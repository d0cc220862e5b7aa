/*
 * status_feed_view: the lines of `cinta status` about the broker: session, stream, polling, how
 * often it was asked, reference data.
 */
#ifndef CLI_STATUS_FEED_VIEW_H
#define CLI_STATUS_FEED_VIEW_H

#include "base/buf.h"
#include "base/json.h"

#include <stdint.h>

void status_feed_view(struct buf *out, const struct json *status, int64_t now_ns);

#endif
