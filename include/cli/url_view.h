/*
 * url_view: the explanation of a URL (doctor/url_explain) for people, and as JSON.
 */
#ifndef CLI_URL_VIEW_H
#define CLI_URL_VIEW_H

#include "base/buf.h"
#include "doctor/url_explain.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends the URL without its values and the findings, in lines of at most `width` characters, and
 * the sentence as the last line. `colour`: for a terminal. */
void url_view(struct buf *out, const struct url_findings *found, size_t width, bool colour);

/* Appends the whole answer, with the members of a diagnosis (doctor_view). */
void url_view_json(struct buf *out, const struct url_findings *found);

#endif
