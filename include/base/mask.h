/*
 * mask: takes secrets out of a text before it is shown or kept.
 *
 * Brokers echo what they were sent: in an error description, a page, a redirect. An echo may be
 * escaped for JSON, a URL or HTML, and may be cut off. Pure; the log holds the secrets that are in
 * use (log_secret) and masks for everybody (log_mask).
 */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#define MASK_BYTES_MIN 4 /* shorter secrets would mask ordinary words, and are left */

/*
 * In place: each occurrence of `secret` becomes "***", also one that is escaped with backslashes,
 * \u00XX, %XX or HTML entities, and what begins with 8 bytes of it, since texts are cut to length.
 */
void mask_secret(char *text, const char *secret);

/*
 * In place: the values of headers that are credentials (Set-Cookie, Cookie, Authorization,
 * X-Auth-Token, X-Password, X-CSRF-Token), up to the end of their line or of the quoted text, and
 * of such query parameters (token, access_token, session_id, conn_id, X-Auth-Token, password).
 */
void mask_credentials(char *text);

#endif
