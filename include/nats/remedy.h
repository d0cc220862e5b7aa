/*
 * remedy: what to do about a failure of the connection to NATS, for the log and for cinta doctor.
 */
#ifndef NATS_REMEDY_H
#define NATS_REMEDY_H

#include "base/err.h"

#include <stddef.h>

#define NATS_REMEDY_BYTES 256

/* `code`: of the error; `section`: "sink" or "source", whose keys are named. `out` is "" for a code
 * that has no remedy of its own. Returns `out`. */
const char *nats_remedy(char *out, size_t out_bytes, int code, const char *section);

/* Appends ": " and the remedy of its code to the words of `err`, if there is one. */
void nats_remedy_append(struct err *err, const char *section);

#endif
