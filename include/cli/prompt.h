/*
 * prompt: asks questions at a terminal, on stderr, and reads the answers from stdin.
 *
 * While a question waits, the signals that end a process are blocked, so that the terminal modes
 * are restored before a signal takes effect: none of these functions leaves the terminal without
 * echo.
 */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "base/err.h"
#include "base/secret.h"

#include <stdbool.h>
#include <stddef.h>

bool prompt_possible(void); /* stdin and stderr are terminals */

/* Reads one line without its line feed. -ECANCELED: the input ended (Ctrl-D); -EINVAL: longer than
 * `out`, or with a NUL. */
int prompt_line(const char *question, char *out, size_t out_bytes, struct err *err);
/* The same without echo, with the checks for passwords. */
int prompt_secret(const char *question, struct secret *out, struct err *err);
/* Asks for y or n; an empty answer and the end of the input mean no. */
bool prompt_yes(const char *question);

#endif
