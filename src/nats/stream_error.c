#include "nats/stream_error.h"

#include <errno.h>
#include <nats/nats.h>
#include <stdio.h>

static int errno_of(int code)
{
    switch (code) {
    case JSStreamNotFoundErr:
    case JSNoMessageFoundErr:
        return -ENOENT;
    case JSStreamSubjectOverlapErr:
    case JSStreamNameExistErr:
        return -EBUSY;
    case JSStorageResourcesExceededErr:
    case JSInsufficientResourcesErr:
    case JSAccountResourcesExceededErr:
    case JSClusterNoPeersErr:
        return -ENOSPC;
    case JSNotEnabledErr:
    case JSNotEnabledForAccountErr:
        return -EOPNOTSUPP;
    default:
        return 0;
    }
}

int jetstream_error(const struct nats_link *link, int status, const char *what, struct err *err)
{
    int rc = nats_link_fail(link, status, what, err);
    if (status == NATS_TIMEOUT)
        err_set(err, rc,
                "%s: no answer at %s within %d s: a cluster answers only while more than half of "
                "its servers run and have elected a leader",
                what, nats_link_server(link), NATS_WAIT_MS / 1000);
    if (status == NATS_NO_RESPONDERS)
        return err_set(err, -EOPNOTSUPP, "%s: no JetStream at %s", what, nats_link_server(link));
    return rc;
}

int stream_error(const struct nats_link *link, int status, int code, const char *stream,
                 struct err *err)
{
    char what[128];
    snprintf(what, sizeof(what), "stream %.64s", stream);
    int rc = jetstream_error(link, status, what, err);
    if (code && errno_of(code))
        rc = errno_of(code);
    err->code = rc;
    return rc;
}
