#include "primary/reply.h"

#include "base/utf8.h"
#include "primary/page.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define QUOTED_BYTES 128 /* of the broker's text, in our messages */

const char *reply_class_name(enum reply_class class)
{
    switch (class) {
    case REPLY_OK:
        return "ok";
    case REPLY_AUTH:
        return "auth";
    case REPLY_LOGIN_PAGE:
        return "login_page";
    case REPLY_PAGE:
        return "page";
    case REPLY_UNKNOWN_SYMBOL:
        return "unknown_symbol";
    case REPLY_NO_DATA:
        return "no_data";
    case REPLY_UNKNOWN_SEGMENT:
        return "unknown_segment";
    case REPLY_ACCESS:
        return "access";
    case REPLY_BAD_PATH:
        return "bad_path";
    case REPLY_BAD_REQUEST:
        return "bad_request";
    case REPLY_THROTTLED:
        return "throttled";
    case REPLY_SERVER:
        return "server";
    case REPLY_MALFORMED:
        return "malformed";
    case REPLY_OTHER:
        return "other";
    }
    return "?";
}

static enum reply_class page(const struct reply *reply, struct err *why)
{
    char words[PAGE_WORDS];
    bool login = page_is_login(reply) || reply->status == 401;
    err_set(why, login ? -EACCES : -EBADMSG, "%s", page_words(words, reply, "JSON"));
    return login ? REPLY_LOGIN_PAGE : REPLY_PAGE;
}

/* --- 4xx: the broker's envelope, or the answer of a proxy ------------------------------------- */

/* JSON that is not from the broker: a gateway's {"message":"Forbidden"}. */
static enum reply_class foreign_json(const struct reply *reply, struct err *why)
{
    char body[QUOTED_BYTES];
    utf8_clean(body, sizeof(body), reply->body, reply->body_len_bytes);
    err_set(why, -EBADMSG, "JSON without the broker's \"status\" (%d): %s", reply->status, body);
    return REPLY_PAGE;
}

static enum reply_class bad_request(const struct reply *reply, struct err *why)
{
    char body[QUOTED_BYTES];
    utf8_clean(body, sizeof(body), reply->body, reply->body_len_bytes);
    err_set(why, -EINVAL, "the broker refused the request (%d)%s%s", reply->status,
            body[0] ? ": " : "", body);
    return REPLY_BAD_REQUEST;
}

/* The text of the envelope is unknown: the status decides. */
static enum reply_class by_status(const struct reply *reply, struct err *why)
{
    switch (reply->status) {
    case 403:
        err_set(why, -EPERM, "this user has no permission for the request (403)");
        return REPLY_ACCESS;
    case 404:
        err_set(why, -ENOENT, "the broker has no such URL (404): check broker.url");
        return REPLY_BAD_PATH;
    default:
        return bad_request(reply, why);
    }
}

static bool is_envelope(const struct json *root)
{
    return json_type(root) == JSON_OBJECT && json_string(json_get(root, "status"));
}

static enum reply_class refused(const struct reply *reply, const struct json *root, struct err *why)
{
    if (!is_envelope(root))
        return reply->status == 403 || reply->status == 404 ? foreign_json(reply, why)
                                                            : bad_request(reply, why);
    enum reply_class class = reply_by_envelope(root, why);
    return class == REPLY_OK || class == REPLY_OTHER ? by_status(reply, why) : class;
}

static enum reply_class by_client_error(const struct reply *reply, struct err *why)
{
    bool empty = reply->body_len_bytes == 0;
    if (reply->status == 429) {
        err_set(why, -EAGAIN, "the broker asks for fewer requests (429)");
        return REPLY_THROTTLED;
    }
    if (reply->status == 401 && (empty || !page_is(reply))) {
        err_set(why, -EACCES, "the token is not valid or has expired (401)");
        return REPLY_AUTH;
    }
    if (page_is(reply))
        return page(reply, why);
    struct json_parser *parser = json_parser_create();
    const struct json *root =
        parser ? json_parse(parser, reply->body, reply->body_len_bytes, NULL) : NULL;
    enum reply_class class = refused(reply, root, why);
    json_parser_destroy(parser);
    return class;
}

bool reply_in_envelope(const struct reply *reply, enum reply_class *class)
{
    struct json_parser *parser = json_parser_create();
    const struct json *root = NULL;
    if (parser && !page_is(reply))
        root = json_parse(parser, reply->body, reply->body_len_bytes, NULL);
    bool in = is_envelope(root);
    if (in && class)
        *class = reply_by_envelope(root, NULL);
    json_parser_destroy(parser);
    return in;
}

/* --- by status and headers -------------------------------------------------------------------- */

static enum reply_class by_server_error(const struct reply *reply, struct err *why)
{
    char words[PAGE_WORDS] = "";
    const char *colon = reply->body_len_bytes && page_is(reply) ? ": " : "";
    if (*colon)
        page_words(words, reply, "JSON");
    if (reply->status == 503) {
        err_set(why, -EAGAIN, "the broker is temporarily unavailable (503)%s%s", colon, words);
        return REPLY_THROTTLED;
    }
    err_set(why, -EREMOTEIO, "the broker's server failed (%d)%s%s", reply->status, colon, words);
    return REPLY_SERVER;
}

enum reply_class reply_by_head(const struct reply *reply, struct err *why)
{
    switch (reply->status / 100) {
    case 2:
        return page_is(reply) ? page(reply, why) : REPLY_OK;
    case 3:
        return page(reply, why);
    case 4:
        return by_client_error(reply, why);
    case 5:
        return by_server_error(reply, why);
    default:
        err_set(why, -EBADMSG, "%d is not a final HTTP status", reply->status);
        return REPLY_MALFORMED;
    }
}

/* --- by the envelope -------------------------------------------------------------------------- */

/* Protocol section 9, normalized like fold(); `*` matches any text. The first match counts. */
static const struct error_text {
    const char *pattern;
    enum reply_class class;
    int code;
} error_texts[] = {
    /* clang-format off */
    {"unauthorized*",                       REPLY_AUTH,            -EACCES},
    {"product * doesn't exist*",            REPLY_UNKNOWN_SYMBOL,  -ENOENT},
    {"product * don't exist*",              REPLY_UNKNOWN_SYMBOL,  -ENOENT},
    {"security * doesn't exist*",           REPLY_UNKNOWN_SYMBOL,  -ENOENT},
    {"security * don't exist*",             REPLY_UNKNOWN_SYMBOL,  -ENOENT},
    {"no hay market data para*",            REPLY_NO_DATA,         -ENODATA},
    {"segment * doesn't exist*",            REPLY_UNKNOWN_SEGMENT, -ENOENT},
    {"segment * don't exist*",              REPLY_UNKNOWN_SEGMENT, -ENOENT},
    {"you don't have access to account*",   REPLY_ACCESS,          -EPERM},
    {"no tiene acceso a la cuenta*",        REPLY_ACCESS,          -EPERM},
    {"access denied*",                      REPLY_ACCESS,          -EPERM},
    {"invalid url*",                        REPLY_BAD_PATH,        -ENOENT},
    {"ruta inv*lida*",                      REPLY_BAD_PATH,        -ENOENT}, /* with or without the accent */
    {"parameter '*' not found*",            REPLY_BAD_REQUEST,     -EINVAL},
    /* clang-format on */
};

/* Bytes of a typographic apostrophe or acute accent; 0 if it is none. */
static size_t odd_apostrophe(const char *text)
{
    if (strncmp(text, "\xe2\x80\x99", 3) == 0 || strncmp(text, "\xe2\x80\x98", 3) == 0)
        return 3;
    return strncmp(text, "\xc2\xb4", 2) == 0 ? 2 : 0;
}

/* Lower case (ASCII) with one kind of apostrophe, so that one pattern per text is enough. */
static void fold(char *out, size_t out_bytes, const char *text)
{
    size_t used = 0;
    while (*text && used + 1 < out_bytes) {
        size_t apostrophe = odd_apostrophe(text);
        char c = *text;
        if (apostrophe)
            c = '\'';
        else if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        out[used++] = c;
        text += apostrophe ? apostrophe : 1;
    }
    out[used] = '\0';
}

static const struct error_text *known_text(const char *text)
{
    char folded[512];
    fold(folded, sizeof(folded), text);
    for (size_t i = 0; i < sizeof(error_texts) / sizeof(error_texts[0]); i++) {
        if (fnmatch(error_texts[i].pattern, folded, 0) == 0)
            return &error_texts[i];
    }
    return NULL;
}

/* On the WebSocket `message` repeats our request as a JSON string: that is not an error text. */
static const char *words_of(const struct json *root, const char *key)
{
    const char *text = json_string(json_get(root, key));
    if (!text)
        return "";
    text += strspn(text, " \t\r\n");
    return *text == '{' ? "" : text;
}

static const char *error_words(const struct json *root)
{
    const char *description = words_of(root, "description");
    return *description ? description : words_of(root, "message");
}

static enum reply_class by_words(const char *text, struct err *why)
{
    char clean[2 * QUOTED_BYTES];
    const struct error_text *known = known_text(text);

    utf8_clean(clean, sizeof(clean), text, strlen(text));
    if (*text == '<') { /* a proxy's page inside the JSON */
        err_set(why, -EBADMSG, "a page instead of the broker's error text: \"%s\"", clean);
        return REPLY_PAGE;
    }
    if (*text)
        err_set(why, known ? known->code : -EREMOTEIO, "the broker answered \"%s\"", clean);
    else
        err_set(why, -EREMOTEIO, "the broker answered ERROR without a reason");
    return known ? known->class : REPLY_OTHER;
}

enum reply_class reply_by_envelope(const struct json *root, struct err *why)
{
    if (json_type(root) != JSON_OBJECT) {
        err_set(why, -EBADMSG, "the answer is not a JSON object");
        return REPLY_MALFORMED;
    }
    const char *status = json_string(json_get(root, "status"));
    if (status && strcasecmp(status, "OK") == 0)
        return REPLY_OK;
    const char *text = error_words(root);
    if (status || *text)
        return by_words(text, why);
    err_set(why, -EBADMSG, "\"status\" is missing");
    return REPLY_MALFORMED;
}

enum event_kind reply_event(enum reply_class class)
{
    switch (class) {
    case REPLY_AUTH:
        return EVENT_AUTH;
    case REPLY_LOGIN_PAGE:
    case REPLY_PAGE:
        return EVENT_PAGE;
    case REPLY_UNKNOWN_SYMBOL:
        return EVENT_UNKNOWN_SYMBOL;
    case REPLY_NO_DATA:
        return EVENT_NO_DATA;
    case REPLY_UNKNOWN_SEGMENT:
        return EVENT_UNKNOWN_SEGMENT;
    case REPLY_ACCESS:
        return EVENT_ACCESS;
    case REPLY_BAD_PATH:
        return EVENT_BAD_PATH;
    case REPLY_BAD_REQUEST:
        return EVENT_BAD_REQUEST;
    case REPLY_THROTTLED:
        return EVENT_RATE_LIMITED;
    case REPLY_SERVER:
        return EVENT_SERVER;
    case REPLY_MALFORMED:
        return EVENT_MALFORMED;
    case REPLY_OK:
    case REPLY_OTHER:
        return EVENT_OTHER;
    }
    return EVENT_OTHER;
}
