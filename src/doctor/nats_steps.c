#include "doctor/checkup.h"

#include "doctor/nats_result.h"
#include "nats/stream.h"
#include "replica/source_settings.h"
#include "sink/settings.h"

/* What is to be tested; creates nothing. */
struct target {
    struct nats_settings link;
    struct nats_stream_wish stream;
    bool source;
};

static void look_at_stream(struct nats_link *link, const struct target *target,
                           struct nats_facts *facts, struct nats_stream_state *state,
                           struct err *err)
{
    facts->connected = true;
    facts->server = nats_link_server(link);
    facts->rc = nats_stream_ensure(link, &target->stream, false, state, err);
    facts->differs = state->differs;
    facts->messages = (double)state->messages;
    facts->replicas = state->replicas;
    facts->missing = state->missing;
    facts->missing_servers = state->missing_servers;
    facts->leader = state->leader;
}

static void test(struct checkup *c, const struct target *target)
{
    struct nats_stream_state state = {0};
    struct nats_link *link = NULL;
    struct err err = {0};
    struct nats_facts facts = {.source = target->source,
                               .servers = target->link.servers,
                               .stream = target->stream.name,
                               .err = &err,
                               .differs = "",
                               .service_why = target->source ? "" : c->service.sink_why};
    int64_t began_ms = clock_now().mono_ms;
    facts.rc = nats_link_open(&link, &target->link, &err);
    if (facts.rc == 0)
        look_at_stream(link, target, &facts, &state, &err);
    struct step step = nats_result(&facts);
    step.ms = clock_now().mono_ms - began_ms;
    checkup_add(c, &step);
    nats_link_close(link);
}

static void test_sink(struct checkup *c)
{
    struct sink_settings settings;
    if (!*c->config->sink.nats || sink_settings_copy(&settings, c->config, c->config->store.path))
        return;
    const struct target target = {sink_settings_link(&settings), sink_settings_stream(&settings),
                                  false};
    test(c, &target);
    sink_settings_finish(&settings);
}

static void test_source(struct checkup *c)
{
    struct source_settings settings;
    if (!*c->config->source.nats || source_settings_copy(&settings, &c->config->source))
        return;
    const struct target target = {source_settings_link(&settings),
                                  source_settings_stream(&settings), true};
    test(c, &target);
    source_settings_finish(&settings);
}

void nats_steps(struct checkup *c)
{
    test_sink(c);
    test_source(c);
}
