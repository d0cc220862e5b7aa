/*
 * conf_quote: a text as a configuration writes it, so that it is read back byte for byte.
 */
#ifndef BASE_CONF_QUOTE_H
#define BASE_CONF_QUOTE_H

#include "base/buf.h"

/* Appends "text" or 'text'. No control characters, please: a configuration cannot have them. */
void conf_quote(struct buf *out, const char *text);

#endif
