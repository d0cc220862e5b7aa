/*
 * token_cache: the broker's token on disk, so that a restart does not log in again.
 *
 * One file, STATE_DIR/token, mode 0600, replaced atomically. It contains the broker's URL and the
 * user: the token of another broker or user is never used.
 */
#ifndef BROKER_TOKEN_CACHE_H
#define BROKER_TOKEN_CACHE_H

#include "base/err.h"
#include "broker/state_file.h"
#include "config/config.h"
#include "primary/login.h"

#include <stdint.h>

struct cached_token {
    char token[TOKEN_BYTES_MAX];
    int64_t obtained_ns; /* wall clock, when the broker issued it */
};

/* The file of this token, to be written later. -EMSGSIZE: the token is too long. */
int token_cache_file(struct state_file *out, const struct config *config,
                     const struct cached_token *token, struct err *err);
int token_cache_save(const struct config *config, const struct cached_token *token,
                     struct err *err);
/* -ENOENT: none for this broker and user, or others can read or change the file. `out` is set on
 * success only. */
int token_cache_load(const char *state_dir, const char *url, const char *user,
                     struct cached_token *out);

#endif
