/*
 * conf_strip: removes the comments of a configuration before libConfuse reads it.
 *
 * libConfuse recognises comments only where a key may begin, counts their lines wrongly and accepts
 * unclosed braces. Comments (from # or // to the end of the line, and C block comments), a byte
 * order mark and no-break spaces are replaced by spaces; line breaks stay, so that line numbers do
 * not change. Pure.
 */
#ifndef CONFIG_CONF_STRIP_H
#define CONFIG_CONF_STRIP_H

#include "base/err.h"

/*
 * In place. -EINVAL with file name and line: a comment, string or brace that is not closed, a
 * string over several lines, an escape other than \" \' and \\, or a '|' outside quotes.
 */
int conf_strip(char *text, const char *name, struct err *err);

#endif
