/*
 * Arbitrary bytes as the first request of a connection (serve/http_head), and as the part of a
 * query that follows a raw blank (serve/query).
 */
#include "serve/http_head.h"
#include "serve/query.h"
#include "support/fuzz.h"

#include <stdlib.h>
#include <string.h>

/* A head that is complete is so at its end, and not before. */
static void try_head(const char *data, size_t len)
{
    struct http_head head = http_head_scan(data, len);
    struct buf out;
    if (head.state != HTTP_HEAD_COMPLETE)
        return;
    CHECK(head.len_bytes > 0 && head.len_bytes <= len && head.len_bytes <= HTTP_HEAD_BYTES);
    CHECK(http_head_scan(data, head.len_bytes).len_bytes == head.len_bytes);
    CHECK(http_head_scan(data, head.len_bytes - 1).state == HTTP_HEAD_INCOMPLETE);
    buf_init(&out, HTTP_HEAD_BYTES + 1);
    if (http_head_rewrite(&out, data, head.len_bytes)) {
        CHECK(!buf_failed(&out));
        CHECK(http_head_scan(out.data, out.len_bytes).state == HTTP_HEAD_COMPLETE);
    }
    http_head_has_body(data, head.len_bytes);
    buf_finish(&out);
}

static void try_rest(const char *data, size_t len)
{
    struct web_request request = {.params = {{"symbol", "MERV"}}, .params_count = 1};
    char text[64];
    char *rest = malloc(len + 1);
    memcpy(rest, data, len);
    rest[len] = '\0';
    if (query_rest_cut(rest) > 0) {
        query_rest_add(&request, rest, text, sizeof(text));
        CHECK(request.params_count >= 1 && request.params_count <= WEB_PARAMS_MAX);
        for (int i = 0; i < request.params_count; i++)
            CHECK(strlen(request.params[i].name) <= len &&
                  strlen(request.params[i].value) <= len + 5);
    }
    free(rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1); /* so that ASan detects reads past the end */
    memcpy(copy, data, size);
    try_head(copy, size);
    try_rest(copy, size);
    free(copy);
    return 0;
}
