/*
 * status_view: the state of the running service as text for a terminal, from the JSON that the
 * service sends (`cinta status`).
 */
#ifndef CLI_STATUS_VIEW_H
#define CLI_STATUS_VIEW_H

#include "base/buf.h"
#include "base/json.h"

#include <stdint.h>

/* In lines of `width` characters, with local times of Argentina. */
void status_view_print(struct buf *out, const struct json *status, size_t width, int64_t now_ns);

#endif
