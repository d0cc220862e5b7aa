/*
 * profile: the answer of api/v2/profile, and the login (protocol section 12.1).
 *
 * Before the login the profile has the CSRF value only; after it the two ids of the session too.
 * Both are secrets.
 */
#ifndef MATRIZ_PROFILE_H
#define MATRIZ_PROFILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

#include <stddef.h>

#define MATRIZ_CSRF_BYTES    256
#define MATRIZ_SESSION_BYTES 256 /* known ids have 64 characters */

struct matriz_profile { /* "" = absent */
    char csrf_token[MATRIZ_CSRF_BYTES];
    char session_id[MATRIZ_SESSION_BYTES];
    char connection_id[MATRIZ_SESSION_BYTES];
};

/*
 * 0; -EBADMSG, with the reason in words without any value: not a JSON object (a page: the session
 * ended), or neither a CSRF value nor ids, or one that is too long or has characters that cannot be
 * sent in a header. `out` is written on success only; wipe it after use.
 */
int matriz_profile_read(struct json_parser *parser, const char *body, size_t len_bytes,
                        struct matriz_profile *out, struct err *err);

/* Appends {"username":U,"password":P}, the body of POST auth/login. The buf then has the password:
 * wipe it after use. */
void matriz_put_login(struct buf *out, const char *user, const char *password);

#endif
