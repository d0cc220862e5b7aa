#include "doctor/conclusion.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* --- the steps -------------------------------------------------------------------------------- */

struct steps {
    const struct step *by_id[STEP_COUNT]; /* NULL = not run */
};

static struct steps sort(const struct step *list, int count)
{
    struct steps steps = {0};
    for (int i = 0; i < count; i++)
        steps.by_id[list[i].id] = &list[i];
    return steps;
}

static bool is(const struct steps *steps, enum step_id id, enum step_state state)
{
    return steps->by_id[id] && steps->by_id[id]->state == state;
}

static bool found(const struct steps *steps, enum step_id id, enum finding finding)
{
    return steps->by_id[id] && steps->by_id[id]->finding == finding;
}

static bool service_streams(const struct steps *steps)
{
    return found(steps, STEP_SERVICE, FINDING_SERVICE_STREAMS);
}

static const struct step *first_failure(const struct steps *steps)
{
    for (int id = 0; id < STEP_COUNT; id++) {
        if (is(steps, (enum step_id)id, STEP_FAILED))
            return steps->by_id[id];
    }
    return NULL;
}

/* --- what the controls explain ---------------------------------------------------------------- */

/* A step failed, and a control found something. The first row that applies is taken. */
static const struct explanation {
    enum step_id failed, control;
    enum finding found;
    enum finding finding; /* the conclusion, with its sentence */
    const char *sentence;
} explanations[] = {
    {STEP_HANDSHAKE, STEP_CONTROL_REST, FINDING_TOKEN_ENDED, FINDING_TOKEN_REFUSED,
     "the broker does not accept the token any more, which was valid a moment ago: see whether "
     "another program of this user logs out (auth/removeToken), which ends all its sessions"},
    {STEP_HANDSHAKE, STEP_CONTROL_ROOT, FINDING_FORM_ACCEPTED, FINDING_STREAM_PATH,
     "the broker serves the WebSocket at the path /, not at the one in broker.stream_url: remove "
     "broker.stream_url from the configuration"},
    {STEP_HANDSHAKE, STEP_CONTROL_WS, FINDING_FORM_ACCEPTED, FINDING_STREAM_PATH,
     "this server serves the WebSocket at the path /ws, not at /: set broker.stream_url to the "
     "address of broker.url with wss:// and the path /ws"},
    {STEP_HANDSHAKE, STEP_CONTROL_SESSION_ID, FINDING_FORM_ACCEPTED, FINDING_TOKEN_IN_QUERY,
     "this server wants the token in the query of /ws, not in the header X-Auth-Token, so it is "
     "not a broker's API: set broker.url to the broker's API host"},
    {STEP_HANDSHAKE, STEP_CONTROL_CONN_ID, FINDING_FORM_ACCEPTED, FINDING_TOKEN_IN_QUERY,
     "this server wants the token in the query of /ws, not in the header X-Auth-Token, so it is "
     "not a broker's API: set broker.url to the broker's API host"},
    {STEP_HANDSHAKE, STEP_CONTROL_NO_HEADER, FINDING_FORM_ACCEPTED, FINDING_STREAM_REFUSED,
     "the WebSocket is accepted without the token and refused with it: ask the broker to look at "
     "this user's session"},
    {STEP_LOGIN, STEP_TERMINAL, FINDING_TERMINAL_HERE, FINDING_TERMINAL_ADDRESS,
     "the host of broker.url is a browser terminal (Matriz), which has another login and no "
     "Primary API: set broker.url to the broker's API host (https://api.NAME.xoms.com.ar/)"},
};

static const struct explanation *explanation_of(const struct steps *steps, enum step_id failed)
{
    for (size_t i = 0; i < sizeof(explanations) / sizeof(explanations[0]); i++) {
        const struct explanation *e = &explanations[i];
        if (e->failed == failed && found(steps, e->control, e->found))
            return e;
    }
    return NULL;
}

/* --- the sentence ----------------------------------------------------------------------------- */

static void add(struct conclusion *out, const char *text)
{
    size_t len = strlen(out->sentence);
    snprintf(out->sentence + len, sizeof(out->sentence) - len, "%s", text);
}

/* What it means, and what to do. A question in a message ("did you mean ...?") becomes a part of
 * the sentence. */
static void add_advice(struct conclusion *out, const struct step *step)
{
    add(out, step->meaning);
    size_t len = strlen(out->sentence);
    if (len && out->sentence[len - 1] == '?')
        out->sentence[len - 1] = '\0';
    add(out, *step->todo ? ": " : "");
    add(out, step->todo);
}

/* A word that is a key or a path keeps its case. */
static void finish(struct conclusion *out)
{
    char *text = out->sentence;
    size_t word = strspn(text, "abcdefghijklmnopqrstuvwxyz"), len = strlen(text);
    if (text[word] == ' ' || text[word] == ':' || text[word] == ',')
        text[0] = (char)toupper((unsigned char)text[0]);
    if (len && text[len - 1] != '.' && text[len - 1] != '/')
        add(out, ".");
}

static struct conclusion fault(const struct step *step, const struct explanation *explained)
{
    struct conclusion out = {.finding = explained ? explained->finding : step->finding};
    if (explained)
        add(&out, explained->sentence);
    else
        add_advice(&out, step);
    out.class = finding_class(out.finding);
    return out;
}

static const char *praise(const struct steps *steps, bool online)
{
    if (!online)
        return "nothing is wrong on this machine; the broker was not asked (--offline)";
    if (!steps->by_id[STEP_LOGIN] && is(steps, STEP_NATS, STEP_OK))
        return "all works: the stream of NATS can be read";
    if (is(steps, STEP_HANDSHAKE, STEP_SKIPPED) && is(steps, STEP_MATRIZ_DATA, STEP_OK))
        return "all works: the broker accepts login and REST, and market data arrives from the "
               "browser terminal (Matriz)";
    if (is(steps, STEP_SUBSCRIPTION, STEP_OK))
        return "all works: the broker accepts login, REST and WebSocket, and market data arrives";
    if (is(steps, STEP_SUBSCRIPTION, STEP_WARNING))
        return "all works: the broker accepts login, REST and WebSocket";
    if (service_streams(steps))
        return "all works: the broker accepts login and REST, and the running service receives "
               "its stream";
    if (is(steps, STEP_HANDSHAKE, STEP_OK))
        return "login, REST and the handshake of the WebSocket work";
    return "login and REST work";
}

/* That the stream was not tested, unless the service proves that it works. */
static void add_untested(struct conclusion *out, const struct steps *steps)
{
    const struct step *skipped = steps->by_id[STEP_HANDSHAKE];
    if (!skipped || skipped->state != STEP_SKIPPED || service_streams(steps) ||
        steps->by_id[STEP_MATRIZ_SOCKET])
        return;
    add(out, ", and the WebSocket was not tested: ");
    add(out, skipped->meaning);
}

/* All warnings, in the order of the steps. */
static void add_warnings(struct conclusion *out, const struct steps *steps)
{
    for (int id = 0; id < STEP_COUNT; id++) {
        const struct step *step = steps->by_id[id];
        if (!step || step->state != STEP_WARNING || step->finding == FINDING_FORM_ACCEPTED)
            continue;
        add(out, "; ");
        add_advice(out, step);
        if (out->finding == FINDING_NONE)
            out->finding = step->finding;
    }
}

/* The other stream may deliver in place of the one that failed. */
static struct conclusion conclude_fault(const struct steps *steps, const struct step *failure)
{
    struct conclusion out = fault(failure, explanation_of(steps, failure->id));
    if (failure->id >= STEP_HANDSHAKE && failure->id <= STEP_PONG &&
        is(steps, STEP_MATRIZ_DATA, STEP_OK))
        add(&out, "; the stream of the browser terminal (Matriz) works, and the service uses it");
    finish(&out);
    return out;
}

struct conclusion conclude(const struct step *list, int count, bool online)
{
    struct steps steps = sort(list, count);
    const struct step *failure = first_failure(&steps);
    if (failure)
        return conclude_fault(&steps, failure);
    struct conclusion out = {.finding = FINDING_NONE, .class = DOCTOR_OK};
    add(&out, praise(&steps, online));
    add_untested(&out, &steps);
    add_warnings(&out, &steps);
    finish(&out);
    return out;
}
