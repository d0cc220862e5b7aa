#include "broker/terminal_answer.h"

#include "base/utf8.h"
#include "primary/page.h"

#include <errno.h>
#include <string.h>

#define QUOTED_BYTES 160

static void say_page(const struct reply *reply, struct err *why)
{
    char words[PAGE_WORDS];
    err_set(why, -EBADMSG, "%s", page_words(words, reply, "JSON"));
}

/* The status, and the begin of the body, which may say more. */
static void say_status(const struct reply *reply, struct err *why)
{
    char begins[QUOTED_BYTES];
    utf8_clean(begins, sizeof(begins), reply->body, reply->body_len_bytes);
    err_set(why, -EBADMSG, "answered with %d%s%s", reply->status, *begins ? ": " : "", begins);
}

static bool is_success(const struct reply *reply)
{
    return reply->status / 100 == 2;
}

bool terminal_answer_ends_session(int status)
{
    return status / 100 == 2 || status / 100 == 3 || status == 401 || status == 403;
}

/* A page counts like a refusal, because ended sessions are answered with the page of the login. */
static enum matriz_session_event_kind without_profile(const struct reply *reply, struct err *why)
{
    if (page_is(reply) && reply->body_len_bytes)
        say_page(reply, why);
    else
        say_status(reply, why);
    return terminal_answer_ends_session(reply->status) ? MATRIZ_EV_NOT_ALLOWED
                                                       : MATRIZ_EV_UNAVAILABLE;
}

enum matriz_session_event_kind terminal_answer_profile(struct json_parser *parser,
                                                       const struct reply *reply, bool guest,
                                                       struct matriz_profile *out, struct err *why)
{
    if (!is_success(reply) || page_is(reply))
        return without_profile(reply, why);
    if (matriz_profile_read(parser, reply->body, reply->body_len_bytes, out, why))
        return MATRIZ_EV_UNAVAILABLE;
    return guest || *out->session_id ? MATRIZ_EV_IDS : MATRIZ_EV_ANONYMOUS;
}

enum matriz_session_event_kind terminal_answer_login(const struct reply *reply, struct err *why)
{
    int class = reply->status / 100;
    if (class == 2 || (class == 3 && !page_is_login(reply)))
        return MATRIZ_EV_LOGGED_IN; /* the profile that follows shows whether it is so */
    if (page_is(reply) && reply->body_len_bytes && reply->status != 401)
        say_page(reply, why);
    else
        say_status(reply, why);
    if (class == 3 || reply->status == 403)
        return MATRIZ_EV_NOT_ALLOWED;
    bool refused = reply->status == 401 || reply->status == 400 || reply->status == 422;
    return refused ? MATRIZ_EV_REFUSED : MATRIZ_EV_UNAVAILABLE;
}
