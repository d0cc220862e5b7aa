#include "sim/control.h"

#include "base/num.h"

#include <stdio.h>
#include <string.h>

#define JSON_TYPE "application/json;charset=UTF-8"

static void put_stats(const struct control_parts *parts, struct web_answer *answer)
{
    struct server_stats s = server_stats(parts->server);
    struct stream_stats st = stream_server_stats(sim_streams_server(parts->streams));
    web_put(answer, 200, JSON_TYPE, "");
    buf_printf(&answer->body,
               "{\"requests\":%lld,\"connections\":%lld,\"in_flight\":%d,\"max_in_flight\":%d,"
               "\"logins\":%lld,\"login_refused\":%lld,\"unauthorized\":%lld,\"faults\":%lld,"
               "\"market_data\":%lld,\"instruments\":%lld,\"changes\":%lld,\"uptime_ms\":%lld,"
               "\"streams\":%d,\"stream_opened\":%lld,\"stream_refused\":%lld,\"smd\":%lld,"
               "\"smd_products\":%lld,\"stream_frames\":%lld}",
               (long long)s.http.requests, (long long)s.connections, s.http.in_flight,
               s.http.max_in_flight, (long long)parts->account->logins,
               (long long)parts->account->refused, (long long)parts->account->unauthorized,
               (long long)parts->counts.faults_acted, (long long)parts->counts.polls,
               (long long)parts->counts.lists, (long long)sim_market_changes(parts->market),
               (long long)parts->counts.uptime_ms, st.open, (long long)st.opened,
               (long long)parts->counts.streams_refused, (long long)st.smd, (long long)st.products,
               (long long)st.frames);
}

static void apply_to_streams(const struct control_parts *parts, const struct web_request *request,
                             struct web_answer *answer)
{
    const char *kind = web_param(request, "kind");
    const char *text = web_param(request, "code");
    double code = 1000;
    if (text && !(num_parse(text, strlen(text), &code) && code >= 1000 && code <= 4999))
        web_put(answer, 400, JSON_TYPE,
                "{\"status\":\"ERROR\",\"description\":\"code must be from 1000 to 4999\"}");
    else if (!kind || !sim_streams_apply(parts->streams, fault_kind_of(kind), (int)code))
        web_put(answer, 400, JSON_TYPE,
                "{\"status\":\"ERROR\",\"description\":\"kind is not valid; allowed: mute deaf "
                "half_open reset close goodbye\"}");
}

static void set_rate(const struct control_parts *parts, const struct web_request *request,
                     struct web_answer *answer)
{
    const char *text = web_param(request, "rate");
    double rate;
    if (text && num_parse(text, strlen(text), &rate) && rate >= 0 && rate <= 1e6)
        sim_market_set_rate(parts->market, rate);
    else
        web_put(answer, 400, JSON_TYPE,
                "{\"status\":\"ERROR\",\"description\":\"rate must be from 0 to 1000000\"}");
}

/* The counters may be read by anybody. */
static bool needs_proof(const struct web_request *request)
{
    return request->post || strcmp(request->path, "sim/stats") != 0;
}

bool control_answer(const struct control_parts *parts, const struct web_request *request,
                    struct web_answer *answer)
{
    const char *password = web_param(request, "password");
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
    else if (strcmp(request->path, "sim/expire") == 0 && request->post)
        account_forget(parts->account);
    else if (strcmp(request->path, "sim/market") == 0 && request->post)
        set_rate(parts, request, answer);
    else if (strcmp(request->path, "sim/stream") == 0 && request->post)
        apply_to_streams(parts, request, answer);
    else if (strcmp(request->path, "sim/user") == 0 && request->post && password)
        snprintf(parts->account->password, sizeof(parts->account->password), "%s", password);
    else
        web_put(answer, 404, JSON_TYPE, "{\"status\":\"ERROR\"}");
    return true;
}
