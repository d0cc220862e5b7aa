#include "doctor/matriz_result.h"

#include "base/mask.h"
#include "base/utf8.h"
#include "broker/terminal_answer.h"
#include "doctor/rest_result.h"
#include "matriz/address.h"

#include <string.h>

/* --- profile and login ------------------------------------------------------------------------ */

static void judge_down(struct step *step, const struct http_reply *http)
{
    if (http->outcome != HTTP_OK)
        step_fail(step, FINDING_MATRIZ_DOWN, "the browser terminal (Matriz) cannot be reached: %s",
                  http->reason);
    else
        step_fail(step, FINDING_MATRIZ_DOWN,
                  "the browser terminal (Matriz) is not available just now (%d)", http->status);
    step_todo(step, "try again later; check broker.matriz_url if it persists");
}

static void judge_none(struct step *step, const struct matriz_answer *answer)
{
    step_fail(step, FINDING_MATRIZ_NONE, "no browser terminal (Matriz) answers at its address: %s",
              answer->why);
    step_todo(step, "correct broker.matriz_url, or remove matriz from stream.dialects");
}

static bool is_down(const struct http_reply *http)
{
    return http->outcome != HTTP_OK || http->status == 429 || http->status >= 500;
}

static void judge_profile(struct step *step, const struct http_reply *http,
                          const struct matriz_answer *answer)
{
    if (is_down(http)) {
        judge_down(step, http);
    } else if (answer->kind == MATRIZ_EV_IDS) {
        step_good(step, answer->after_login ? "the session has its two ids"
                                            : "the terminal is public and needs no login");
    } else if (answer->kind == MATRIZ_EV_ANONYMOUS && !answer->after_login) {
        step_good(step, "the terminal is there");
    } else if (answer->after_login) {
        step_fail(step, FINDING_MATRIZ_NO_SESSION,
                  "the terminal accepted the login, and its profile has no session");
        step_todo(step, "log in at the terminal with a browser: it may want an answer there first, "
                        "such as a new password");
    } else {
        judge_none(step, answer);
    }
}

struct step matriz_profile_result(const struct http_reply *http, const struct matriz_answer *answer)
{
    char words[STEP_TEXT], shown[MASK_URL_BYTES];
    struct step step = step_begin(STEP_MATRIZ_PROFILE, "GET %s" MATRIZ_PATH_PROFILE "%s",
                                  mask_url(shown, sizeof(shown), answer->base),
                                  answer->after_login ? ", with the cookies of the login" : "");
    step.ms = answer->ms;
    step_came_back(&step, "%s", http_reply_words(words, http, false));
    judge_profile(&step, http, answer);
    return step;
}

static void judge_login(struct step *step, const struct http_reply *http,
                        const struct matriz_answer *answer)
{
    if (is_down(http)) {
        judge_down(step, http);
    } else if (answer->kind == MATRIZ_EV_LOGGED_IN) {
        step_good(step, "the terminal accepts user and password");
    } else if (answer->kind == MATRIZ_EV_REFUSED) {
        step_fail(step, FINDING_MATRIZ_LOGIN,
                  "the browser terminal (Matriz) refuses user or password (%d), which the API "
                  "accepts",
                  http->status);
        step_todo(step, "log in there with a browser; if that works with another user, "
                        "remove matriz from stream.dialects");
    } else {
        step_fail(step, FINDING_MATRIZ_DENIED,
                  "the browser terminal (Matriz) does not let programs log in (%d)", http->status);
        step_todo(step, "it refuses the CSRF value or the Origin: check that broker.matriz_url is "
                        "the address that a browser shows");
    }
}

struct step matriz_login_result(const struct http_reply *http, const struct matriz_answer *answer)
{
    char words[STEP_TEXT], shown[MASK_URL_BYTES];
    struct step step = step_begin(STEP_MATRIZ_LOGIN, "POST %s" MATRIZ_PATH_LOGIN,
                                  mask_url(shown, sizeof(shown), answer->base));
    step.ms = answer->ms;
    step_came_back(&step, "%s", http_reply_words(words, http, false));
    judge_login(&step, http, answer);
    return step;
}

/* --- the stream ------------------------------------------------------------------------------- */

static void judge_refusal(struct step *step, const struct ws_end *end)
{
    if (end->kind == WS_REFUSED && terminal_answer_ends_session(end->answer->status)) {
        step_fail(step, FINDING_MATRIZ_REFUSED,
                  "the browser terminal (Matriz) refuses the handshake (%d) with the ids, cookies "
                  "and Origin of a new session",
                  end->answer->status);
        step_todo(step, "see whether another program or browser logs in with the same user, which "
                        "may end the session; else report it to cinta's authors");
    } else {
        step_fail(step, FINDING_MATRIZ_LOST, "no WebSocket of the browser terminal (Matriz): %s",
                  end->words);
        step_todo(step, "a proxy or firewall may block WebSockets: let them pass for this host");
    }
}

struct step matriz_socket_result(const struct handshake_facts *facts)
{
    char url[MASK_URL_BYTES];
    struct step step = step_begin(STEP_MATRIZ_SOCKET, "WebSocket %s with cookies and Origin",
                                  mask_url(url, sizeof(url), facts->url));
    step.ms = facts->ms;
    handshake_came_back(&step, facts);
    step_good(&step, "the terminal accepts the connection");
    if (!facts->open)
        judge_refusal(&step, facts->end);
    return step;
}

static void judge_data(struct step *step, const struct subscription_facts *f)
{
    if (f->frame == FRAME_DATA) {
        step_good(step, "the terminal's stream delivers market data");
    } else if (f->end) {
        step_fail(step, FINDING_MATRIZ_LOST, "the terminal's connection ended before any data: %s",
                  f->end->words);
        step_todo(step, "see whether another program or browser uses the same user");
    } else if (!f->market_open) {
        step_warn(step, FINDING_MARKET_CLOSED,
                  "no line of %s arrives, which is no fault: by section session of the "
                  "configuration the market is closed",
                  f->symbol);
        step_todo(step, "run it again in session hours");
    } else {
        step_fail(step, FINDING_MATRIZ_SILENT,
                  "the terminal's connection works, and no line of %s arrives", f->symbol);
        step_todo(step, "look for the instrument in the terminal with a browser; the user may lack "
                        "its market there");
    }
}

struct step matriz_data_result(const struct subscription_facts *f)
{
    struct step step = step_begin(STEP_MATRIZ_DATA, "subscribe %s%s%s", f->symbol,
                                  *f->second ? ", then " : "", f->second);
    step.ms = f->ms;
    if (f->frame == FRAME_DATA)
        step_came_back(&step, "a line with market data");
    else
        step_came_back(&step, "no such line in %.1f s", (double)f->ms / 1000);
    judge_data(&step, f);
    return step;
}
