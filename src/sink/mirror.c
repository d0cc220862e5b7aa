#include "sink/mirror.h"

#include <errno.h>

#define LOOK_MS   10000
#define SILENT_MS 60000 /* each look waits for the answer */

bool sink_mirror_stands_still(struct sink_mirror *m, uint64_t last_seq, uint64_t stream_seq,
                              int64_t now_ms)
{
    bool moved = !m->seen || last_seq != m->last_seq;
    bool complete = last_seq == stream_seq;
    if (moved || complete) {
        m->seen = true;
        m->moved_ms = now_ms;
        m->last_seq = last_seq;
        m->stream_seq = stream_seq;
        return false;
    }
    bool behind = last_seq < stream_seq || stream_seq != m->stream_seq;
    return behind && now_ms - m->moved_ms >= SINK_MIRROR_STILL_MS;
}

static int make_again(struct sink_mirror *m, const struct sink_mirror_look *look, struct err *err)
{
    struct nats_stream_state state;
    int rc = nats_stream_delete(look->link, look->wish->name, err);
    m->seen = false;
    return rc ? rc : nats_stream_ensure(look->link, look->wish, true, &state, err);
}

int sink_mirror_look(struct sink_mirror *m, const struct sink_mirror_look *look, bool *remade,
                     struct err *err)
{
    struct nats_stream_state state;
    int rc = nats_stream_ensure(look->link, look->wish, true, &state, err);
    *remade = false;
    m->silent = rc == -EHOSTUNREACH && nats_link_up(look->link);
    m->look_ms = look->now_ms + (m->silent ? SILENT_MS : LOOK_MS);
    if (rc)
        return m->silent ? 0 : rc;
    if (!sink_mirror_stands_still(m, state.last_seq, look->stream_seq, look->now_ms))
        return 0;
    *remade = true;
    return make_again(m, look, err);
}
