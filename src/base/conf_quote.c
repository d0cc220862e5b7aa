#include "base/conf_quote.h"

#include <string.h>

/* In double quotes ${NAME} is the environment's, and no escape says otherwise; in single quotes it
 * is itself. In both only the quote and the backslash need an escape. */
void conf_quote(struct buf *out, const char *text)
{
    char quote = strstr(text, "${") ? '\'' : '"';
    buf_append(out, &quote, 1);
    for (const char *c = text; *c; c++) {
        if (*c == quote || *c == '\\')
            buf_puts(out, "\\");
        buf_append(out, c, 1);
    }
    buf_append(out, &quote, 1);
}
