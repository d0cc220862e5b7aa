/*
 * prompt: questions to somebody at a terminal, on stderr, and the answers from stdin.
 *
 * While it waits, the signals that end a process are held, so that the terminal is given back as it
 * was before any of them takes effect: none of these functions leaves it without echo.
 */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "app/secret.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

bool prompt_possible(void); /* stdin and stderr are a terminal */

/* One line without its end. -ECANCELED: the input ended (Ctrl-D); -EINVAL: longer than `out`. */
int prompt_line(const char *question, char *out, size_t out_bytes, struct err *err);
/* The same without echo, under the rules of passwords. */
int prompt_secret(const char *question, struct secret *out, struct err *err);
/* y or n; Enter alone is no. The end of the input is no, too. */
bool prompt_yes(const char *question);

#endif
