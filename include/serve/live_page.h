/*
 * live_page: answers requests for the files of the live page.
 *
 * Pure. The page is the same for everybody and contains no data: it reads /events, /chart and
 * /status like any other client. A browser keeps the files and asks each time whether they are
 * still the same (ETag). The policy in the answers allows nothing from other hosts.
 */
#ifndef SERVE_LIVE_PAGE_H
#define SERVE_LIVE_PAGE_H

#include "serve/web.h"

/* `name` of the file; "" is the page itself. 200, 304, 404, or 405 for a POST. */
void live_page_answer(const char *name, const struct web_request *request,
                      struct web_answer *answer);

#endif
