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
#include "broker/state_file.h"

#include <stddef.h>
#include <stdint.h>

#define TERMINAL_LIST_BYTES (16 * 1024 * 1024)

/* `base`: the terminal's URL. The file of its list, with an empty body. 0 or -ENAMETOOLONG. */
int terminal_list_file(struct state_file *out, const char *state_dir, const char *base,
                       struct err *err);
/* 0 with the body in `out` (initialised by the caller) and its day in Argentina; else -ENOENT. */
int terminal_list_load(const char *state_dir, const char *base, struct buf *out, int64_t *day);

#endif
