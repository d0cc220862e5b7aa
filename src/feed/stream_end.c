#include "feed/stream_end.h"

#include "base/utf8.h"
#include "primary/page.h"

#include <stdio.h>
#include <string.h>

static enum feed_event_kind event_of_class(enum reply_class class)
{
    switch (class) {
    case REPLY_LOGIN_PAGE:
        return FEED_EV_LOGIN_PAGE;
    case REPLY_PAGE:
        return FEED_EV_PAGE;
    case REPLY_THROTTLED:
    case REPLY_SERVER:
    case REPLY_MALFORMED:
        return FEED_EV_CLOSED;
    case REPLY_OK: /* JSON instead of a WebSocket: wrong address */
    case REPLY_AUTH:
    case REPLY_UNKNOWN_SYMBOL:
    case REPLY_NO_DATA:
    case REPLY_UNKNOWN_SEGMENT:
    case REPLY_ACCESS:
    case REPLY_BAD_PATH:
    case REPLY_BAD_REQUEST:
    case REPLY_OTHER:
        return FEED_EV_REFUSED;
    }
    return FEED_EV_CLOSED;
}

static void say_page(char *words, const struct reply *reply)
{
    char page[PAGE_WORDS];
    snprintf(words, DIALECT_END_WORDS, "the handshake was answered with %s",
             page_words(page, reply, "a WebSocket"));
}

enum feed_event_kind stream_end(const struct ws_end *end, char words[DIALECT_END_WORDS])
{
    char said[320], body[160];
    const struct ws_answer *answer = end->answer;
    const struct reply reply = {answer->status, answer->content_type, answer->location,
                                answer->body, answer->body_len_bytes};
    utf8_clean(body, sizeof(body), answer->body, answer->body_len_bytes);
    utf8_clean(said, sizeof(said), end->words, strlen(end->words));
    snprintf(words, DIALECT_END_WORDS, "%s%s%s", said, *body ? ": " : "", body);
    if (end->kind != WS_REFUSED || answer->status == 408)
        return FEED_EV_CLOSED;
    enum reply_class class = reply_by_head(&reply, NULL);
    if (class == REPLY_PAGE || class == REPLY_LOGIN_PAGE)
        say_page(words, &reply);
    return event_of_class(class);
}
