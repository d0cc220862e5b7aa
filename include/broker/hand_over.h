/*
 * hand_over: saves what a command got from the broker for the service: the token and today's list
 * of instruments, so that the service requests neither again today.
 */
#ifndef BROKER_HAND_OVER_H
#define BROKER_HAND_OVER_H

#include "base/buf.h"
#include "base/err.h"
#include "broker/token_cache.h"
#include "config/config.h"

/*
 * In state_dir, which is created if it is missing. `token` "" and `list` empty: that one is left as
 * it is. -EBUSY: a service runs, which has its own; errors of state_folder_check() and
 * run_lock_take().
 */
int hand_over(const struct config *config, const struct cached_token *token, const struct buf *list,
              struct err *err);

#endif
