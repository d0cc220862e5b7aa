/*
 * page: recognizes and describes an answer that is not the broker's JSON.
 *
 * Pure. Bot protection, proxies, maintenance pages and login pages answer instead of the broker,
 * with HTML, a redirect, an empty body or plain text. Such an answer gives no information about the
 * user, the symbol or a permission. Only a login page does: older servers send it when the token is
 * no longer valid (protocol section 4.3).
 */
#ifndef PRIMARY_PAGE_H
#define PRIMARY_PAGE_H

#include "primary/reply.h"

#define PAGE_WORDS 256

/* By the body's first byte: JSON with an HTML content type is JSON, an empty body is a page. */
bool page_is(const struct reply *reply);

/* A redirect to a path that contains "login", or HTML with the login form of Spring Security. */
bool page_is_login(const struct reply *reply);

/*
 * A description for messages: `an HTML page, title "Just a moment...", instead of JSON (403)`,
 * where `wanted` is "JSON". Bounded, without control characters. Returns `out`, which holds
 * PAGE_WORDS bytes.
 */
char *page_words(char *out, const struct reply *reply, const char *wanted);

#endif
