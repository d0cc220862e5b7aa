#include "serve/web.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* --- requests --------------------------------------------------------------------------------- */

const char *web_param(const struct web_request *request, const char *name)
{
    for (int i = 0; i < request->params_count; i++) {
        if (strcmp(request->params[i].name, name) == 0)
            return request->params[i].value;
    }
    return NULL;
}

const char *web_header(const struct web_request *request, const char *name)
{
    const char *value = request->header ? request->header(request->self, name) : NULL;
    return value ? value : "";
}

/* --- answers ---------------------------------------------------------------------------------- */

void web_answer_init(struct web_answer *answer)
{
    *answer = (struct web_answer){.status = 200, .content_type = "text/plain"};
    buf_init(&answer->headers, WEB_HEADERS_BYTES);
    buf_init(&answer->body, WEB_BODY_BYTES);
}

void web_answer_finish(struct web_answer *answer)
{
    buf_finish(&answer->headers);
    buf_finish(&answer->body);
}

void web_put(struct web_answer *answer, int status, const char *content_type, const char *body)
{
    answer->status = status;
    answer->content_type = content_type;
    buf_truncate(&answer->headers, answer->kept_bytes);
    buf_clear(&answer->body);
    buf_puts(&answer->body, body);
}

void web_keep_headers(struct web_answer *answer)
{
    answer->kept_bytes = answer->headers.len_bytes;
}

/* RFC 9110 section 5.6.2: the characters of a token. */
static bool valid_name(const char *name)
{
    static const char allowed[] = "!#$%&'*+-.^_`|~0123456789"
                                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return *name && name[strspn(name, allowed)] == '\0';
}

/* A CR or LF would let whoever chose the value write further headers, or an answer of its own. */
static bool valid_value(const char *value)
{
    for (const char *c = value; *c; c++) {
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 127)
            return false;
    }
    return true;
}

static bool written_by_server(const char *name)
{
    static const char *const names[] = {"content-type", "content-length", "connection",
                                        "transfer-encoding"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcasecmp(names[i], name) == 0)
            return true;
    }
    return false;
}

int web_add_header(struct web_answer *answer, const char *name, const char *value)
{
    struct buf *headers = &answer->headers;
    size_t name_bytes = strlen(name) + 1, value_bytes = strlen(value) + 1;
    if (!valid_name(name) || !valid_value(value) || written_by_server(name))
        return -EINVAL;
    if (headers->len_bytes + name_bytes + value_bytes > headers->max_bytes)
        return -EMSGSIZE; /* checked first: half a header must not stay */
    int rc = buf_append(headers, name, name_bytes);
    return rc ? rc : buf_append(headers, value, value_bytes);
}

int web_each_header(const struct web_answer *answer,
                    int (*fn)(void *arg, const char *name, const char *value), void *arg)
{
    const char *text = buf_text(&answer->headers);
    const char *end = text + answer->headers.len_bytes;
    int rc = 0;
    while (rc == 0 && text < end) {
        const char *name = text, *value = name + strlen(name) + 1;
        rc = fn(arg, name, value);
        text = value + strlen(value) + 1;
    }
    return rc;
}

struct search {
    const char *name, *found;
};

static int compare_name(void *arg, const char *name, const char *value)
{
    struct search *search = arg;
    if (strcasecmp(name, search->name) != 0)
        return 0;
    search->found = value;
    return 1;
}

const char *web_answer_header(const struct web_answer *answer, const char *name)
{
    struct search search = {.name = name};
    web_each_header(answer, compare_name, &search);
    return search.found;
}
