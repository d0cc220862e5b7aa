/*
 * conf_strip: takes the comments out of a configuration before libConfuse reads it.
 *
 * libConfuse knows comments only where a key may begin, counts their lines wrongly and accepts
 * unclosed braces. Comments (from # or // to the end of the line, and between slash and star), a
 * byte order mark and no-break spaces become blanks; line breaks stay, so that every line keeps its
 * number. Pure.
 */
#ifndef BASE_CONF_STRIP_H
#define BASE_CONF_STRIP_H

#include "base/err.h"

/*
 * In place. -EINVAL with name and line: a comment, string or brace that is never closed, a string
 * over several lines, an escape other than \" \' and \\, or a '|' outside of quotes.
 */
int conf_strip(char *text, const char *name, struct err *err);

#endif
