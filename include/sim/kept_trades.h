/*
 * kept_trades: keeps the trades of a simulated market in a file, so that a simulator that is
 * started again continues with those of its day, like a broker that restarts.
 *
 * One line per trade, in the order of making: symbol, time (ms UTC), price and size, separated by
 * tabs. Each is in the file before anybody is told of it. A last line without an end, left by a
 * kill, is removed. Trades of other days are left alone.
 */
#ifndef SIM_KEPT_TRADES_H
#define SIM_KEPT_TRADES_H

#include "base/err.h"
#include "serve/source.h"

#include <stddef.h>
#include <stdint.h>

struct sim_market;
struct kept_trades;

#define KEPT_TRADES_BYTES (256 * 1024 * 1024) /* of a file, at most */

/* Nonzero ends the reading. */
typedef int kept_trade_fn(void *arg, const char *symbol, const struct source_trade *trade);

/* Reads complete lines. *bytes: their length. -EBADMSG with the line; the result of `fn`. */
int kept_trades_parse(const char *text, size_t len_bytes, kept_trade_fn *fn, void *arg,
                      size_t *bytes, struct err *err);

/*
 * Reads the file, if it exists, into the market, which has just been created, and adds to it each
 * trade that the market makes. `market` must outlive it. -EBADMSG: a line that is not a trade of
 * this market; -EBUSY: another simulator writes the file; -errno.
 */
int kept_trades_open(struct kept_trades **out, const char *path, struct sim_market *market,
                     int64_t now_ns, struct err *err);
void kept_trades_close(struct kept_trades *kept);

#endif
