/*
 * http_fields: the headers of an answer, by name.
 *
 * Owns copies of the names and values, at most HTTP_FIELDS_MAX headers and HTTP_FIELDS_BYTES in
 * total; they are wiped when they are cleared, because some hold credentials. A header may occur
 * several times (Set-Cookie does). Values are as received: not decoded, and not split at commas.
 */
#ifndef NET_HTTP_FIELDS_H
#define NET_HTTP_FIELDS_H

#include <stddef.h>

#define HTTP_FIELDS_MAX   128
#define HTTP_FIELDS_BYTES 32768

struct http_fields {
    char *text; /* "name\0value\0" of each; NULL until the first one */
    size_t len_bytes;
    int count;
};

void http_fields_finish(struct http_fields *fields); /* for one that is zeroed, too */
void http_fields_clear(struct http_fields *fields);  /* keeps the memory */

/*
 * Adds one line, "Name: value" with or without its line end. A line that begins with a blank
 * continues the value before it; a line without a name is ignored. -EMSGSIZE: too many headers or
 * bytes, nothing was added; -ENOMEM.
 */
int http_fields_add(struct http_fields *fields, const char *line, size_t len_bytes);

/*
 * The value of the header `name` (compared without case) that occurs at position `at`, from 0 on,
 * among those of this name; NULL: there is no such header. Valid until the next change.
 */
const char *http_fields_at(const struct http_fields *fields, const char *name, int at);
const char *http_fields_get(const struct http_fields *fields, const char *name); /* first; or "" */

#endif
