#include "serve/live_page.h"

#include "serve/page_files.h"

#include <string.h>

/* Nothing from other hosts. dygraphs writes its legend as text with styles in it. */
#define POLICY                                                                                     \
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "                    \
    "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "                    \
    "frame-ancestors 'none'"

static const struct page_file *find(const char *name)
{
    if (*name == '\0')
        name = "index.html";
    for (const struct page_file *file = page_files; file->name; file++) {
        if (strcmp(file->name, name) == 0)
            return file;
    }
    return NULL;
}

static const char *type_of(const char *name)
{
    static const struct {
        const char *suffix, *type;
    } types[] = {
        {".html", "text/html;charset=UTF-8"}, {".js", "text/javascript;charset=UTF-8"},
        {".css", "text/css;charset=UTF-8"},   {".svg", "image/svg+xml"},
        {".txt", "text/plain;charset=UTF-8"},
    };
    const char *suffix = strrchr(name, '.');
    for (size_t i = 0; suffix && i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(suffix, types[i].suffix) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}

/* RFC 9110 section 13.1.2: "*", or a list of tags, which a proxy may have marked as weak: W/"x". */
static bool has_tag(const char *list, const char *etag)
{
    return strcmp(list, "*") == 0 || strstr(list, etag);
}

static void add_headers(struct web_answer *answer, const char *etag)
{
    web_add_header(answer, "etag", etag);
    web_add_header(answer, "cache-control", "no-cache");
    web_add_header(answer, "content-security-policy", POLICY);
    web_add_header(answer, "x-content-type-options", "nosniff");
    web_add_header(answer, "referrer-policy", "no-referrer");
}

void live_page_answer(const char *name, const struct web_request *request,
                      struct web_answer *answer)
{
    const struct page_file *file = find(name);
    if (!file || request->post) {
        web_put(answer, file ? 405 : 404, "text/plain", file ? "use GET\n" : "no such file\n");
        return;
    }
    bool known = has_tag(web_header(request, "If-None-Match"), file->etag);
    web_put(answer, known ? 304 : 200, type_of(file->name), "");
    add_headers(answer, file->etag);
    if (!known)
        buf_append(&answer->body, file->bytes, file->len_bytes);
}
