#include "sink/resume.h"

#include <errno.h>
#include <string.h>

uint64_t sink_scan_from(const struct sink_memory *memory, const struct nats_stream_state *stream)
{
    bool same = memory->created_ns == stream->created_ns &&
                memory->stream_seq <= stream->last_seq && memory->scanned_seq <= stream->last_seq;
    uint64_t from = same ? memory->stream_seq : 0;
    if (same && memory->scanned_seq && memory->scanned_seq >= from)
        from = memory->scanned_seq + 1;
    return from > stream->first_seq ? from : stream->first_seq;
}

struct sink_position sink_first_position(const struct outbox_ends *ends, bool from_beginning)
{
    if (from_beginning)
        return (struct sink_position){.traded = true};
    return (struct sink_position){.seq = ends->last_seq,
                                  .traded = true,
                                  .event = ends->last_event,
                                  .listed = ends->last_listed};
}

/* --- the last message of this recorder -------------------------------------------------------- */

struct found {
    const char *recorder;
    struct sink_position position;
    uint64_t stream_seq; /* 0: none */
    int64_t ts_other;    /* the time of the last change of another recorder; 0 = none */
};

static int look(void *arg, const struct nats_message *message)
{
    struct found *found = arg;
    struct sink_position position;
    const char *recorder = nats_message_header(message, SINK_HEADER_RECORDER);
    const char *text = nats_message_header(message, SINK_HEADER_POSITION);
    if (!recorder || !text || !sink_position_parse(text, &position))
        return 0;
    if (strcmp(recorder, found->recorder) != 0) {
        found->ts_other = position.ts_recv;
        return 0;
    }
    found->position = position;
    found->stream_seq = message->stream_seq;
    return 0;
}

/* Nearly always it is the last one of all. */
static int find(const struct sink_resume *r, struct found *found, struct err *err)
{
    struct nats_message last;
    const struct nats_stream_state *stream = r->stream;
    if (stream->messages == 0)
        return 0;
    int rc = nats_stream_get(r->link, r->memory->stream, stream->last_seq, &last, err);
    if (rc == 0) {
        look(found, &last);
        nats_message_finish(&last);
    }
    if (found->stream_seq || (rc && rc != -ENOENT))
        return found->stream_seq ? 0 : rc;
    const struct nats_scan scan = {
        .stream = r->memory->stream,
        .subject = r->subject,
        .from = sink_scan_from(r->memory, stream),
        .to = stream->last_seq,
        .headers_only = true,
    };
    return nats_stream_scan(r->link, &scan, look, found, err);
}

/* --- the same database? ----------------------------------------------------------------------- */

static int knows(const struct sink_resume *r, const struct sink_position *position, bool *known,
                 struct err *err)
{
    struct outbox_ends ends;
    *known = position->seq == 0 || position->ts_recv == 0;
    int rc = *known ? 0 : outbox_has(r->outbox, position->seq, position->ts_recv, known, err);
    if (rc || *known)
        return rc;
    rc = outbox_ends(r->outbox, &ends, err);
    *known = rc == 0 && position->ts_recv < ends.ts_trimmed && position->seq <= ends.last_seq;
    return rc;
}

/* Its events and trades of lists are those of another history: go on with the newest. */
static int begin_again(const struct sink_resume *r, int64_t ts_recv, struct err *err)
{
    struct outbox_ends ends;
    struct sink_position *position = &r->memory->position;
    int rc = outbox_ends(r->outbox, &ends, err);
    if (rc == 0)
        rc = sink_memory_rename(r->memory, err);
    if (rc)
        return rc;
    *position = sink_first_position(&ends, false);
    r->memory->stream_seq = r->stream->last_seq;
    return outbox_seq_at(r->outbox, ts_recv, &position->seq, err);
}

/* It has never published here. What another one has published until now is not repeated: that may
 * have been this database, with another state_dir. */
static int follow(const struct sink_resume *r, int64_t ts_recv, struct err *err)
{
    struct sink_position *position = &r->memory->position;
    return ts_recv ? outbox_seq_at(r->outbox, ts_recv, &position->seq, err) : 0;
}

static int go_on(const struct sink_resume *r, const struct found *found, struct err *err)
{
    bool first = r->memory->created_ns == 0, other = r->memory->created_ns != r->stream->created_ns;
    r->memory->created_ns = r->stream->created_ns;
    if (found->stream_seq) {
        r->memory->position = found->position;
        r->memory->stream_seq = found->stream_seq;
        return 0;
    }
    if (other) {
        r->memory->stream_seq = 0;
        r->memory->position.revision = 0; /* a new stream gets all instruments */
    }
    return first ? follow(r, found->ts_other, err) : 0;
}

int sink_resume(const struct sink_resume *r, bool *renamed, struct err *err)
{
    struct found found = {.recorder = r->memory->recorder};
    bool known = true;
    *renamed = false;
    int rc = find(r, &found, err);
    if (rc == 0)
        rc = go_on(r, &found, err);
    if (rc == 0)
        r->memory->scanned_seq = r->stream->last_seq;
    if (rc == 0)
        rc = knows(r, &r->memory->position, &known, err);
    if (rc || known)
        return rc;
    *renamed = true;
    return begin_again(r, r->memory->position.ts_recv, err);
}
