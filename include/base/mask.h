/*
 * mask: removes secrets from a text before it is shown or stored.
 *
 * Brokers echo what they were sent: in an error description, a page, a redirect. An echo may be
 * escaped for JSON, a URL or HTML, and may be truncated. Pure; the log keeps the secrets in use
 * (log_secret), and other modules mask through it (log_mask).
 */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#include <stddef.h>

#define MASK_BYTES_MIN 4 /* a shorter secret is not masked: it would match ordinary words */

/*
 * In place: each occurrence of `secret` becomes "***", also when it is escaped with backslashes,
 * \u00XX, %XX or HTML entities. So does a prefix of at least 8 bytes, since texts are truncated.
 */
void mask_secret(char *text, const char *secret);

/*
 * In place: masks the values of headers that hold credentials (Set-Cookie, Cookie, Authorization,
 * X-Auth-Token, X-Password, X-CSRF-Token), up to the end of the line or of the quoted text, and of
 * such query parameters (token, access_token, session_id, conn_id, X-Auth-Token, password).
 */
void mask_credentials(char *text);

#define MASK_URL_BYTES 256 /* enough for a URL in a message */

/*
 * A URL for people: log lines, errors, events and status show no other form of it. Scheme, host,
 * port, path and the names of parameters remain; user and password, and the value of each parameter
 * of the path, the query and the fragment become "***" (empty values stay empty), whatever the
 * parameter's name. Writes at most `out_bytes`, truncated; returns `out`.
 */
char *mask_url(char *out, size_t out_bytes, const char *url);

#endif
