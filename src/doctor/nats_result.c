#include "doctor/nats_result.h"

#include <errno.h>

static const char *remedy(const struct nats_facts *f)
{
    switch (f->rc) {
    case -ENOPKG:
        return "install that package";
    case -EACCES:
        return "correct sink.user and sink.password_file, sink.token_file or sink.credentials_file";
    case -EPROTO:
        return "see whether the servers use TLS (sink.nats begins with tls:// then), and "
               "sink.ca_file";
    case -EHOSTUNREACH:
        return "start nats-server, or correct sink.nats";
    case -EOPNOTSUPP:
        return "add jetstream {} to the configuration of nats-server";
    case -EBUSY:
        return "choose another sink.stream";
    default:
        return "see the log of nats-server";
    }
}

struct step nats_result(const struct nats_facts *f)
{
    struct step step =
        step_begin(STEP_NATS, "connect to %s, look for stream %s", f->servers, f->stream);
    if (f->connected && f->rc == -ENOENT) {
        step_came_back(&step, "connected to %s", f->server);
        step_good(&step, "there is no stream %s yet: the service creates it", f->stream);
        return step;
    }
    if (f->rc) {
        step_warn(&step, FINDING_NATS, "nothing is published: %s", f->err->text);
        step_todo(&step, "%s", remedy(f));
        return step;
    }
    step_came_back(&step, "connected to %s, %.0f messages in stream %s", f->server, f->messages,
                   f->stream);
    if (*f->differs)
        step_good(&step, "the stream is used as it is: %s", f->differs);
    else
        step_good(&step, "the stream is as configured");
    return step;
}
