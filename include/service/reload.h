/*
 * reload: reads the configuration again, on SIGHUP, and applies what has changed.
 *
 * A configuration with an error is refused: the present one stays in effect. The parts that talk to
 * the broker are replaced only if a section that they read has changed, or the password; so the
 * stream continues when, for example, store.keep_days changes. An unchanged configuration changes
 * nothing while the feed is in order; else it makes it try again at once, as a restart would.
 */
#ifndef SERVICE_RELOAD_H
#define SERVICE_RELOAD_H

#include "feed/feed.h"

struct service;

void reload(struct service *s);

/* Whether something fails or waits that a new start of the feed would try again at once. Pure. */
bool reload_helps(const struct feed_report *feed, double rate);

#endif
