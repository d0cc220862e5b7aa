/*
 * url_text: finds a URL in text that somebody pasted (protocol section 15).
 *
 * Pure. Blanks, quotes and brackets around it, text before and after it, and characters that only
 * look like those of a URL (full width, invisible, typographic) are removed or replaced, and noted,
 * so that the rest can be explained.
 */
#ifndef DOCTOR_URL_TEXT_H
#define DOCTOR_URL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define URL_BYTES_MAX 4096 /* more is not read: a URL of a stream has under 500 bytes */

struct url_text {
    char url[URL_BYTES_MAX + 1]; /* it may contain secrets */
    size_t len_bytes;            /* of `url` */
    size_t pasted_bytes;
    bool too_long;    /* only the begin was read */
    bool enclosed;    /* in blanks, quotes or brackets */
    bool text_before; /* such as "new WebSocket(" */
    bool text_after;
    bool broken;          /* by a line break, which was removed */
    bool blank;           /* a blank inside, which is kept */
    bool control;         /* another control character, which was removed */
    bool backslashes;     /* in place of slashes */
    uint32_t unusual;     /* the first character that is not ASCII; 0 = none */
    size_t unusual_count; /* of them */
};

void url_text_read(struct url_text *out, const char *pasted);

#endif
