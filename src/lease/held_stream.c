#include "lease/held_stream.h"

#include "sink/message.h"

#include <errno.h>

/* A stream that is missing, or not of the sink: then nothing was published. */
static int missing(int rc)
{
    return rc == -ENOENT || rc == -EBUSY ? 0 : rc;
}

int held_stream_last(struct nats_link *link, const struct nats_stream_wish *stream,
                     struct sink_position *out, struct err *err)
{
    struct nats_message last;
    struct nats_stream_state state;
    *out = (struct sink_position){0};
    int rc = nats_stream_ensure(link, stream, false, &state, err);
    if (rc || state.messages == 0)
        return missing(rc);
    rc = nats_stream_get(link, stream->name, state.last_seq, &last, err);
    if (rc)
        return missing(rc);
    const char *text = nats_message_header(&last, SINK_HEADER_POSITION);
    if (text)
        sink_position_parse(text, out);
    nats_message_finish(&last);
    return 0;
}
