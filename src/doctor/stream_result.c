#include "doctor/stream_result.h"

#include "base/mask.h"
#include "base/utf8.h"
#include "primary/page.h"

#include <stdio.h>
#include <string.h>

#define BODY_SHOWN 72
#define HEAD_SHOWN 400

/* --- handshake -------------------------------------------------------------------------------- */

/* All headers: what is wrong with an invalid answer is in one of them. */
static void head_came_back(struct step *step, const struct ws_answer *answer)
{
    char head[sizeof(answer->head)];
    snprintf(head, sizeof(head), "%s", answer->head);
    mask_credentials(head); /* by lines, so before the line ends are removed */
    utf8_clean(head, HEAD_SHOWN, head, strlen(head));
    step_came_back(step, "%s", head);
}

void handshake_came_back(struct step *step, const struct handshake_facts *f)
{
    char location[MASK_URL_BYTES] = "", body[BODY_SHOWN] = "";
    if (f->open) {
        step_came_back(step, "101, the connection is open");
        return;
    }
    const struct ws_answer *answer = f->end->answer;
    if (!answer || !answer->status) {
        step_came_back(step, "%s", f->end->words);
        return;
    }
    if (f->end->kind == WS_VIOLATION && *answer->head) {
        head_came_back(step, answer);
        return;
    }
    mask_url(location, sizeof(location), answer->location);
    utf8_clean(body, sizeof(body), answer->body, answer->body_len_bytes);
    step_came_back(step, "%d%s%s%s%s%s%s", answer->status, *location ? " to " : "", location,
                   *answer->content_type ? ", " : "", answer->content_type, *body ? ": " : "",
                   body);
}

static struct reply reply_of(const struct ws_answer *answer)
{
    return (struct reply){answer->status, answer->content_type, answer->location, answer->body,
                          answer->body_len_bytes};
}

static void judge_page(struct step *step, const struct ws_answer *answer)
{
    char words[PAGE_WORDS];
    const struct reply reply = reply_of(answer);
    page_words(words, &reply, "a WebSocket");
    if (page_is_login(&reply)) {
        step_fail(step, FINDING_STREAM_LOGIN_PAGE,
                  "the WebSocket is answered with the login page: the token is not accepted there");
        step_todo(step, "ask the broker to enable the WebSocket for this user; cinta polls by REST "
                        "meanwhile");
    } else if (answer->status / 100 == 3) {
        step_fail(step, FINDING_STREAM_REDIRECTED, "%s", words);
        step_todo(step, "set broker.stream_url to the host that serves the stream, path /");
    } else {
        step_fail(step, FINDING_STREAM_PAGE, "%s", words);
        step_todo(step, "check broker.url and broker.stream_url: the stream is at the path / of "
                        "the API host");
    }
}

static void judge_try_later(struct step *step, const struct ws_answer *answer)
{
    enum finding finding = answer->status == 429   ? FINDING_THROTTLED
                           : answer->status == 503 ? FINDING_UNAVAILABLE
                                                   : FINDING_SERVER_ERROR;
    step_fail(step, finding, "the WebSocket is not available at the broker just now (%d)",
              answer->status);
    if (answer->retry_after_ms >= 0)
        step_todo(step, "try again in %g s (Retry-After); cinta polls by REST meanwhile",
                  (double)answer->retry_after_ms / 1000);
    else
        step_todo(step, "try again later; cinta retries by itself and polls by REST meanwhile");
}

static bool has_page(const struct ws_answer *answer)
{
    const struct reply reply = reply_of(answer);
    return answer->body_len_bytes && page_is(&reply) && answer->body[0] == '<';
}

static void judge_refusal(struct step *step, const struct ws_answer *answer)
{
    int status = answer->status;
    if (status / 100 == 3 || has_page(answer)) {
        judge_page(step, answer);
    } else if (status == 401 || status == 403) {
        step_fail(step, FINDING_STREAM_REFUSED,
                  "the WebSocket refuses the token (%d) that REST accepts", status);
        step_todo(step, "ask the broker to enable market data by WebSocket for this user; see "
                        "whether another program uses the same user");
    } else if (status == 404 || status == 405) {
        step_fail(step, FINDING_STREAM_PATH, "there is no WebSocket at this path (%d)", status);
        step_todo(step, "the API hosts serve it at /: correct or remove broker.stream_url");
    } else if (status == 429 || status >= 500) {
        judge_try_later(step, answer);
    } else {
        step_fail(step, FINDING_UPGRADE_LOST,
                  "the request for a WebSocket was answered as an ordinary one (%d)", status);
        step_todo(step, "a proxy on the way removes the header Upgrade: let it pass WebSockets "
                        "for this host, or connect without it");
    }
}

static void judge_end(struct step *step, const struct handshake_facts *f)
{
    switch (f->end->kind) {
    case WS_REFUSED:
        judge_refusal(step, f->end->answer);
        return;
    case WS_VIOLATION:
        step_fail(step, FINDING_HANDSHAKE_INVALID, "the answer to the handshake is not valid: %s",
                  f->end->words);
        step_todo(step, "a proxy on the way changes it: let it pass WebSockets unchanged");
        return;
    case WS_UNREACHABLE:
        step_fail(step, FINDING_STREAM_UNREACHABLE,
                  "the host of the WebSocket cannot be reached: %s", f->end->words);
        step_todo(step, "check broker.stream_url; empty, it is the host of broker.url");
        return;
    case WS_NO_ANSWER:
    case WS_CLOSED:
    case WS_LOST:
    case WS_NO_PONG:
        step_fail(step, FINDING_STREAM_LOST, "the handshake was not answered: %s", f->end->words);
        step_todo(step, "a proxy or firewall may block WebSockets: let them pass for this host");
        return;
    }
}

struct step handshake_result(const struct handshake_facts *f)
{
    char url[MASK_URL_BYTES];
    struct step step = step_begin(STEP_HANDSHAKE, "WebSocket %s with the header X-Auth-Token",
                                  mask_url(url, sizeof(url), f->url));
    step.ms = f->ms;
    handshake_came_back(&step, f);
    step_good(&step, "the broker accepts the connection");
    if (!f->open)
        judge_end(&step, f);
    return step;
}

struct step control_result(enum step_id id, const char *with, const struct handshake_facts *f)
{
    char url[MASK_URL_BYTES];
    struct step step =
        step_begin(id, "control: %s with %s", mask_url(url, sizeof(url), f->url), with);
    step.ms = f->ms;
    handshake_came_back(&step, f);
    if (f->open)
        step_warn(&step, FINDING_FORM_ACCEPTED, "the server accepts this form");
    else
        step_good(&step, "it is refused, as the API hosts do");
    return step;
}

/* --- subscription ----------------------------------------------------------------------------- */

enum first_frame first_frame_of(const struct stream_item *item)
{
    switch (item->kind) {
    case STREAM_DATA:
        return FRAME_DATA;
    case STREAM_MALFORMED:
        return FRAME_MALFORMED;
    case STREAM_PAGE:
        return FRAME_PAGE;
    case STREAM_REPLY:
    case STREAM_OTHER:
        return FRAME_OTHER;
    case STREAM_ERROR:
        break;
    }
    if (item->event == EVENT_ACCESS || item->event == EVENT_AUTH)
        return FRAME_DENIED;
    return item->event == EVENT_UNKNOWN_SYMBOL ? FRAME_UNKNOWN : FRAME_ERROR;
}

static void judge_closed(struct step *step, const struct ws_end *end)
{
    int code = end->code;
    if (code == 1008 || code == 4001 || code == 4003 || code == 4401 || code == 4403) {
        step_fail(step, FINDING_STREAM_ENDED,
                  "the broker closed the connection at once (%d): the "
                  "session is not valid",
                  code);
        step_todo(step, "see whether another program of this user logs in or out; else ask the "
                        "broker");
    } else {
        step_fail(step, FINDING_STREAM_LOST, "the connection ended before any data: %s",
                  end->words);
        step_todo(step, "see whether another program uses the same user; a proxy or firewall may "
                        "also cut WebSockets");
    }
}

static void judge_index(struct step *step, const struct subscription_facts *f)
{
    step_fail(step, FINDING_INDEX_WITHOUT_IV,
              "%s is an index, which has no entry but IV, and poll.entries does not ask for it",
              f->symbol);
    step_todo(step, "add IV to poll.entries");
}

static void judge_silence(struct step *step, const struct subscription_facts *f)
{
    char what[300];
    snprintf(what, sizeof(what), "%s%s%s", f->symbol, *f->second ? " and " : "", f->second);
    if (!f->pong) {
        step_fail(step, FINDING_DEAF,
                  "the connection is open, and nothing arrives, not even a "
                  "pong");
        step_todo(step, "a proxy or firewall swallows WebSocket frames: let them pass; else the "
                        "broker's server hangs, try again later");
    } else if (f->index && !f->asks_iv) {
        judge_index(step, f);
    } else if (!f->market_open) {
        step_warn(step, FINDING_MARKET_CLOSED,
                  "no data of %s arrives, which is no fault: by section session of the "
                  "configuration the market is closed",
                  what);
        step_todo(step, "run it again in session hours");
    } else if (f->sandbox) {
        step_fail(step, FINDING_SANDBOX_SILENT,
                  "reMarkets is connected and sends no data of %s: it has none of some instruments",
                  what);
        step_todo(step, "record instruments that it has, such as DLR/*");
    } else {
        step_fail(step, FINDING_SILENT, "the connection works, and no data of %s arrives%s", what,
                  f->quoted ? ", although REST has some" : "");
        step_todo(step, "check session and holidays in the configuration; if the market is open, "
                        "ask the broker to enable market data by WebSocket for this user; cinta "
                        "polls by REST meanwhile");
    }
}

static void judge_error(struct step *step, const struct subscription_facts *f)
{
    if (f->frame == FRAME_DENIED || (f->frame == FRAME_UNKNOWN && (f->listed || f->quoted))) {
        step_fail(step, FINDING_STREAM_DENIED,
                  "this user has no permission for %s by WebSocket: %s", f->symbol, f->words);
        step_todo(step, "ask the broker to enable market data by WebSocket for this user; cinta "
                        "polls by REST meanwhile");
    } else if (f->frame == FRAME_UNKNOWN) {
        step_fail(step, FINDING_NOTHING_LISTED, "the broker does not know %s", f->symbol);
        step_todo(step, "correct the symbol in section instruments");
    } else {
        step_fail(step, FINDING_SUBSCRIPTION, "the broker refuses the subscription: %s", f->words);
        step_todo(step, "check poll.entries and stream.level; one unknown entry refuses all");
    }
}

static void judge_frame(struct step *step, const struct subscription_facts *f)
{
    switch (f->frame) {
    case FRAME_DATA:
        step_good(step, "the stream delivers market data");
        if (f->index && !f->asks_iv) /* a frame without any value */
            judge_index(step, f);
        return;
    case FRAME_DENIED:
    case FRAME_UNKNOWN:
    case FRAME_ERROR:
        judge_error(step, f);
        return;
    case FRAME_MALFORMED:
        step_fail(step, FINDING_MALFORMED, "the frames cannot be read: %s", f->words);
        step_todo(step, "a proxy may change them; else report the frame to cinta's authors");
        return;
    case FRAME_PAGE:
        step_fail(step, FINDING_STREAM_PAGE, "a web page arrives in place of frames");
        step_todo(step, "a proxy or web server answers for the broker: check broker.stream_url");
        return;
    case FRAME_NONE:
    case FRAME_OTHER:
        judge_silence(step, f);
        return;
    }
}

static void put_frame(struct step *step, const struct subscription_facts *f)
{
    char words[160];
    utf8_clean(words, sizeof(words), f->words, strlen(f->words));
    if (f->frame == FRAME_DATA)
        step_came_back(step, "a frame with market data");
    else if (f->end)
        step_came_back(step, "%s", f->end->words);
    else if (f->frame == FRAME_NONE)
        step_came_back(step, "no frame in %.1f s", (double)f->ms / 1000);
    else
        step_came_back(step, "%s", words);
}

struct step subscription_result(const struct subscription_facts *f)
{
    struct step step = step_begin(STEP_SUBSCRIPTION, "smd for %s%s%s", f->symbol,
                                  *f->second ? ", then for " : "", f->second);
    step.ms = f->ms;
    put_frame(&step, f);
    if (f->end && f->frame != FRAME_DATA)
        judge_closed(&step, f->end);
    else
        judge_frame(&step, f);
    return step;
}

/* --- pong ------------------------------------------------------------------------------------- */

struct step pong_result(int64_t round_trip_ms, int64_t waited_ms, const struct ws_end *end)
{
    struct step step = step_begin(STEP_PONG, "send a ping");
    if (round_trip_ms >= 0) {
        step.ms = round_trip_ms;
        step_came_back(&step, "a pong after %lld ms", (long long)round_trip_ms);
        step_good(&step, "the connection is alive, and pings keep it open");
    } else if (end && end->kind != WS_NO_PONG) {
        step_came_back(&step, "%s", end->words);
        step_fail(&step, FINDING_STREAM_LOST, "the connection ended: %s", end->words);
        step_todo(&step, "see whether another program uses the same user; a proxy or firewall may "
                         "also cut WebSockets");
    } else {
        step_came_back(&step, "no pong in %.1f s", (double)waited_ms / 1000);
        step_fail(&step, FINDING_NO_PONG,
                  "pings are not answered, so the broker or a proxy will "
                  "drop the connection");
        step_todo(&step, "let WebSocket control frames pass the proxy or firewall on the way");
    }
    return step;
}
