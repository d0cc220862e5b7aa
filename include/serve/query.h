/*
 * query: the part of a query that follows a raw blank.
 *
 * Some clients send symbols with blanks as they are ("symbol=MERV - XMEV - AL30 - CI&depth=1
 * HTTP/1.1"). libwebsockets ends the target at the first blank and takes the rest for the version.
 * Pure.
 */
#ifndef SERVE_QUERY_H
#define SERVE_QUERY_H

#include "serve/web.h"

#include <stddef.h>

/* "- XMEV - AL30 - CI&depth=1 HTTP/1.1" is cut to "- XMEV - AL30 - CI&depth=1". Its length; 0: the
 * text is only a version. */
size_t query_rest_cut(char *version);

/*
 * Adds the parameters of `rest` to a request that has at least one; its beginning is the end of the
 * last of them, which is composed in `text`. %XX is decoded in place. The request borrows both.
 */
void query_rest_add(struct web_request *request, char *rest, char *text, size_t text_bytes);

#endif
