/*
 * history_json: recorded data as the JSON documents of the local API, read from the database.
 */
#ifndef API_HISTORY_JSON_H
#define API_HISTORY_JSON_H

#include "base/buf.h"
#include "store/read/tape.h"

/* The broker's answer to getTrades. Reads no further when `out` is full. */
int history_json_trades(struct buf *out, struct tape *tape, const struct tape_of *of,
                        struct err *err);

/*
 * {"symbol":S,"session":{"open":ms,"close":ms},"bars":[[ms,open,high,low,close,volume],...],
 *  "gaps":[[from_ms,to_ms,reason],...]} of the day of Argentina that begins at of->from. The
 * session is null on a day without one, to_ms of a gap that lasts until now.
 */
int history_json_chart(struct buf *out, struct tape *tape, const struct tape_of *of, int64_t now,
                       struct err *err);

#endif
