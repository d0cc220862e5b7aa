#include "primary/login.h"

#include "base/json.h"
#include "primary/page.h"

#include <errno.h>
#include <string.h>

bool login_token_valid(const char *token)
{
    size_t len = strnlen(token, TOKEN_BYTES_MAX);
    if (len == 0 || len == TOKEN_BYTES_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (token[i] <= ' ' || token[i] > '~')
            return false;
    }
    return true;
}

static enum login_outcome refused(const struct reply *reply, struct err *why)
{
    err_set(why, -EACCES,
            "the broker refused user or password (%d): check broker.user and the password; "
            "they are valid at one broker only, not at another one or at reMarkets",
            reply->status);
    return LOGIN_REFUSED;
}

static enum login_outcome unavailable(const struct reply *reply, struct err *why)
{
    err_set(why, -EAGAIN, "login is temporarily unavailable at the broker (%d)", reply->status);
    return LOGIN_UNAVAILABLE;
}

static enum login_outcome page(const struct reply *reply, struct err *why)
{
    char words[PAGE_WORDS];
    err_set(
        why, -EBADMSG,
        "%s: user and password were not checked; if this persists, check that broker.url is the "
        "broker's API host (api., not the browser terminal)",
        page_words(words, reply, "a token"));
    return LOGIN_PAGE;
}

/* 2xx alone does not mean that the login was accepted. */
static enum login_outcome without_token(const struct reply *reply, const char *token,
                                        struct err *why)
{
    if (*token) {
        err_set(why, -EBADMSG,
                "the broker sent an invalid token of %zu bytes: check whether a proxy changes the "
                "headers of its answers",
                strnlen(token, TOKEN_BYTES_MAX));
        return LOGIN_NO_TOKEN;
    }
    if (reply->body_len_bytes && page_is(reply))
        return page(reply, why);
    enum reply_class class;
    if (reply_in_envelope(reply, &class) && (class == REPLY_AUTH || class == REPLY_ACCESS))
        return refused(reply, why);
    err_set(why, -EACCES,
            "the broker answered %d without a token: check broker.user and the password, and that "
            "broker.url is the broker that issued them",
            reply->status);
    return LOGIN_NO_TOKEN;
}

/* The refusal that an old manual documents: {"error":"invalid_grant", ...} */
static bool is_invalid_grant(const struct reply *reply)
{
    struct json_parser *parser = json_parser_create();
    const struct json *root =
        parser ? json_parse(parser, reply->body, reply->body_len_bytes, NULL) : NULL;
    const char *error = json_string(json_get(root, "error"));
    bool is = error && strcmp(error, "invalid_grant") == 0;
    json_parser_destroy(parser);
    return is;
}

/* 403 and 404 are from the broker only with its JSON; 401 has no body in some releases. */
static bool is_refusal(const struct reply *reply)
{
    switch (reply->status) {
    case 401:
        return reply->body_len_bytes == 0 || !page_is(reply);
    case 403:
        return reply_in_envelope(reply, NULL) || is_invalid_grant(reply);
    default:
        return is_invalid_grant(reply);
    }
}

static enum login_outcome by_client_error(const struct reply *reply, struct err *why)
{
    if (reply->status == 408 || reply->status == 429)
        return unavailable(reply, why);
    if (is_refusal(reply))
        return refused(reply, why);
    if (reply->body_len_bytes && page_is(reply))
        return page(reply, why);
    if (reply->status == 404)
        err_set(why, -ENOENT, "no auth/getToken at this address (404): check broker.url");
    else
        err_set(why, -EINVAL,
                "auth/getToken was answered with %d, without the broker's JSON: check broker.url",
                reply->status);
    return LOGIN_UNAVAILABLE;
}

enum login_outcome login_decode(const struct reply *reply, const char *token, struct err *why)
{
    switch (reply->status / 100) {
    case 2:
        return login_token_valid(token) ? LOGIN_OK : without_token(reply, token, why);
    case 3:
        return page(reply, why);
    case 4:
        return by_client_error(reply, why);
    case 5:
        return unavailable(reply, why);
    default:
        err_set(why, -EBADMSG, "%d is not a final HTTP status", reply->status);
        return LOGIN_UNAVAILABLE;
    }
}
