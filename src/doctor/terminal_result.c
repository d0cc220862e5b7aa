#include "doctor/terminal_result.h"

#include "base/mask.h"
#include "doctor/rest_result.h"
#include "matriz/address.h"
#include "matriz/profile.h"

#include <string.h>

static bool is_terminal(struct json_parser *parser, const struct http_reply *http)
{
    struct matriz_profile profile;
    bool is = http->outcome == HTTP_OK && http->status == 200 &&
              matriz_profile_read(parser, http->body, http->body_len_bytes, &profile, NULL) == 0;
    explicit_bzero(&profile, sizeof(profile));
    return is;
}

struct step terminal_result(struct json_parser *parser, const struct http_reply *http,
                            const struct terminal_facts *facts)
{
    char words[STEP_TEXT], shown[MASK_URL_BYTES];
    struct step step = step_begin(STEP_TERMINAL, "control: GET %s" MATRIZ_PATH_PROFILE ", no login",
                                  mask_url(shown, sizeof(shown), facts->base));
    step.ms = facts->ms;
    step_came_back(&step, "%s", http_reply_words(words, http, false));
    if (!is_terminal(parser, http)) {
        step_good(&step, "no browser terminal (Matriz) answers there");
        return step;
    }
    step_good(&step, "the browser terminal (Matriz) is there; it is another system, with a login "
                     "of its own, which does not know the token of the API");
    step.finding = facts->here ? FINDING_TERMINAL_HERE : FINDING_TERMINAL_ANSWERS;
    return step;
}
