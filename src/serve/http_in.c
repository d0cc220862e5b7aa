#include "serve/http_in.h"

#include "base/num.h"
#include "serve/http_head.h"
#include "serve/query.h"

#include <libwebsockets.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define NAME_BYTES 64

/* --- headers ---------------------------------------------------------------------------------- */

/* libwebsockets numbers the usual headers, X-Auth-Token too, and finds only the others by name. */
static int token_of(const char *name_colon)
{
    for (int token = 0; token < WSI_TOKEN_COUNT; token++) {
        const unsigned char *known = lws_token_to_string((enum lws_token_indexes)token);
        if (known && strcasecmp((const char *)known, name_colon) == 0)
            return token;
    }
    return -1;
}

static int copy_header(struct lws *wsi, const char *name_colon, char *out, int size)
{
    int token = token_of(name_colon);
    if (token < 0)
        return lws_hdr_custom_copy(wsi, out, size, name_colon, (int)strlen(name_colon));
    if (lws_hdr_total_length(wsi, (enum lws_token_indexes)token) == 0)
        return -1;
    return lws_hdr_copy(wsi, out, size, (enum lws_token_indexes)token);
}

/* For web_header(). */
static const char *find_header(void *self, const char *name)
{
    struct http_in *in = self;
    char key[NAME_BYTES];
    char *out = in->values + in->values_bytes;
    size_t left = sizeof(in->values) - in->values_bytes, len = strlen(name);
    if (len + 2 > sizeof(key))
        return NULL;
    for (size_t i = 0; i < len; i++) /* libwebsockets keeps the names in lower case */
        key[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 'a' - 'A' : name[i]);
    memcpy(key + len, ":", 2);
    int got = copy_header(in->lws, key, out, (int)left);
    if (got < 0)
        return NULL;
    out[got] = '\0';
    in->values_bytes += (size_t)got + 1;
    return out;
}

size_t http_in_body_bytes(void *lws)
{
    char text[24];
    double bytes;
    int len = lws_hdr_copy(lws, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH);
    bool digits = len > 0 && strspn(text, "0123456789") == (size_t)len;
    return digits && num_parse(text, (size_t)len, &bytes) && bytes < 1e15 ? (size_t)bytes : 0;
}

/* libwebsockets takes any number that the text begins with. */
bool http_in_announces_body(void *lws)
{
    char text[24];
    int len = lws_hdr_total_length(lws, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    return len > 0 && (lws_hdr_copy(lws, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH) < 0 ||
                       strcmp(text, "0") != 0);
}

/* --- request ---------------------------------------------------------------------------------- */

/* libwebsockets has already decoded %XX, so a "%2B" cannot be distinguished from the '+' that means
 * a space, except where serve/http_head has marked it. */
static void read_params(struct http_in *in, struct web_request *request)
{
    size_t used = 0;
    for (int i = 0; i < WEB_PARAMS_MAX && used + 2 < sizeof(in->params); i++) {
        char *text = in->params + used;
        int len = lws_hdr_copy_fragment(in->lws, text, (int)(sizeof(in->params) - used),
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
        for (char *c = value; (c = strchr(c, HTTP_HEAD_PLUS));)
            *c = '+';
        request->params[request->params_count++] = (struct web_param){text, value};
    }
}

/* At least one parameter has been read. */
static void read_rest(struct http_in *in, struct web_request *request)
{
    if (lws_hdr_copy(in->lws, in->rest, sizeof(in->rest), WSI_TOKEN_HTTP) > 0 &&
        query_rest_cut(in->rest) > 0)
        query_rest_add(request, in->rest, in->composed, sizeof(in->composed));
}

typedef int name_fn(int fd, struct sockaddr *address, socklen_t *len);

static void read_address(struct lws *wsi, name_fn *name, char *out, size_t out_bytes)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    out[0] = '\0';
    if (name(lws_get_socket_fd(wsi), (struct sockaddr *)&address, &len))
        return;
    if (address.ss_family == AF_UNIX)
        snprintf(out, out_bytes, "unix");
    else if (getnameinfo((struct sockaddr *)&address, len, out, (socklen_t)out_bytes, NULL, 0,
                         NI_NUMERICHOST))
        out[0] = '\0';
}

void http_in_read(struct http_in *in, void *lws, const char *uri, struct web_request *request)
{
    in->lws = lws;
    in->values_bytes = 0;
    while (*uri == '/')
        uri++;
    snprintf(in->path, sizeof(in->path), "%s", uri);
    read_address(lws, getpeername, in->peer, sizeof(in->peer));
    read_address(lws, getsockname, in->local, sizeof(in->local));
    *request = (struct web_request){
        .post = lws_hdr_total_length(lws, WSI_TOKEN_POST_URI) > 0,
        .head = lws_hdr_total_length(lws, WSI_TOKEN_HEAD_URI) > 0,
        .preflight = lws_hdr_total_length(lws, WSI_TOKEN_OPTIONS_URI) > 0,
        .path = in->path,
        .peer = in->peer,
        .local = in->local,
        .header = find_header,
        .self = in,
    };
    read_params(in, request);
    if (request->params_count > 0)
        read_rest(in, request);
}
