/*
 * http_date: the header Date of the simulated broker's answers (RFC 9110 section 5.6.7).
 *
 * Pure.
 */
#ifndef SIM_HTTP_DATE_H
#define SIM_HTTP_DATE_H

#include "serve/web.h"

#include <stdint.h>

/* "Thu, 19 Nov 2026 14:02:58 GMT" */
void http_date_add(struct web_answer *answer, int64_t wall_ns);

#endif
