#include "doctor/step.h"

#include <stdarg.h>
#include <stdio.h>

static const struct names {
    const char *name, *title;
} names[STEP_COUNT] = {
    [STEP_CONFIG] = {"config", "configuration"},
    [STEP_PASSWORD] = {"password", "password"},
    [STEP_FOLDERS] = {"folders", "files"},
    [STEP_DATABASE] = {"database", "database"},
    [STEP_DISK] = {"disk", "disk space"},
    [STEP_SERVICE] = {"service", "service"},
    [STEP_NATS] = {"nats", "NATS"},
    [STEP_LEASE] = {"lease", "lease"},
    [STEP_PROXY] = {"proxy", "proxy"},
    [STEP_DNS] = {"dns", "DNS"},
    [STEP_TCP] = {"tcp", "TCP"},
    [STEP_TLS] = {"tls", "TLS"},
    [STEP_LOGIN] = {"login", "login"},
    [STEP_CLOCK] = {"clock", "clock"},
    [STEP_SEGMENTS] = {"segments", "segments"},
    [STEP_LIST] = {"list", "instruments"},
    [STEP_QUOTE] = {"quote", "quote"},
    [STEP_HANDSHAKE] = {"handshake", "WebSocket"},
    [STEP_SUBSCRIPTION] = {"subscription", "subscription"},
    [STEP_PONG] = {"pong", "pong"},
    [STEP_MATRIZ_PROFILE] = {"matriz_profile", "Matriz"},
    [STEP_MATRIZ_LOGIN] = {"matriz_login", "Matriz login"},
    [STEP_MATRIZ_SOCKET] = {"matriz_socket", "Matriz socket"},
    [STEP_MATRIZ_DATA] = {"matriz_data", "Matriz data"},
    [STEP_CONTROL_REST] = {"control_rest", "token by REST"},
    [STEP_CONTROL_NO_HEADER] = {"control_no_header", "no header"},
    [STEP_CONTROL_ROOT] = {"control_root", "path /"},
    [STEP_CONTROL_WS] = {"control_ws", "path /ws"},
    [STEP_CONTROL_SESSION_ID] = {"control_session_id", "session_id"},
    [STEP_CONTROL_CONN_ID] = {"control_conn_id", "conn_id"},
    [STEP_TERMINAL] = {"terminal", "terminal"},
};

const char *step_name(enum step_id id)
{
    return names[id].name;
}

const char *step_title(enum step_id id)
{
    return names[id].title;
}

const char *step_state_name(enum step_state state)
{
    switch (state) {
    case STEP_OK:
        return "ok";
    case STEP_WARNING:
        return "warning";
    case STEP_FAILED:
        return "failed";
    case STEP_SKIPPED:
        return "skipped";
    }
    return "?";
}

#define PUT(out, fmt)                                                                              \
    do {                                                                                           \
        va_list ap;                                                                                \
        va_start(ap, fmt);                                                                         \
        vsnprintf(out, STEP_TEXT, fmt, ap);                                                        \
        va_end(ap);                                                                                \
    } while (0)

struct step step_begin(enum step_id id, const char *fmt, ...)
{
    struct step step = {.id = id, .ms = -1};
    PUT(step.tried, fmt);
    return step;
}

struct step step_skipped(enum step_id id, const char *why)
{
    struct step step = {.id = id, .state = STEP_SKIPPED, .ms = -1};
    snprintf(step.meaning, sizeof(step.meaning), "%s", why);
    return step;
}

void step_came_back(struct step *step, const char *fmt, ...)
{
    PUT(step->came_back, fmt);
}

void step_good(struct step *step, const char *fmt, ...)
{
    step->state = STEP_OK;
    step->finding = FINDING_NONE;
    PUT(step->meaning, fmt);
}

void step_warn(struct step *step, enum finding finding, const char *fmt, ...)
{
    step->state = STEP_WARNING;
    step->finding = finding;
    PUT(step->meaning, fmt);
}

void step_fail(struct step *step, enum finding finding, const char *fmt, ...)
{
    step->state = STEP_FAILED;
    step->finding = finding;
    PUT(step->meaning, fmt);
}

void step_todo(struct step *step, const char *fmt, ...)
{
    PUT(step->todo, fmt);
}
