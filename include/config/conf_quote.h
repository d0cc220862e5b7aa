/*
 * conf_quote: quotes a text for the configuration file, so that it is read back byte for byte.
 */
#ifndef CONFIG_CONF_QUOTE_H
#define CONFIG_CONF_QUOTE_H

#include "base/buf.h"

/* Appends "text" or 'text'. `text` must not have control characters: the file cannot hold them. */
void conf_quote(struct buf *out, const char *text);

#endif
