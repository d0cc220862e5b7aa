#include "base/json.h"

#include "base/arena.h"
#include "base/num.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_BYTES (256 * 1024)
#define MAX_BYTES  (1024u * 1024 * 1024) /* a 64 MiB list of small items */

struct json_parser {
    struct arena arena;
};

/*
 * cJSON's hooks carry no argument, so the parser at work on this thread is named here. Everything
 * that uses cJSON goes through this file; outside json_parse nothing is allocated.
 */
static _Thread_local struct arena *current;

static void *hook_malloc(size_t size_bytes)
{
    return arena_alloc(current, size_bytes);
}

static void hook_free(void *p)
{
    (void)p; /* the arena takes it back at the next parse */
}

struct json_parser *json_parser_create(void)
{
    struct json_parser *parser = calloc(1, sizeof(*parser));
    if (!parser)
        return NULL;
    cJSON_Hooks hooks = {.malloc_fn = hook_malloc, .free_fn = hook_free};
    cJSON_InitHooks(&hooks);
    arena_init(&parser->arena, KEEP_BYTES, MAX_BYTES);
    return parser;
}

void json_parser_destroy(struct json_parser *parser)
{
    if (!parser)
        return;
    arena_finish(&parser->arena);
    free(parser);
}

/* cJSON recurses up to 1000 levels; counting brackets outside strings first keeps the stack small. */
static int check_depth(const char *text, size_t len_bytes, struct err *err)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < len_bytes; i++) {
        char c = text[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX)
                return err_set(err, -ELOOP, "JSON nested deeper than %d at byte %zu",
                               JSON_DEPTH_MAX, i);
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return 0;
}

static size_t skip_space(const char *text, size_t len_bytes, size_t i)
{
    while (i < len_bytes && strchr(" \t\r\n", text[i]) && text[i])
        i++;
    return i;
}

const struct json *json_parse(struct json_parser *parser, const char *text, size_t len_bytes,
                              struct err *err)
{
    const char *end = NULL;

    if (check_depth(text, len_bytes, err))
        return NULL;
    arena_reset(&parser->arena);
    current = &parser->arena;
    cJSON *root = cJSON_ParseWithLengthOpts(text, len_bytes, &end, 0);
    current = NULL;
    size_t at = end ? (size_t)(end - text) : 0;
    if (!root) {
        err_set(err, -EBADMSG, len_bytes ? "not JSON at byte %zu of %zu" : "an empty body", at,
                len_bytes);
        return NULL;
    }
    at = skip_space(text, len_bytes, at);
    if (at < len_bytes) {
        err_set(err, -EBADMSG, "text after the JSON value at byte %zu of %zu", at, len_bytes);
        return NULL;
    }
    return (const struct json *)root;
}

static const cJSON *node(const struct json *value)
{
    return (const cJSON *)value;
}

enum json_type json_type(const struct json *value)
{
    if (!value)
        return JSON_ABSENT;
    switch (node(value)->type & 0xff) {
    case cJSON_True:
    case cJSON_False:
        return JSON_BOOL;
    case cJSON_Number:
        return JSON_NUMBER;
    case cJSON_String:
        return JSON_STRING;
    case cJSON_Array:
        return JSON_ARRAY;
    case cJSON_Object:
        return JSON_OBJECT;
    default:
        return JSON_NULL;
    }
}

const struct json *json_get(const struct json *object, const char *key)
{
    if (json_type(object) != JSON_OBJECT)
        return NULL;
    const struct json *member = json_first(object);
    while (member && strcmp(json_key(member), key) != 0)
        member = json_next(member);
    return member;
}

const struct json *json_first(const struct json *array_or_object)
{
    enum json_type type = json_type(array_or_object);
    if (type != JSON_ARRAY && type != JSON_OBJECT)
        return NULL;
    return (const struct json *)node(array_or_object)->child;
}

const struct json *json_next(const struct json *value)
{
    return value ? (const struct json *)node(value)->next : NULL;
}

const char *json_key(const struct json *member)
{
    return member && node(member)->string ? node(member)->string : "";
}

const char *json_string(const struct json *value)
{
    return json_type(value) == JSON_STRING ? node(value)->valuestring : NULL;
}

bool json_number(const struct json *value, double *out)
{
    const char *text = json_string(value);
    if (text)
        return num_parse(text, strlen(text), out);
    if (json_type(value) != JSON_NUMBER || !isfinite(node(value)->valuedouble))
        return false;
    double number = node(value)->valuedouble;
    *out = number == 0 ? 0 : number;
    return true;
}
