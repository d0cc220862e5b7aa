/*
 * config_session: the calendars of section session and of the segments, from the values of the
 * configuration.
 *
 * A segment takes over each key that it does not set itself; pre-open and closing auction are then
 * as long as those of section session. Checks what single values cannot show. Pure.
 */
#ifndef CONFIG_CONFIG_SESSION_H
#define CONFIG_CONFIG_SESSION_H

#include "base/err.h"
#include "config/config_parser.h"
#include "market/calendar_set.h"

/* -EINVAL with file, line and key. `parsed` is not changed. */
int config_session_read(struct calendar_set *out, const struct config_parsed *parsed,
                        const char *file, struct err *err);

#endif
