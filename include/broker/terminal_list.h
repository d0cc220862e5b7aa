/*
 * terminal_list: the browser terminal's list of instruments (ref-data) of today, on disk.
 *
 * One file per terminal, STATE_DIR/ref-data-<encoded url>.json, unmodified, replaced atomically;
 * its modification time gives its ART day. It may be requested once a day, so a restart reads the
 * copy.
 */
#ifndef BROKER_TERMINAL_LIST_H
#define BROKER_TERMINAL_LIST_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define TERMINAL_LIST_BYTES (16 * 1024 * 1024)

/* `base`: the terminal's URL. */
int terminal_list_save(const char *state_dir, const char *base, const char *body, size_t len_bytes,
                       struct err *err);
/* 0 with the body in `out` (initialised by the caller) and its day in Argentina; else -ENOENT. */
int terminal_list_load(const char *state_dir, const char *base, struct buf *out, int64_t *day);

#endif
