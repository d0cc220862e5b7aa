/*
 * cookies: the cookies of one server, as a client keeps them (RFC 6265).
 *
 * Takes them from the answers of that server and gives all of them to every further request to it;
 * Domain, Path and Secure are not evaluated, because they are never sent to another one. A cookie
 * replaces the one of its name; one that has expired when it arrives removes it. In memory only,
 * bounded, and wiped, because cookies are credentials.
 */
#ifndef NET_COOKIES_H
#define NET_COOKIES_H

#include "net/http_fields.h"

#include <stdint.h>

#define COOKIES_MAX        16   /* further ones are ignored */
#define COOKIE_NAME_BYTES  64   /* with the NUL; a cookie that is longer is ignored */
#define COOKIE_VALUE_BYTES 4096 /* the same */

struct cookies;

struct cookies *cookies_create(void); /* NULL: no memory */
void cookies_destroy(struct cookies *cookies);

/* Each Set-Cookie of an answer that arrived at `wall_ns`. */
void cookies_take(struct cookies *cookies, const struct http_fields *fields, int64_t wall_ns);
void cookies_forget(struct cookies *cookies); /* all */

/* Name, value, name, value, ..., NULL, as http_headers_create() takes them; borrowed until the next
 * change. */
const char *const *cookies_pairs(struct cookies *cookies);

#endif
