#include "api/admission.h"

#include "api/cookie_login.h"
#include "base/json_write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define JSON_TYPE   "application/json;charset=UTF-8"
#define TOKEN_BYTES 256
#define UNIX        "unix"

/* 403 with the words "<what> '<value>' <advice>". */
static int refuse(struct web_answer *answer, const char *what, const char *value,
                  const char *advice)
{
    char words[256];
    snprintf(words, sizeof(words), "%s '%.100s' %s", what, value, advice);
    web_put(answer, 403, JSON_TYPE, "{\"status\":\"ERROR\",\"description\":");
    json_put_string(&answer->body, words);
    buf_puts(&answer->body, ",\"message\":null}");
    return -EACCES;
}

int admission_check_place(const struct access_rules *rules, const struct web_request *request,
                          struct web_answer *answer)
{
    const char *host = web_header(request, "Host");
    const char *origin = web_header(request, "Origin");
    struct access_rules here = *rules;
    bool by_file = strcmp(request->local, UNIX) == 0; /* browsers cannot connect to it */
    here.listen_host = request->local;
    if (!by_file && !access_host(&here, host))
        return refuse(answer, "Host", host,
                      "is not a name of this service: use its address, or add the name to "
                      "serve.hosts");
    if (!access_origin(&here, origin, host))
        return refuse(answer, "Origin", origin,
                      "may not use this service: add it to serve.origins");
    return 0;
}

/* A '+' of a token in a URL arrives as a blank. */
static const char *query_token(const struct web_request *request, char out[TOKEN_BYTES])
{
    static const char *const names[] = {"token", "session_id", "access_token", "X-Auth-Token"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = web_param(request, names[i]);
        if (!value)
            continue;
        snprintf(out, TOKEN_BYTES, "%s", value);
        for (char *c = out; (c = strchr(c, ' '));)
            *c = '+';
        return out;
    }
    return NULL;
}

int admission_check_token(const struct access_rules *rules, const struct web_request *request,
                          struct web_answer *answer)
{
    char text[TOKEN_BYTES];
    const char *header = web_header(request, "X-Auth-Token");
    const char *given = *header ? header : query_token(request, text);
    if (given ? access_token(rules, given) : cookie_login_valid(rules, request))
        return 0;
    web_put(answer, 401, JSON_TYPE, "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}");
    return -EACCES;
}

void admission_share(const struct web_request *request, struct web_answer *answer)
{
    const char *origin = web_header(request, "Origin");
    if (*origin == '\0')
        return;
    web_add_header(answer, "access-control-allow-origin", origin);
    web_add_header(answer, "access-control-expose-headers", "X-Auth-Token");
    web_add_header(answer, "vary", "Origin");
    web_keep_headers(answer);
}

void admission_preflight(const struct web_request *request, struct web_answer *answer)
{
    web_put(answer, 204, "text/plain", "");
    web_add_header(answer, "access-control-allow-methods", "GET, POST, OPTIONS");
    web_add_header(answer, "access-control-allow-headers",
                   "X-Auth-Token, X-Username, X-Password, Content-Type");
    web_add_header(answer, "access-control-max-age", "600");
    /* A page from the internet that uses an address of the local network, where it is allowed. */
    if (strcmp(web_header(request, "Access-Control-Request-Private-Network"), "true") == 0)
        web_add_header(answer, "access-control-allow-private-network", "true");
}
