/*
 * buf: a growing byte buffer with a mandatory maximum.
 *
 * The first append that would exceed the maximum, or cannot allocate, fails and marks the buffer as
 * failed. Later appends fail too, so a sequence of appends needs one check at the end:
 * buf_failed(). The bytes are always followed by a NUL, which `len_bytes` does not count.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* owned; NULL until the first append */
    size_t len_bytes;
    size_t cap_bytes;
    size_t max_bytes;
    bool failed;
};

void buf_init(struct buf *buf, size_t max_bytes);
void buf_finish(struct buf *buf);
void buf_clear(struct buf *buf); /* removes content and failure, keeps the memory */
void buf_truncate(struct buf *buf, size_t len_bytes); /* the same after these bytes of it */

/* 0, or -EMSGSIZE / -ENOMEM. */
int buf_append(struct buf *buf, const void *data, size_t len_bytes);
int buf_puts(struct buf *buf, const char *text);
int buf_printf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

bool buf_failed(const struct buf *buf);
const char *buf_text(const struct buf *buf); /* never NULL */

#endif
