#include "base/text.h"

#include <string.h>

struct text text_of(const char *string)
{
    return (struct text){string, string ? strlen(string) : 0};
}

bool text_is(struct text text, const char *string)
{
    return text.text && text.len_bytes == strlen(string) &&
           memcmp(text.text, string, text.len_bytes) == 0;
}
