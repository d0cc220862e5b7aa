/*
 * url_parts: the parts of a URL, also of one that is not well-formed.
 *
 * Pure. Parts are borrowed from the text and not decoded; an absent one is empty.
 */
#ifndef DOCTOR_URL_PARTS_H
#define DOCTOR_URL_PARTS_H

#include <stdbool.h>
#include <stddef.h>

struct url_part {
    const char *text;
    size_t len_bytes;
};

struct url_parameter {
    struct url_part name, value;
    bool equals; /* there is a '=' */
};

#define URL_PARAMETERS_MAX 32

enum url_scheme {
    URL_SCHEME_NONE, /* "host/path" */
    URL_SCHEME_WS,
    URL_SCHEME_WSS,
    URL_SCHEME_HTTP,
    URL_SCHEME_HTTPS,
    URL_SCHEME_OTHER,
};

struct url_parts {
    enum url_scheme scheme;
    bool slashes;         /* "://" is whole: "wss:/host" and "wss//host" are not */
    struct url_part user; /* "user:password" */
    struct url_part host; /* of an IPv6 address with its brackets */
    struct url_part port;
    struct url_part path; /* from its '/' on */
    struct url_part fragment;
    bool has_fragment;
    struct url_parameter parameter[URL_PARAMETERS_MAX];
    int parameters; /* those after the limit are not counted */
};

void url_parts_read(struct url_parts *out, const char *url);

bool url_part_is(struct url_part part, const char *word);     /* without case */
bool url_part_begins(struct url_part part, const char *word); /* without case */
bool url_part_ends(struct url_part part, const char *word);   /* without case */

#endif
