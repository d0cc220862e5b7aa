#include "primary/login.h"

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
    err_set(
        why, -EACCES,
        "the broker refused user or password (%d): check broker.user and the password; they hold "
        "at one broker only, not at another one's address nor at reMarkets",
        reply->status);
    return LOGIN_REFUSED;
}

static enum login_outcome unavailable(const struct reply *reply, struct err *why)
{
    err_set(why, -EAGAIN, "the broker cannot log us in for the moment (%d)", reply->status);
    return LOGIN_UNAVAILABLE;
}

/* 2xx, which by itself says nothing. */
static enum login_outcome without_token(const struct reply *reply, const char *token,
                                        struct err *why)
{
    int status = reply->status;
    if (*token)
        err_set(
            why, -EBADMSG,
            "the broker sent a token of %zu bytes that cannot be one: is something between here "
            "and the broker changing headers?",
            strnlen(token, TOKEN_BYTES_MAX));
    else if (reply_is_html(reply))
        err_set(why, -EACCES,
                "a web page (%d) in place of a token: check that broker.url is the broker's API "
                "host (api., not the browser terminal) and that no proxy asks for a login",
                status);
    else if (reply->body_len_bytes == 0)
        err_set(why, -EACCES,
                "the broker answered %d without a token: check broker.user and the password, and "
                "that broker.url is where they hold",
                status);
    else
        err_set(why, -EACCES,
                "the broker answered %d with text in place of a token: check that broker.url is "
                "the broker's API host, then broker.user and the password",
                status);
    return LOGIN_NOT_LOGGED_IN;
}

static enum login_outcome redirected(const struct reply *reply, struct err *why)
{
    char location[128];
    err_set(why, -EACCES,
            "redirected (%d) to \"%s\" in place of a token: check that broker.url is the broker's "
            "API host, with https",
            reply->status, reply_location(location, sizeof(location), reply));
    return LOGIN_NOT_LOGGED_IN;
}

static enum login_outcome not_found(const struct reply *reply, struct err *why)
{
    /* The form of refusal that an old manual documents. */
    if (reply->body_len_bytes && memmem(reply->body, reply->body_len_bytes, "invalid_grant", 13))
        return refused(reply, why);
    err_set(why, -ENOENT, "no auth/getToken at this address (404): check broker.url");
    return LOGIN_NOT_LOGGED_IN;
}

static enum login_outcome by_client_error(const struct reply *reply, struct err *why)
{
    switch (reply->status) {
    case 401:
    case 403:
        return refused(reply, why);
    case 404:
        return not_found(reply, why);
    case 408:
    case 429:
        return unavailable(reply, why);
    default:
        err_set(why, -EINVAL, "auth/getToken was answered with %d: check broker.url",
                reply->status);
        return LOGIN_NOT_LOGGED_IN;
    }
}

enum login_outcome login_decode(const struct reply *reply, const char *token, struct err *why)
{
    switch (reply->status / 100) {
    case 2:
        return login_token_valid(token) ? LOGIN_OK : without_token(reply, token, why);
    case 3:
        return redirected(reply, why);
    case 4:
        return by_client_error(reply, why);
    case 5:
        return unavailable(reply, why);
    default:
        err_set(why, -EBADMSG, "%d is no status of a finished answer", reply->status);
        return LOGIN_NOT_LOGGED_IN;
    }
}
