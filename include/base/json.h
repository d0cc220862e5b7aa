/*
 * json: reads JSON received from outside.
 *
 * A parser owns an arena and parses one document at a time into it; the values are borrowed until
 * the next parse. Depth and memory are bounded. Only this module uses the JSON library. The reading
 * functions accept NULL as an absent value, so look-ups can be chained without checks.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct json;        /* a value inside a document */
struct json_parser; /* used by one thread at a time */

enum json_type {
    JSON_ABSENT,
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

#define JSON_DEPTH_MAX  32
#define JSON_MEMORY_MIB 128 /* for the values of one document: about two million */

struct json_parser *json_parser_create(void); /* NULL: no memory */
void json_parser_destroy(struct json_parser *parser);
/* Invalidates the last document and frees the memory of a large one now, not at the next parse. */
void json_parser_release(struct json_parser *parser);

/*
 * The root value, or NULL with the reason and the byte position in `err`: -EBADMSG not JSON,
 * -ELOOP nested deeper than JSON_DEPTH_MAX, -ENOMEM. Bytes after the value other than white space
 * are an error, and so is a NUL, raw or as \u0000 (a C string would end there), and a \u without
 * four hexadecimal digits. A leading byte order mark is skipped. A number longer than 63 bytes is read exactly or is an error, depending on
 * the library's version; a number too large for a double is parsed, but json_number() returns false
 * for it. `text` need not end in NUL.
 */
const struct json *json_parse(struct json_parser *parser, const char *text, size_t len_bytes,
                              struct err *err);

enum json_type json_type(const struct json *value);
const struct json *json_get(const struct json *object, const char *key); /* the first such key */
const struct json *json_first(const struct json *array_or_object);
const struct json *json_next(const struct json *value);
const char *json_key(const struct json *member);
const char *json_string(const struct json *value); /* NULL unless a string */
bool json_is_true(const struct json *value);

/* A finite number, also one written as a string; -0 becomes 0. `out` is written on success only. */
bool json_number(const struct json *value, double *out);

#endif
