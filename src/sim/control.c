#include "sim/control.h"

#include "base/num.h"

#include <stdio.h>
#include <string.h>

#define JSON_TYPE "application/json;charset=UTF-8"

static void put_terminal_stats(const struct terminal_host *terminal, struct buf *out)
{
    struct terminal_streams_stats s = {0};
    struct terminal_counts c = {0};
    if (terminal) {
        s = terminal_streams_stats(terminal_host_streams(terminal));
        c = terminal_host_counts(terminal);
    }
    buf_printf(out,
               ",\"matriz_streams\":%d,\"matriz_opened\":%lld,\"matriz_refused\":%lld,"
               "\"matriz_reason\":\"%s\",\"matriz_requests\":%lld,\"matriz_profiles\":%lld,"
               "\"matriz_logins\":%lld,\"matriz_login_refused\":%lld,"
               "\"matriz_topics\":%lld,\"matriz_unknown_topics\":%lld,\"matriz_lines\":%lld,"
               "\"matriz_messages\":%lld,\"matriz_pings\":%lld,\"matriz_pongs\":%lld}",
               s.open, (long long)s.opened, (long long)c.refused, c.reason ? c.reason : "",
               (long long)c.requests, (long long)c.profiles, (long long)c.logins,
               (long long)c.login_refused, (long long)s.topics, (long long)s.unknown_topics,
               (long long)s.lines, (long long)s.messages, (long long)s.pings, (long long)s.pongs);
}

static void put_stats(const struct control_parts *parts, struct web_answer *answer)
{
    struct server_stats s = server_stats(parts->server);
    struct stream_stats st = stream_server_stats(sim_streams_server(parts->streams));
    web_put(answer, 200, JSON_TYPE, "");
    buf_printf(&answer->body,
               "{\"requests\":%lld,\"connections\":%lld,\"in_flight\":%d,\"max_in_flight\":%d,"
               "\"logins\":%lld,\"login_refused\":%lld,\"unauthorized\":%lld,\"faults\":%lld,"
               "\"market_data\":%lld,\"instruments\":%lld,\"details\":%lld,\"trades\":%lld,"
               "\"changes\":%lld,"
               "\"uptime_ms\":%lld,"
               "\"streams\":%d,\"stream_opened\":%lld,\"stream_refused\":%lld,\"smd\":%lld,"
               "\"smd_products\":%lld,\"stream_frames\":%lld",
               (long long)s.http.requests, (long long)s.connections, s.http.in_flight,
               s.http.max_in_flight, (long long)parts->account->logins,
               (long long)parts->account->refused, (long long)parts->account->unauthorized,
               (long long)parts->counts.faults_acted, (long long)parts->counts.polls,
               (long long)parts->counts.lists, (long long)parts->counts.details,
               (long long)parts->counts.trades, (long long)sim_market_changes(parts->market),
               (long long)parts->counts.uptime_ms, st.open, (long long)st.opened,
               (long long)parts->counts.streams_refused, (long long)st.smd, (long long)st.products,
               (long long)st.frames);
    put_terminal_stats(parts->terminal, &answer->body);
}

static void refuse(struct web_answer *answer, const char *words)
{
    web_put(answer, 400, JSON_TYPE, "");
    buf_printf(&answer->body, "{\"status\":\"ERROR\",\"description\":\"%s\"}", words);
}

static bool disturbs(enum fault_kind kind)
{
    return kind == FAULT_MUTE || kind == FAULT_DEAF || kind == FAULT_HALF_OPEN ||
           kind == FAULT_RESET || kind == FAULT_CLOSE || kind == FAULT_GOODBYE;
}

/* Whether the request concerns this dialect: both, when it names none. */
static bool concerns(const struct web_request *request, const char *dialect)
{
    const char *named = web_param(request, "dialect");
    return !named || strcmp(named, dialect) == 0;
}

static void apply_to_streams(const struct control_parts *parts, const struct web_request *request,
                             struct web_answer *answer)
{
    const char *name = web_param(request, "kind"), *text = web_param(request, "code");
    enum fault_kind kind = name ? fault_kind_of(name) : FAULT_NONE;
    bool primary = concerns(request, "primary"), matriz = concerns(request, "matriz");
    double code = 1000;
    if (text && !(num_parse(text, strlen(text), &code) && code >= 1000 && code <= 4999))
        refuse(answer, "code must be from 1000 to 4999");
    else if (!disturbs(kind))
        refuse(answer, "kind is not valid; allowed: mute deaf half_open reset close goodbye");
    else if (!primary && !matriz)
        refuse(answer, "dialect is not valid; allowed: primary matriz");
    if (answer->status != 200)
        return;
    if (primary)
        sim_streams_apply(parts->streams, kind, (int)code);
    if (matriz && parts->terminal)
        terminal_streams_apply(terminal_host_streams(parts->terminal), kind, (int)code);
}

static void set_rate(struct sim_market *market, const char *text, struct web_answer *answer)
{
    double rate;
    if (num_parse(text, strlen(text), &rate) && rate >= 0 && rate <= 1e6)
        sim_market_set_rate(market, rate);
    else
        refuse(answer, "rate must be from 0 to 1000000");
}

static void change_market(const struct control_parts *parts, const struct web_request *request,
                          struct web_answer *answer)
{
    const char *rate = web_param(request, "rate"), *state = web_param(request, "state");
    bool closed = state && strcmp(state, "closed") == 0;
    if (!rate && !state)
        refuse(answer, "rate must be from 0 to 1000000, or state open or closed");
    else if (state && !closed && strcmp(state, "open") != 0)
        refuse(answer, "state is not valid; allowed: open closed");
    else if (rate)
        set_rate(parts->market, rate, answer);
    if (state && answer->status == 200)
        sim_market_set_closed(parts->market, closed);
}

/* False: the broker has no terminal. */
static bool end_sessions(const struct control_parts *parts)
{
    if (parts->terminal)
        terminal_host_end_sessions(parts->terminal);
    return parts->terminal != NULL;
}

/* The counters may be read by anybody. */
static bool needs_proof(const struct web_request *request)
{
    return request->post || strcmp(request->path, "sim/stats") != 0;
}

/* False: there is no such request. */
static bool act(const struct control_parts *parts, const struct web_request *request,
                struct web_answer *answer)
{
    const char *password = web_param(request, "password");
    if (!request->post)
        return false;
    if (strcmp(request->path, "sim/expire") == 0)
        account_forget(parts->account);
    else if (strcmp(request->path, "sim/sessions") == 0)
        return end_sessions(parts);
    else if (strcmp(request->path, "sim/market") == 0)
        change_market(parts, request, answer);
    else if (strcmp(request->path, "sim/stream") == 0)
        apply_to_streams(parts, request, answer);
    else if (strcmp(request->path, "sim/user") == 0 && password)
        snprintf(parts->account->password, sizeof(parts->account->password), "%s", password);
    else
        return false;
    return true;
}

bool control_answer(const struct control_parts *parts, const struct web_request *request,
                    struct web_answer *answer)
{
    if (strncmp(request->path, "sim/", 4) != 0)
        return false;
    web_put(answer, 200, JSON_TYPE, "{\"status\":\"OK\"}");
    if (needs_proof(request) && !account_controls(parts->account, request))
        web_put(
            answer, 401, JSON_TYPE,
            "{\"status\":\"ERROR\",\"message\":\"Unauthorized\",\"description\":\"send the token "
            "in X-Auth-Token, or X-Username and X-Password as to auth/getToken\"}");
    else if (!needs_proof(request))
        put_stats(parts, answer);
    else if (!act(parts, request, answer))
        web_put(answer, 404, JSON_TYPE, "{\"status\":\"ERROR\"}");
    return true;
}
