/*
 * conf_lint: finds mistakes that libConfuse would read as something else, or report in words that
 * do not help: typographic quotation marks, a decimal comma, a value of several words.
 *
 * Pure. Reads the text after conf_strip, so there are no comments in it and all strings and braces
 * are closed. What it does not know it leaves to libConfuse.
 */
#ifndef BASE_CONF_LINT_H
#define BASE_CONF_LINT_H

#include "base/err.h"

/* 0, or -EINVAL with name, line, section and key. */
int conf_lint(const char *text, const char *name, struct err *err);

#endif
