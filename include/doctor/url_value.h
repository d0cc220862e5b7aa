/*
 * url_value: what the value of a parameter looks like (protocol sections 4.1, 12.1, 12.2 and 15).
 *
 * Pure. A value may be a secret. It is described by its length and its alphabet only; none of its
 * characters is shown.
 */
#ifndef DOCTOR_URL_VALUE_H
#define DOCTOR_URL_VALUE_H

#include "doctor/url_parts.h"

enum url_shape {
    URL_VALUE_EMPTY,
    URL_VALUE_PLACEHOLDER, /* "undefined", "<session_id>", "${token}", "YOUR_TOKEN" */
    URL_VALUE_TOKEN,       /* 44 characters of base64: a token of the REST API */
    URL_VALUE_SESSION,     /* 64 characters of base64: an id of the browser terminal */
    URL_VALUE_COOKIE,      /* the terminal's cookie: three parts with dots, or with its name */
    URL_VALUE_TIME,        /* 10 or 13 digits: seconds or milliseconds since 1970 */
    URL_VALUE_UUID,
    URL_VALUE_NUMBER,
    URL_VALUE_HEX,
    URL_VALUE_BASE64,
    URL_VALUE_WORDS, /* other printable ASCII */
    URL_VALUE_OTHER, /* with other bytes */
};

struct url_value {
    enum url_shape shape;
    size_t length; /* decoded; in bytes */
    bool plus;     /* a raw '+', which servers read as a blank, or a blank, which was a '+' */
    bool reserved; /* a raw '/' or '=' */
    bool twice;    /* encoded twice */
    bool invalid;  /* a '%' without two hexadecimal digits */
};

struct url_value url_value_of(struct url_part part);

#define URL_VALUE_TEXT 64
/* "44 characters of base64"; `out` holds URL_VALUE_TEXT bytes. Returns `out`. */
char *url_value_text(char *out, const struct url_value *value);

#endif
