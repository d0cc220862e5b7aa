#include "doctor/nats_result.h"

#include "nats/remedy.h"

#include <errno.h>
#include <stdbool.h>

static void put_remedy(struct step *step, const struct nats_facts *f, const char *section)
{
    char todo[NATS_REMEDY_BYTES];
    if (f->source && f->connected && f->rc == -ENOENT) {
        step_todo(step, "set source.stream to sink.stream of the recorder, or start the recorder, "
                        "which creates the stream");
        return;
    }
    nats_remedy(todo, sizeof(todo), f->rc, section);
    step_todo(step, "%s", *todo ? todo : "see the log of nats-server");
}

/* Which has to store a message before it counts as stored. */
static bool has_majority(const struct nats_facts *f)
{
    return (f->replicas - f->missing) * 2 > f->replicas;
}

static void judge_copies(struct step *step, const struct nats_facts *f)
{
    if (!f->leader)
        step_warn(step, FINDING_NATS,
                  "nothing is published: the stream %s has no leader; its servers elect one, or "
                  "too few of these %d run",
                  f->stream, f->replicas);
    else if (!has_majority(f))
        step_warn(step, FINDING_NATS,
                  "nothing is published: more than half of the %d copies of the stream %s are "
                  "needed; missing or not up to date: %s",
                  f->replicas, f->stream, f->missing_servers);
    else
        step_warn(step, FINDING_NATS,
                  "publishing works, but of the %d copies of the stream %s these are missing or "
                  "not up to date: %s",
                  f->replicas, f->stream, f->missing_servers);
    step_todo(step, "see which of the servers run, and their logs");
}

static void judge_stream(struct step *step, const struct nats_facts *f)
{
    if (f->missing || !f->leader)
        judge_copies(step, f);
    else if (*f->differs)
        step_good(step, "the stream is used as it is: %s", f->differs);
    else
        step_good(step, "the stream is as configured");
}

/* The server has refused what this test does not do: it writes nothing. */
static void judge_service(struct step *step, const struct nats_facts *f)
{
    if (step->state != STEP_OK || !*f->service_why)
        return;
    step_warn(step, FINDING_NATS, "the service publishes nothing: %s", f->service_why);
    step_todo(step, "'cinta status' shows since when, and how much waits");
}

static struct step source_result(const struct nats_facts *f, struct step step)
{
    if (f->rc) {
        step_fail(&step, FINDING_SOURCE, "nothing can be read: %s", f->err->text);
        put_remedy(&step, f, "source");
        return step;
    }
    step_came_back(&step, "connected to %s, %.0f messages in stream %s", f->server, f->messages,
                   f->stream);
    step_good(&step, "the replica can read the stream");
    return step;
}

struct step nats_result(const struct nats_facts *f)
{
    struct step step =
        step_begin(STEP_NATS, "connect to %s, look for stream %s", f->servers, f->stream);
    if (f->source)
        return source_result(f, step);
    if (f->connected && f->rc == -ENOENT) {
        step_came_back(&step, "connected to %s", f->server);
        step_good(&step, "there is no stream %s yet: the service creates it", f->stream);
        judge_service(&step, f);
        return step;
    }
    if (f->rc) {
        step_warn(&step, FINDING_NATS, "nothing is published: %s", f->err->text);
        put_remedy(&step, f, "sink");
        return step;
    }
    step_came_back(&step, "connected to %s, %.0f messages in stream %s", f->server, f->messages,
                   f->stream);
    judge_stream(&step, f);
    judge_service(&step, f);
    return step;
}
