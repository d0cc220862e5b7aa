/*
 * address: the URLs of a browser terminal (protocol sections 1, 12.1 and 12.2).
 *
 * Pure. `base` is https://matriz.BROKER.xoms.com.ar/ and ends in '/'; http for a test server.
 */
#ifndef MATRIZ_ADDRESS_H
#define MATRIZ_ADDRESS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define MATRIZ_PATH_PROFILE  "api/v2/profile"
#define MATRIZ_PATH_REF_DATA "api/v2/ref-data"
#define MATRIZ_PATH_LOGIN    "auth/login"

/*
 * The terminal of the broker with this API host: https://api.NAME.xoms.com.ar/ ->
 * https://matriz.NAME.xoms.com.ar/. False: it cannot be derived, `out` is unchanged.
 */
bool matriz_base_of(struct buf *out, const char *api_url);

/* Whether it is a public terminal without login, which takes empty ids; no broker's is. */
bool matriz_is_guest(const char *base);

/* base + path, with the parameter that defeats caches: ?_ds=MS-RANDOM (up to six digits). */
void matriz_put_url(struct buf *out, const char *base, const char *path, int64_t now_ms,
                    uint64_t random);

/* wss://HOST/ws?session_id=..&conn_id=.., the ids percent-encoded. It has secrets: mask_url(). */
void matriz_put_stream_url(struct buf *out, const char *base, const char *session_id,
                           const char *connection_id);

/* https://HOST, for the headers Origin and (with a final '/') Referer. */
void matriz_put_origin(struct buf *out, const char *base);

#endif
