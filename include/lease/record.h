/*
 * record: the value of a lease in its bucket, as a value and as JSON.
 *
 * Pure. Whoever holds the lease replaces it with each renewal. It contains the broker's token, so
 * that the next holder needs no login, which would end the token: it is a secret, and is never
 * written anywhere else. docs/scale-out.md describes the members.
 */
#ifndef LEASE_RECORD_H
#define LEASE_RECORD_H

#include "base/buf.h"
#include "base/err.h"
#include "primary/login.h"

#include <stdint.h>

#define LEASE_ID_BYTES      33 /* hexadecimal digits, with the NUL */
#define LEASE_HOST_BYTES    65
#define LEASE_RECORD_BYTES  8192
#define LEASE_RECORD_FORMAT 1

struct lease_record {
    char holder[LEASE_ID_BYTES]; /* the recorder that has the lease; "" = it was given up */
    char run[LEASE_ID_BYTES];    /* the process of it */
    char last[LEASE_ID_BYTES];   /* the recorder that had it last; while it is held, the holder */
    char host[LEASE_HOST_BYTES]; /* name of its machine, for people */
    int64_t term;                /* rises with each change of the holder */
    int64_t duration_ms;         /* as the holder is configured */
    int64_t seq;                 /* of its last change; 0 = none */
    int64_t ts_ms;               /* when that arrived, UTC; 0 = none */
    char broker[LEASE_ID_BYTES]; /* digest of the broker's URL and the user */
    char token[TOKEN_BYTES_MAX]; /* of that broker and user; "" = none */
    int64_t token_ms;            /* when it was obtained, UTC */
};

/* Appends it. */
void lease_record_write(struct buf *out, const struct lease_record *record);

/* -EBADMSG: it is not such a value; `out` is unchanged. Members that are not known are ignored. The
 * error does not quote the value. */
int lease_record_parse(const char *text, size_t len_bytes, struct lease_record *out,
                       struct err *err);

/* The digest of a broker's URL and a user. Returns `out`. */
char *lease_record_broker(char out[LEASE_ID_BYTES], const char *url, const char *user);

#endif
