/*
 * report: what the running service says of itself: the answer to `cinta status`, the facts for the
 * status line of systemd, and the state in the log on SIGUSR1.
 */
#ifndef SERVICE_REPORT_H
#define SERVICE_REPORT_H

#include "base/buf.h"
#include "service/notify.h"

struct service;

void report_status(const struct service *s, struct buf *text); /* one JSON document */
void report_metrics(const struct service *s, struct buf *out);
/* See readiness. */
void report_feed(const struct service *s, struct buf *out);
bool report_ready(const struct service *s, struct buf *why);
void report_facts(const struct service *s, struct notify_facts *facts);
void report_log(const struct service *s); /* also the recent log lines of all levels */

#endif
