#include "nats/message.h"

#include <nats/nats.h>

struct nats_message nats_message_of(natsMsg *native, uint64_t stream_seq)
{
    return (struct nats_message){
        .native = native,
        .subject = natsMsg_GetSubject(native),
        .data = natsMsg_GetData(native),
        .len_bytes = (size_t)natsMsg_GetDataLength(native),
        .stream_seq = stream_seq,
    };
}

void nats_message_finish(struct nats_message *message)
{
    if (message->native)
        natsMsg_Destroy(message->native);
    *message = (struct nats_message){0};
}

const char *nats_message_header(const struct nats_message *message, const char *name)
{
    const char *value = NULL;
    return natsMsgHeader_Get(message->native, name, &value) == NATS_OK ? value : NULL;
}
