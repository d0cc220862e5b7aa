#include "nats/consumer.h"

#include "nats/stream_error.h"

#include <errno.h>
#include <nats/nats.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_MESSAGES 65536 /* flow control keeps it shorter; more would be requested again */
#define NAME_BYTES     64

struct nats_consumer {
    struct nats_link *link; /* borrowed */
    natsSubscription *subscription;
    char stream[NAME_BYTES];
};

int nats_consumer_create(struct nats_consumer **out, struct nats_link *link, const char *stream,
                         uint64_t from, struct err *err)
{
    jsSubOptions options;
    jsErrCode code = 0;
    struct nats_consumer *c = calloc(1, sizeof(*c));
    if (!c)
        return err_set(err, -ENOMEM, "out of memory");
    c->link = link;
    strncpy(c->stream, stream, sizeof(c->stream) - 1);
    jsSubOptions_Init(&options);
    options.Stream = c->stream;
    options.Ordered = true;
    options.Config.DeliverPolicy = js_DeliverByStartSequence;
    options.Config.OptStartSeq = from > 0 ? from : 1;
    natsStatus s =
        js_SubscribeSync(&c->subscription, nats_link_jetstream(link), ">", NULL, &options, &code);
    if (s != NATS_OK) {
        int rc = stream_error(link, (int)s, (int)code, stream, err);
        free(c);
        return rc;
    }
    natsSubscription_SetPendingLimits(c->subscription, QUEUE_MESSAGES, -1);
    *out = c;
    return 0;
}

void nats_consumer_destroy(struct nats_consumer *c)
{
    if (!c)
        return;
    nats_link_retire(c->link, c->subscription);
    free(c);
}

int nats_consumer_next(struct nats_consumer *c, int64_t wait_ms, struct nats_message *out,
                       struct err *err)
{
    natsMsg *native = NULL;
    jsMsgMetaData *meta = NULL;
    natsStatus s = natsSubscription_NextMsg(&native, c->subscription, wait_ms);
    if (s == NATS_TIMEOUT)
        return 0;
    if (s == NATS_OK)
        s = natsMsg_GetMetaData(&meta, native);
    if (s != NATS_OK) {
        natsMsg_Destroy(native);
        return stream_error(c->link, (int)s, 0, c->stream, err);
    }
    *out = nats_message_of(native, meta->Sequence.Stream);
    out->stored_ns = meta->Timestamp;
    out->pending = meta->NumPending;
    jsMsgMetaData_Destroy(meta);
    return 1;
}
