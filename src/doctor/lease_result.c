#include "doctor/lease_result.h"

#include "nats/remedy.h"

#include <errno.h>
#include <string.h>

/* Its token is of no use here: a takeover would log in, and two users be one recording. */
static void judge_broker(struct step *step, const struct lease_seen *seen)
{
    const struct lease_record *r = seen->record;
    if (!*r->broker || strcmp(r->broker, seen->broker) == 0)
        return;
    step_warn(step, FINDING_LEASE, "%s has another broker.url or broker.user than this machine",
              r->host);
    step_todo(step, "give both the same ones, or this machine another lease.name");
}

struct step lease_result(const struct lease_seen *seen)
{
    const struct lease_record *r = seen->record;
    char todo[NATS_REMEDY_BYTES];
    struct step step =
        step_begin(STEP_LEASE, "read the lease %s in the bucket %s", seen->name, seen->bucket);
    if (seen->rc == -ENOENT) {
        step_good(&step, "nobody has the lease: the first service that starts takes it");
        return step;
    }
    if (seen->rc) {
        step_warn(&step, FINDING_LEASE, "a service here cannot take the lease: %s",
                  seen->err->text);
        nats_remedy(todo, sizeof(todo), seen->rc, "sink");
        step_todo(&step, "%s", *todo ? todo : "see the log of nats-server");
        return step;
    }
    step_came_back(&step, "term %lld", (long long)r->term);
    if (!*r->holder)
        step_good(&step, "nobody has the lease: %s has given it up", r->host);
    else if (strcmp(r->holder, seen->id) == 0)
        step_good(&step, "this recorder has the lease");
    else
        step_good(&step, "%s has the lease: a service here stands by", r->host);
    judge_broker(&step, seen);
    return step;
}
