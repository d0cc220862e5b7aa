#include "base/text.h"

#include <string.h>

struct text text_of(const char *string)
{
    return (struct text){string, string ? strlen(string) : 0};
}

bool text_is(struct text text, const char *string)
{
    return text_same(text, text_of(string));
}

bool text_same(struct text a, struct text b)
{
    return a.text && b.text && a.len_bytes == b.len_bytes &&
           memcmp(a.text, b.text, a.len_bytes) == 0;
}
