/*
 * base64: bytes as text (RFC 4648), and random texts for tokens, ids and cookies.
 *
 * Texts end with NUL. Random bytes come from the kernel.
 */
#ifndef SIM_BASE64_H
#define SIM_BASE64_H

#include <stddef.h>

#define BASE64_TEXT(bytes) (((bytes) + 2) / 3 * 4 + 1) /* holds the text of so many bytes */

enum base64_form {
    BASE64_PADDED, /* '+' and '/', with '=' at the end */
    BASE64_URL,    /* '-' and '_', without '=' */
};

void base64_text(char *out, enum base64_form form, const void *data, size_t len_bytes);
void base64_random(char *out, enum base64_form form, size_t bytes); /* 64 at most */

#endif
