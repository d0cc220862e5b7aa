/*
 * secret: bytes that must leave no trace.
 *
 * A secret lives in pages of its own that are locked in memory (where the limits allow it), kept
 * out of core dumps, and wiped before they are given back.
 */
#ifndef APP_SECRET_H
#define APP_SECRET_H

#include "base/err.h"

#include <stddef.h>

#define SECRET_BYTES_MAX 1024

struct secret {
    char *text; /* NUL-terminated; NULL = none */
    size_t len_bytes;
    size_t mapped_bytes;
};

int secret_set(struct secret *secret, const char *text, size_t len_bytes); /* 0 or -ENOMEM */
void secret_wipe(struct secret *secret); /* accepts a zeroed one */

/* For the whole process, while tokens and passwords are in it: no core dump, no other user's
 * debugger. */
void secret_guard(void);

#endif
