/*
 * alert_json: an alert as one JSON object, for the program that sends it to somebody.
 *
 * Pure. The members are a contract; docs/alerts.md describes them.
 */
#ifndef MARKET_ALERT_JSON_H
#define MARKET_ALERT_JSON_H

#include "base/buf.h"
#include "market/alerts.h"

/* The object and an end of line. `test`: nothing has happened. */
void alert_json_put(struct buf *out, const struct alert *alert, const char *host, bool test);

/* The member "text": one or two sentences for people, with the time in Argentina. */
void alert_text_put(struct buf *out, const struct alert *alert, const char *host, bool test);

#endif
