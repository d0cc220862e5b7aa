/* Arbitrary lines as the Set-Cookie headers of answers (net/cookies). */
#include "net/cookies.h"
#include "net/http_headers.h"
#include "support/fuzz.h"

#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1795446000000000000)

/* Each line of the input is one header of one answer; all that is kept can be sent. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cookies *cookies = cookies_create();
    struct http_fields fields = {0};
    const char *at = (const char *)data, *end = at + size;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);
        char *line = malloc(len + 12);
        memcpy(line, "Set-Cookie: ", 12);
        memcpy(line + 12, at, len);
        http_fields_add(&fields, line, len + 12);
        free(line);
        at += len + 1;
    }
    cookies_take(cookies, &fields, NOW);
    cookies_take(cookies, &fields, NOW); /* again: nothing is kept twice */
    int count = 0;
    for (const char *const *p = cookies_pairs(cookies); *p; p += 2) {
        CHECK(strlen(p[0]) < COOKIE_NAME_BYTES && strlen(p[1]) < COOKIE_VALUE_BYTES);
        for (const char *const *q = cookies_pairs(cookies); q != p; q += 2)
            CHECK(strcmp(p[0], q[0]) != 0);
        count++;
    }
    CHECK(count <= COOKIES_MAX);
    struct http_headers *headers =
        http_headers_create((const char *const[]){NULL}, cookies_pairs(cookies));
    CHECK(headers != NULL);
    http_headers_destroy(headers);
    http_fields_finish(&fields);
    cookies_destroy(cookies);
    return 0;
}
