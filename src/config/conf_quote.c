#include "config/conf_quote.h"

#include <string.h>

/* libConfuse replaces ${NAME} in double quotes by the environment variable, and this cannot be
 * escaped; single quotes keep it. In both kinds only the quote and the backslash are escaped. */
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
