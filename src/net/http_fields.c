#include "net/http_fields.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void http_fields_finish(struct http_fields *fields)
{
    http_fields_clear(fields);
    free(fields->text);
    *fields = (struct http_fields){0};
}

void http_fields_clear(struct http_fields *fields)
{
    if (fields->text)
        explicit_bzero(fields->text, fields->len_bytes);
    fields->len_bytes = 0;
    fields->count = 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The memory never moves, so no copy of a value is left in freed memory. */
static int reserve(struct http_fields *fields, size_t more_bytes)
{
    if (more_bytes > HTTP_FIELDS_BYTES - fields->len_bytes)
        return -EMSGSIZE;
    if (!fields->text)
        fields->text = malloc(HTTP_FIELDS_BYTES);
    return fields->text ? 0 : -ENOMEM;
}

static void put(struct http_fields *fields, const char *text, size_t len)
{
    memcpy(fields->text + fields->len_bytes, text, len);
    fields->len_bytes += len;
    fields->text[fields->len_bytes++] = '\0';
}

/* A value that was folded into two lines; a blank replaces the line end (RFC 9112, 5.2). */
static int append_to_last(struct http_fields *fields, const char *text, size_t len)
{
    if (fields->count == 0 || len == 0)
        return 0;
    int rc = reserve(fields, len + 1);
    if (rc)
        return rc;
    fields->text[fields->len_bytes - 1] = ' '; /* was the value's NUL */
    put(fields, text, len);
    return 0;
}

static int add(struct http_fields *fields, const char *line, size_t name_len, size_t len)
{
    size_t from = name_len + 1;
    while (from < len && is_blank(line[from]))
        from++;
    size_t value_len = len > from ? len - from : 0;
    if (fields->count == HTTP_FIELDS_MAX)
        return -EMSGSIZE;
    int rc = reserve(fields, name_len + value_len + 2);
    if (rc)
        return rc;
    put(fields, line, name_len);
    put(fields, line + from, value_len);
    fields->count++;
    return 0;
}

int http_fields_add(struct http_fields *fields, const char *line, size_t len_bytes)
{
    while (len_bytes && is_blank(line[len_bytes - 1]))
        len_bytes--;
    if (len_bytes == 0 || memchr(line, '\0', len_bytes))
        return 0;
    if (is_blank(*line)) {
        size_t blanks = 0;
        while (is_blank(line[blanks]))
            blanks++;
        return append_to_last(fields, line + blanks, len_bytes - blanks);
    }
    const char *colon = memchr(line, ':', len_bytes);
    return colon && colon > line ? add(fields, line, (size_t)(colon - line), len_bytes) : 0;
}

const char *http_fields_at(const struct http_fields *fields, const char *name, int at)
{
    const char *text = fields->text;
    for (int i = 0; i < fields->count; i++) {
        const char *value = text + strlen(text) + 1;
        if (strcasecmp(text, name) == 0 && at-- == 0)
            return value;
        text = value + strlen(value) + 1;
    }
    return NULL;
}

const char *http_fields_get(const struct http_fields *fields, const char *name)
{
    const char *value = http_fields_at(fields, name, 0);
    return value ? value : "";
}
