#include "doctor/checkup.h"

#include "doctor/nats_result.h"
#include "nats/stream.h"
#include "sink/settings.h"

/* Creates nothing. */
static void look_at_stream(struct nats_link *link, const struct sink_settings *settings,
                           struct nats_facts *facts, struct nats_stream_state *state,
                           struct err *err)
{
    const struct nats_stream_wish wish = sink_settings_stream(settings);
    facts->connected = true;
    facts->server = nats_link_server(link);
    facts->rc = nats_stream_ensure(link, &wish, false, state, err);
    facts->differs = state->differs;
    facts->messages = (double)state->messages;
    facts->replicas = state->replicas;
    facts->missing = state->missing;
    facts->missing_servers = state->missing_servers;
    facts->leader = state->leader;
}

void nats_steps(struct checkup *c)
{
    struct sink_settings settings;
    struct nats_stream_state state = {0};
    struct nats_link *link = NULL;
    struct err err = {0};
    if (!*c->config->sink.nats || sink_settings_copy(&settings, c->config, c->config->store.path))
        return;
    struct nats_facts facts = {
        .servers = settings.sink.nats, .stream = settings.sink.stream, .err = &err, .differs = ""};
    int64_t began_ms = clock_now().mono_ms;
    const struct nats_settings to = sink_settings_link(&settings);
    facts.rc = nats_link_open(&link, &to, &err);
    if (facts.rc == 0)
        look_at_stream(link, &settings, &facts, &state, &err);
    struct step step = nats_result(&facts);
    step.ms = clock_now().mono_ms - began_ms;
    checkup_add(c, &step);
    nats_link_close(link);
    sink_settings_finish(&settings);
}
