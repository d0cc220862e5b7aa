/*
 * json_scan: reads JSON in place, from the beginning to the end, without a tree and without
 * allocation.
 *
 * For the messages that arrive most often; base/json reads all others. Both accept the same texts
 * and read the same values from them (tests/fuzz/fuzz_market_data.c compares them). Only texts with
 * escapes are read by base/json here too: the broker's messages have none. Like base/json, it
 * accepts strings that are not UTF-8.
 *
 * A position is a pointer into the text. Each function takes one and returns the one behind what it
 * has read. After a failure `failed` is set and positions are the end of the text, where nothing
 * more is found, so the caller checks once, at the end. What was read before must not be used then.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>

struct json_scan {
    const char *end;
    struct json_parser *parser; /* borrowed; for texts with escapes */
    int depth;                  /* of open objects and arrays */
    bool failed;                /* not JSON, or nested deeper than JSON_DEPTH_MAX */
};

/* A string as it is written, between its quotes. */
struct json_text {
    const char *text; /* NULL: the value is not a string */
    size_t len_bytes;
    bool escaped; /* has escapes: see json_text_plain() */
};

/* A value read as a number, like json_number(), with the reason if it is none. */
enum json_number_kind {
    JSON_NUMBER_NONE,     /* null, [] */
    JSON_NUMBER_FINITE,   /* a number, or one written as a string */
    JSON_NUMBER_INFINITE, /* 1e999, "NaN", "-Infinity": a number, but not finite */
    JSON_NUMBER_OTHER,    /* anything else */
};

struct json_scan_number {
    double value; /* NAN unless finite; -0 is 0 */
    enum json_number_kind kind;
};

/* The position of the root value. */
const char *json_scan_begin(struct json_scan *scan, struct json_parser *parser, const char *text,
                            size_t len_bytes);
/* Behind the root value only white space may follow. False: the text is not JSON. */
bool json_scan_end(struct json_scan *scan, const char *at);

const char *json_scan_text(struct json_scan *scan, const char *at, struct json_text *out);
const char *json_scan_number(struct json_scan *scan, const char *at, struct json_scan_number *out);
const char *json_scan_skip(struct json_scan *scan, const char *at); /* any value */
const char *json_scan_fail(struct json_scan *scan);

/* The text as a C string without escapes: borrowed from the parser until it parses again. */
const char *json_text_plain(struct json_parser *parser, const struct json_text *text);
/* Exact case, escapes resolved. */
bool json_text_is(struct json_parser *parser, const struct json_text *text, const char *word);

/* Between values everything up to the space is white space, as in cJSON; a NUL never is. */
static inline const char *json_scan_space(const struct json_scan *scan, const char *at)
{
    while (at < scan->end && (unsigned char)*at <= ' ' && *at)
        at++;
    return at;
}

/* '\0' at the end. */
static inline char json_scan_char(const struct json_scan *scan, const char *at)
{
    return at < scan->end ? *at : '\0';
}

/*
 * Walks an object or an array, from its opening bracket to behind its `close`:
 *
 *     for (bool more = json_scan_open(s, &at, '}'); more; more = json_scan_more(s, &at, '}')) {
 *         at = json_scan_key(s, at, &key); (of an object)
 *         at = one of the functions above, for the value
 *     }
 */
static inline bool json_scan_open(struct json_scan *scan, const char **at, char close)
{
    if (++scan->depth > JSON_DEPTH_MAX) {
        *at = json_scan_fail(scan);
        return false;
    }
    *at = json_scan_space(scan, *at + 1);
    if (json_scan_char(scan, *at) != close)
        return true;
    scan->depth--;
    ++*at;
    return false;
}

static inline bool json_scan_more(struct json_scan *scan, const char **at, char close)
{
    const char *p = json_scan_space(scan, *at);
    char c = json_scan_char(scan, p);
    if (c == ',') {
        *at = json_scan_space(scan, p + 1);
        return true;
    }
    *at = c == close ? p + 1 : json_scan_fail(scan);
    scan->depth--;
    return false;
}

/* From behind a key to its value. */
static inline const char *json_scan_colon(struct json_scan *scan, const char *at)
{
    at = json_scan_space(scan, at);
    return json_scan_char(scan, at) == ':' ? json_scan_space(scan, at + 1) : json_scan_fail(scan);
}

static inline const char *json_scan_key(struct json_scan *scan, const char *at,
                                        struct json_text *key)
{
    return json_scan_colon(scan, json_scan_text(scan, at, key));
}

#endif
