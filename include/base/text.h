/*
 * text: a text that need not end in NUL, borrowed from where it stands, such as a received message.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
    const char *text; /* NULL: there is none */
    size_t len_bytes;
};

/* Of a C string, or of NULL. */
struct text text_of(const char *string);
/* Whether it is the string; never if there is none. */
bool text_is(struct text text, const char *string);
/* Whether both are there and have the same bytes. */
bool text_same(struct text a, struct text b);

#endif
