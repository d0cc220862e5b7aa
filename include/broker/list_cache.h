/*
 * list_cache: the broker's instrument list of today, on disk.
 *
 * One file per broker, STATE_DIR/instruments-<encoded url>.json, unmodified, replaced atomically;
 * its modification time gives its ART day.
 */
#ifndef BROKER_LIST_CACHE_H
#define BROKER_LIST_CACHE_H

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "primary/reply.h"

#include <stddef.h>
#include <stdint.h>

int list_cache_save(const struct config *config, const char *body, size_t len_bytes,
                    struct err *err);
/* 0 with the body in `out` (initialised by the caller) and its day in Argentina (art_day); else
 * -ENOENT. */
int list_cache_load(const struct config *config, struct buf *out, int64_t *day);

/* The body as a reply with status 200. Borrows `body`. */
struct reply list_cache_reply(const struct buf *body);

#endif
