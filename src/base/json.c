#include "base/json.h"

#include "base/arena.h"
#include "base/num.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_BYTES ((size_t)256 * 1024)
#define MAX_BYTES  ((size_t)JSON_MEMORY_MIB * 1024 * 1024)

struct json_parser {
    struct arena arena;
    bool out_of_memory; /* in this document; cJSON reports it like a syntax error */
};

/*
 * cJSON's hooks have no user argument, so this is the parser that is running on this thread. Only
 * this file uses cJSON, and it allocates only in json_parse.
 */
static _Thread_local struct json_parser *current;

static void *hook_malloc(size_t size_bytes)
{
    void *p = arena_alloc(&current->arena, size_bytes);
    if (!p)
        current->out_of_memory = true;
    return p;
}

static void hook_free(void *p)
{
    (void)p; /* the arena is reset at the next parse */
}

/* Called once: changing the hooks while another thread parses would mix two allocators. */
static void set_hooks(void)
{
    cJSON_Hooks hooks = {.malloc_fn = hook_malloc, .free_fn = hook_free};
    cJSON_InitHooks(&hooks);
}

struct json_parser *json_parser_create(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct json_parser *parser = calloc(1, sizeof(*parser));
    if (!parser)
        return NULL;
    pthread_once(&once, set_hooks);
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

void json_parser_release(struct json_parser *parser)
{
    arena_reset(&parser->arena);
}

/* '[' and '{' differ in one bit. Blocks have a fixed size, because compilers then vectorise the
 * inner loop at -O2. */
static size_t count_openings(const char *text, size_t len_bytes)
{
    enum { BLOCK = 16 };
    size_t count = 0, i = 0;
    for (; i + BLOCK <= len_bytes; i += BLOCK) {
        unsigned char in_block = 0;
        for (size_t j = 0; j < BLOCK; j++)
            in_block = (unsigned char)(in_block + ((text[i + j] | 0x20) == '{'));
        count += in_block;
    }
    for (; i < len_bytes; i++)
        count += (text[i] | 0x20) == '{';
    return count;
}

/*
 * A fast check that is true for every quote and takes a twentieth of the time of check_nesting():
 * with so few brackets nothing is nested too deep, and without a backslash there is no \u0000.
 */
static bool needs_no_check(const char *text, size_t len_bytes)
{
    return count_openings(text, len_bytes) <= JSON_DEPTH_MAX && !memchr(text, '\\', len_bytes);
}

static int refuse_nul(size_t at, struct err *err)
{
    return err_set(err, -EBADMSG, "not JSON: a NUL at byte %zu", at);
}

/*
 * In a C string a NUL ends the text, so one symbol could be taken for another. cJSON reads not only
 * \u0000 as a NUL, but any \u that four hexadecimal digits do not follow.
 */
static int check_escape(const char *text, size_t len_bytes, size_t at, struct err *err)
{
    size_t left = len_bytes - at;
    if (left < 2 || text[at + 1] != 'u')
        return 0;
    if (left >= 6 && memcmp(text + at, "\\u0000", 6) == 0)
        return refuse_nul(at, err);
    for (size_t i = 2; i < 6; i++) {
        if (i >= left || !isxdigit((unsigned char)text[at + i]))
            return err_set(err, -EBADMSG,
                           "not JSON: a \\u without four hexadecimal digits at byte %zu", at);
    }
    return 0;
}

/* cJSON recurses up to 1000 levels. Brackets outside strings are counted first, to limit the stack.
 */
static int check_nesting(const char *text, size_t len_bytes, struct err *err)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < len_bytes; i++) {
        char c = text[i];
        if (quoted && c == '\\') {
            if (check_escape(text, len_bytes, i, err))
                return -EBADMSG;
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '{' || c == '[')) {
            if (++depth > JSON_DEPTH_MAX)
                return err_set(err, -ELOOP, "JSON nested deeper than %d at byte %zu",
                               JSON_DEPTH_MAX, i);
        } else if (!quoted && (c == '}' || c == ']')) {
            depth--;
        }
    }
    return 0;
}

/* Refuses what cJSON would accept: a NUL, an incomplete \u, and deep nesting. */
static int check(const char *text, size_t len_bytes, struct err *err)
{
    const char *nul = len_bytes ? memchr(text, '\0', len_bytes) : NULL;
    if (nul)
        return refuse_nul((size_t)(nul - text), err);
    return needs_no_check(text, len_bytes) ? 0 : check_nesting(text, len_bytes, err);
}

static size_t skip_space(const char *text, size_t len_bytes, size_t i)
{
    while (i < len_bytes && text[i] && strchr(" \t\r\n", text[i]))
        i++;
    return i;
}

static size_t skip_bom(const char *text, size_t len_bytes)
{
    return len_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static cJSON *run_cjson(struct json_parser *parser, const char *text, size_t len_bytes, size_t *end)
{
    const char *stop = text;
    arena_reset(&parser->arena);
    parser->out_of_memory = false;
    current = parser;
    cJSON *root = cJSON_ParseWithLengthOpts(text, len_bytes, &stop, 0);
    current = NULL;
    *end = (size_t)(stop - text);
    return root;
}

static int refuse(const struct json_parser *parser, size_t at, size_t len_bytes, struct err *err)
{
    if (parser->out_of_memory)
        return err_set(err, -ENOMEM,
                       "%zu bytes of JSON need more memory than the limit of %d MiB per document",
                       len_bytes, JSON_MEMORY_MIB);
    return err_set(err, -EBADMSG, "not JSON at byte %zu of %zu", at, len_bytes);
}

const struct json *json_parse(struct json_parser *parser, const char *text, size_t len_bytes,
                              struct err *err)
{
    size_t start = skip_space(text, len_bytes, skip_bom(text, len_bytes)), end;

    if (start == len_bytes) {
        err_set(err, -EBADMSG, "an empty body");
        return NULL;
    }
    if (check(text, len_bytes, err))
        return NULL;
    cJSON *root = run_cjson(parser, text + start, len_bytes - start, &end);
    end += start;
    if (!root) {
        refuse(parser, end, len_bytes, err);
        return NULL;
    }
    end = skip_space(text, len_bytes, end);
    if (end < len_bytes) {
        err_set(err, -EBADMSG, "text after the JSON value at byte %zu of %zu", end, len_bytes);
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
    const cJSON *member = node(object)->child;
    while (member && (member->string[0] != key[0] || strcmp(member->string, key) != 0))
        member = member->next;
    return (const struct json *)member;
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

bool json_is_true(const struct json *value)
{
    return value && (node(value)->type & 0xff) == cJSON_True;
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
