#include "serve/http_request.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

static const char *known_header(struct lws *wsi, enum lws_token_indexes token, char *out)
{
    if (lws_hdr_copy(wsi, out, HTTP_VALUE_BYTES, token) < 0)
        *out = '\0';
    return out;
}

static const char *custom_header(struct lws *wsi, const char *name, char *out)
{
    if (lws_hdr_custom_copy(wsi, out, HTTP_VALUE_BYTES, name, (int)strlen(name)) < 0)
        *out = '\0';
    return out;
}

/* libwebsockets has already decoded %XX, so a "%2B" cannot be distinguished from the '+' that means
 * a space. */
static void read_params(struct lws *wsi, struct http_texts *texts, struct api_request *request)
{
    size_t used = 0;
    for (int i = 0; i < API_PARAMS_MAX && used + 2 < sizeof(texts->params); i++) {
        char *text = texts->params + used;
        int len = lws_hdr_copy_fragment(wsi, text, (int)(sizeof(texts->params) - used),
                                        WSI_TOKEN_HTTP_URI_ARGS, i);
        if (len < 0)
            break;
        used += (size_t)len + 1;
        char *value = strchr(text, '=');
        if (!value)
            continue;
        *value++ = '\0';
        for (char *c = value; (c = strchr(c, '+'));)
            *c = ' ';
        request->params[request->params_count++] = (struct api_param){text, value};
    }
}

void http_request_read(void *lws, const char *uri, struct http_texts *texts,
                       struct api_request *request)
{
    struct lws *wsi = lws;
    while (*uri == '/')
        uri++;
    snprintf(texts->path, sizeof(texts->path), "%s", uri);
    *request = (struct api_request){
        .post = lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0,
        .path = texts->path,
        .user = custom_header(wsi, "x-username:", texts->user),
        .password = custom_header(wsi, "x-password:", texts->password),
        /* libwebsockets has a number for these headers and does not find them by name. */
        .token = known_header(wsi, WSI_TOKEN_X_AUTH_TOKEN, texts->token),
        .cookie = known_header(wsi, WSI_TOKEN_HTTP_COOKIE, texts->cookie),
        .origin = known_header(wsi, WSI_TOKEN_ORIGIN, texts->origin),
    };
    read_params(wsi, texts, request);
}
