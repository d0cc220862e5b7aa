/*
 * conf_lint: finds mistakes that libConfuse accepts with another meaning, or reports with an
 * unhelpful message: typographic quotation marks, a decimal comma, a value of several words, a key
 * given twice.
 *
 * Pure. Reads the text after conf_strip, so there are no comments in it and all strings and braces
 * are closed. All other errors are left to libConfuse.
 */
#ifndef CONFIG_CONF_LINT_H
#define CONFIG_CONF_LINT_H

#include "base/err.h"

/* 0, or -EINVAL with the file name, line, section and key in `err`. */
int conf_lint(const char *text, const char *name, struct err *err);

#endif
