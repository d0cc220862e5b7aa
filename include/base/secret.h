/*
 * secret: memory for passwords.
 *
 * A secret has its own pages, which are locked in memory (if the limits allow it), excluded from
 * core dumps, and wiped before they are unmapped.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

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

/* For the whole process, because it holds tokens and passwords: no core dumps, and not debuggable
 * by this user's other processes. */
void secret_guard(void);

#endif
