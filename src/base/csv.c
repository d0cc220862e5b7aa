#include "base/csv.h"

#include <string.h>

void csv_put(struct buf *out, const char *text)
{
    csv_put_separated(out, text, ',');
}

void csv_put_separated(struct buf *out, const char *text, char separator)
{
    const char special[] = {separator, '"', '\r', '\n', '\0'};
    if (!strpbrk(text, special)) {
        buf_puts(out, text);
        return;
    }
    buf_puts(out, "\"");
    for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
        buf_append(out, text, (size_t)(quote - text));
        buf_puts(out, "\"\"");
    }
    buf_puts(out, text);
    buf_puts(out, "\"");
}
