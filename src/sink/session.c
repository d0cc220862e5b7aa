#include "sink/session.h"

#include "base/clock.h"
#include "nats/publisher.h"
#include "sink/mirror.h"
#include "sink/pace.h"
#include "sink/resume.h"
#include "sink/trade_memory.h"
#include "store/read/instrument_rows.h"
#include "store/read/outbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 256 /* rows that are read at once */
/* Messages for each row of a chunk: a change with its trade; and as many events, listed trades and
 * instruments. */
#define SENT_EACH   5
#define SENT_MAX    2048  /* messages on their way */
#define ACK_WAIT_MS 100   /* then the stop of the service is noticed */
#define RESUMES     5     /* readings of what was published while the stream was read */
#define SILENCE_MS  10000 /* without an acknowledgement the connection is given up */

struct sink_session {
    struct sink_session_parts parts;
    struct nats_link *link;
    struct outbox *outbox;
    struct reader *reader; /* of the same database */
    struct nats_publisher *publisher;
    struct nats_stream_state stream;
    struct sink_mirror mirror;
    struct sink_author author;
    struct sink_pace pace;
    struct sink_message message;
    struct trade_memory trades;
    struct outbox_ends ends;
    struct sink_position sent;           /* of the last message that was sent */
    struct sink_limit limit;             /* of this step */
    int64_t read_seq;                    /* the changes up to it were read: all are sent */
    int64_t row_seq;                     /* the last one that was read in this step */
    struct sink_position ring[SENT_MAX]; /* of those that wait, by their order */
    size_t ring_begin, ring_count;
    int64_t heard_ms; /* the last acknowledgement, or the last message after none waited */
    int64_t lost;
    int rc; /* of the messages of the present chunk */
    struct err err;
};

/* --- open ------------------------------------------------------------------------------------- */

static int look_at_mirror(struct sink_session *s, uint64_t stream_seq, bool *remade,
                          struct err *err)
{
    const struct nats_stream_wish wish = sink_settings_last(s->parts.settings);
    const struct sink_mirror_look look = {s->link, &wish, stream_seq, clock_now().mono_ms};
    return sink_mirror_look(&s->mirror, &look, remade, err);
}

static int open_mirror(struct sink_session *s, struct err *err)
{
    char *differs = s->stream.differs;
    size_t used = strlen(differs);
    bool remade;
    int rc = look_at_mirror(s, s->stream.last_seq, &remade, err);
    if (rc == 0 && s->mirror.silent)
        snprintf(differs + used, NATS_STREAM_WORDS - used, "%sstream %s does not answer",
                 used ? ", " : "", s->parts.settings->last);
    return rc;
}

static int open_streams(struct sink_session *s, struct err *err)
{
    const struct nats_stream_wish wish = sink_settings_stream(s->parts.settings);
    int rc = nats_stream_ensure(s->link, &wish, true, &s->stream, err);
    return rc ? rc : open_mirror(s, err);
}

static void remember(void *arg, const struct outbox_shown *shown)
{
    struct trade_memory *trades = arg;
    trade_memory_add(trades, shown->instrument_id, &shown->trade);
}

/* Reading the stream takes time, in which another recorder may publish: until there is nothing that
 * was not read. If that does not end soon, the first message is refused, and it is tried again. */
static int resume_to_end(struct sink_session *s, const struct sink_resume *resume, bool *renamed,
                         struct err *err)
{
    const struct nats_stream_wish wish = sink_settings_stream(s->parts.settings);
    int rc = sink_resume(resume, renamed, err);
    for (int i = 0; rc == 0 && i < RESUMES; i++) {
        bool again = false;
        struct nats_stream_state now;
        rc = nats_stream_ensure(s->link, &wish, false, &now, err);
        if (rc || s->stream.last_seq == now.last_seq)
            return rc;
        s->stream.first_seq = now.first_seq;
        s->stream.last_seq = now.last_seq;
        s->stream.messages = now.messages;
        rc = sink_resume(resume, &again, err);
        *renamed |= again;
    }
    return rc;
}

static int find_position(struct sink_session *s, bool *renamed, struct err *err)
{
    const struct sink_resume resume = {
        .link = s->link,
        .outbox = s->outbox,
        .stream = &s->stream,
        .subject = s->parts.settings->all,
        .memory = s->parts.memory,
    };
    int rc = resume_to_end(s, &resume, renamed, err);
    s->sent = s->parts.memory->position;
    s->read_seq = s->sent.traded ? s->sent.seq : s->sent.seq - 1;
    return rc ? rc : outbox_recent(s->outbox, s->read_seq, remember, &s->trades, err);
}

static int open_all(struct sink_session *s, bool *renamed, struct err *err)
{
    const struct nats_settings settings = sink_settings_link(s->parts.settings);
    int rc = outbox_open(&s->outbox, s->parts.settings->database, err);
    if (rc == 0)
        rc = reader_open(&s->reader, s->parts.settings->database, err);
    if (rc == 0)
        rc = nats_link_open(&s->link, &settings, err);
    if (rc == 0)
        rc = open_streams(s, err);
    if (rc == 0)
        rc = find_position(s, renamed, err);
    return rc ? rc : nats_publisher_create(&s->publisher, s->link, s->stream.last_seq, err);
}

int sink_session_open(struct sink_session **out, const struct sink_session_parts *parts,
                      bool *renamed, struct err *err)
{
    struct sink_session *s = calloc(1, sizeof(*s));
    if (!s)
        return err_set(err, -ENOMEM, "out of memory");
    s->parts = *parts;
    s->author = (struct sink_author){parts->memory->recorder, parts->settings->sink.subject,
                                     parts->attempt};
    s->pace = sink_pace_init(parts->settings->sink.rate, clock_now().mono_ms);
    sink_message_init(&s->message);
    int rc = open_all(s, renamed, err);
    if (rc)
        sink_session_close(s);
    else
        *out = s;
    return rc;
}

void sink_session_close(struct sink_session *s)
{
    if (!s)
        return;
    nats_publisher_destroy(s->publisher);
    nats_link_close(s->link);
    outbox_close(s->outbox);
    reader_close(s->reader);
    trade_memory_finish(&s->trades);
    sink_message_finish(&s->message);
    free(s);
}

/* --- sending ---------------------------------------------------------------------------------- */

/* The message is made and reaches `position`. After an error nothing more is sent. */
static void send(struct sink_session *s, const struct sink_position *position)
{
    struct nats_outgoing outgoing;
    if (s->rc == 0)
        s->rc = sink_message_ready(&s->message, &outgoing);
    if (s->rc == 0)
        s->rc = nats_publisher_send(s->publisher, &outgoing, &s->err);
    if (s->rc)
        return;
    if (s->ring_count == 0)
        s->heard_ms = clock_now().mono_ms;
    s->ring[(s->ring_begin + s->ring_count++) % SENT_MAX] = *position;
    s->sent = *position;
    sink_pace_spend(&s->pace, 1);
}

static void send_trade(struct sink_session *s, const struct outbox_change *change)
{
    bool known = false;
    struct outbox_shown shown;
    struct sink_position position = s->sent;
    position.traded = true;
    s->sent = position;
    if (s->rc || !outbox_change_trade(change, &shown))
        return;
    s->rc = outbox_trade_known(s->outbox, &shown, &known, &s->err);
    if (s->rc || !trade_memory_add(&s->trades, shown.instrument_id, &shown.trade) || known)
        return;
    sink_message_trade(&s->message, &s->author, &position, change, &shown.trade);
    send(s, &position);
}

/* Numbers may also be missing because their changes were never written (ledger.dropped). */
static void note_gap(struct sink_session *s, int64_t seq)
{
    bool trimmed = s->sent.ts_recv && s->sent.ts_recv < s->ends.ts_trimmed;
    if (trimmed)
        s->lost += sink_seq_distance(s->sent.seq, seq - 1);
}

static void on_change(void *arg, const struct outbox_change *change)
{
    struct sink_session *s = arg;
    struct sink_position position = s->sent;
    if (s->rc || change->row.seq > sink_limit_end(&s->limit, INT64_MAX))
        return;
    s->row_seq = change->row.seq;
    if (sink_limit_withholds(&s->limit, change->row.seq))
        return;
    if (change->row.seq != s->sent.seq) {
        note_gap(s, change->row.seq);
        position.seq = change->row.seq;
        position.ts_recv = change->row.ts_recv;
        position.traded = false;
        sink_message_quote(&s->message, &s->author, &position, change);
        send(s, &position);
    }
    send_trade(s, change);
}

static void on_event(void *arg, const struct outbox_event *event)
{
    struct sink_session *s = arg;
    struct sink_position position = s->sent;
    position.event = event->id;
    sink_message_event(&s->message, &s->author, &position, event);
    send(s, &position);
}

static void on_listed(void *arg, const struct outbox_trade *trade)
{
    struct sink_session *s = arg;
    struct sink_position position = s->sent;
    position.listed = trade->listed;
    s->sent.listed = trade->listed;
    if (!trade->corrects && trade->trade.ts_event <= s->limit.others_ns)
        return; /* another recorder has published it */
    sink_message_listed(&s->message, &s->author, &position, trade);
    send(s, &position);
}

static void on_instrument(void *arg, int64_t revision, const struct instrument *instrument)
{
    struct sink_session *s = arg;
    struct sink_position position = s->sent;
    position.revision = revision;
    sink_message_instrument(&s->message, &s->author, &position, instrument);
    send(s, &position);
}

/* Fewer than asked for: there are no others, although numbers were assigned. A change whose trade
 * was not published is read again, and only its trade is sent. */
static int send_changes(struct sink_session *s, int limit, struct err *err)
{
    int64_t end = sink_limit_end(&s->limit, s->ends.last_seq);
    if (end <= s->read_seq)
        return 0;
    s->row_seq = end;
    int rc = outbox_changes(s->outbox, s->read_seq, limit, on_change, s, err);
    if (rc >= 0 && s->rc == 0)
        s->read_seq = rc < limit && end > s->row_seq ? end : s->row_seq;
    return rc;
}

static int send_events(struct sink_session *s, int limit, struct err *err)
{
    if (s->limit.closed || s->ends.last_event <= s->sent.event)
        return 0;
    int rc = outbox_events(s->outbox, s->sent.event, limit, on_event, s, err);
    if (rc >= 0 && rc < limit && s->sent.event < s->ends.last_event)
        s->sent.event = s->ends.last_event;
    return rc;
}

static int send_listed(struct sink_session *s, int limit, struct err *err)
{
    if (s->limit.closed || s->ends.last_listed <= s->sent.listed)
        return 0;
    int rc = outbox_listed(s->outbox, s->sent.listed, limit, on_listed, s, err);
    if (rc >= 0 && rc < limit && s->sent.listed < s->ends.last_listed)
        s->sent.listed = s->ends.last_listed;
    return rc;
}

static int send_instruments(struct sink_session *s, int limit, struct err *err)
{
    const struct instrument_since since = {s->sent.revision, limit};
    if (s->limit.closed || s->ends.last_revision <= s->sent.revision)
        return 0;
    return instrument_rows_since(s->reader, &since, on_instrument, s, err);
}

static int send_rows(struct sink_session *s, int limit, struct err *err)
{
    s->rc = 0;
    s->err = (struct err){0};
    int rc = send_changes(s, limit, err);
    if (rc >= 0 && s->rc == 0)
        rc = send_events(s, limit, err);
    if (rc >= 0 && s->rc == 0)
        rc = send_listed(s, limit, err);
    if (rc >= 0 && s->rc == 0)
        rc = send_instruments(s, limit, err);
    if (rc >= 0 && s->rc)
        *err = s->err;
    return rc < 0 ? rc : s->rc;
}

/* --- acknowledgements ------------------------------------------------------------------------- */

static void note_stored(struct sink_session *s, uint64_t stream_seq)
{
    s->parts.memory->position = s->ring[s->ring_begin];
    s->parts.memory->stream_seq = stream_seq;
    s->ring_begin = (s->ring_begin + 1) % SENT_MAX;
    s->ring_count--;
}

/* True: rows can be sent again. A few acknowledgements at a time would cost a look at the database
 * each. */
static bool has_room(const struct sink_session *s)
{
    return SENT_MAX - s->ring_count >= SENT_EACH * CHUNK;
}

/* Those that have come; if `wait` is true, waits for the first one, and until there is room. */
static int take_acks(struct sink_session *s, bool wait, int *stored, struct err *err)
{
    uint64_t seq = 0;
    int rc = 1;
    while (s->ring_count && rc > 0) {
        bool waits = wait && (*stored == 0 || !has_room(s));
        rc = nats_publisher_ack(s->publisher, waits ? ACK_WAIT_MS : 0, &seq, err);
        if (rc > 0) {
            note_stored(s, seq);
            (*stored)++;
        }
    }
    if (*stored)
        s->heard_ms = clock_now().mono_ms;
    if (rc == 0 && clock_now().mono_ms - s->heard_ms > SILENCE_MS)
        return err_set(err, -ETIMEDOUT, "no acknowledgement from %s within %d s",
                       nats_link_server(s->link), SILENCE_MS / 1000);
    return rc < 0 ? rc : 0;
}

/* --- a step ----------------------------------------------------------------------------------- */

static bool has_more(const struct sink_session *s)
{
    return sink_limit_end(&s->limit, s->ends.last_seq) > s->read_seq ||
           (!s->limit.closed &&
            (s->ends.last_event > s->sent.event || s->ends.last_listed > s->sent.listed ||
             s->ends.last_revision > s->sent.revision));
}

/* How many rows may be read now. */
static int room(struct sink_session *s, int64_t now_ms)
{
    int allowed = sink_pace_allowed(&s->pace, now_ms);
    if (allowed < sink_pace_lot(&s->pace, CHUNK) || !has_room(s))
        return 0;
    return allowed < CHUNK ? allowed : CHUNK;
}

static int look(struct sink_session *s, struct err *err)
{
    if (outbox_replaced(s->outbox))
        return err_set(err, -ESTALE, "the database is another file now");
    if (!nats_link_up(s->link))
        return err_set(err, -EHOSTUNREACH, "the connection to %s was lost",
                       nats_link_server(s->link));
    return outbox_ends(s->outbox, &s->ends, err);
}

int sink_session_step(struct sink_session *s, const struct sink_limit *allowed,
                      struct sink_progress *out, struct err *err)
{
    s->limit = *allowed;
    int64_t now_ms = clock_now().mono_ms;
    *out = (struct sink_progress){.wait_ms = INT64_MAX};
    int rc = look(s, err);
    if (rc == 0 && now_ms >= s->mirror.look_ms)
        rc = look_at_mirror(s, s->parts.memory->stream_seq, &out->remade, err);
    if (rc)
        return rc;
    int64_t hold_ms =
        s->ends.reference ? 0 : sink_limit_hold_ms(&s->limit, s->parts.started_ms, now_ms);
    int limit = hold_ms > 0 ? 0 : room(s, now_ms);
    bool more = has_more(s);
    if (more && limit > 0)
        rc = send_rows(s, limit, err);
    if (rc == 0)
        rc = take_acks(s, !more || limit == 0, &out->stored, err);
    out->waiting = s->ring_count > 0;
    out->ready = !out->waiting && (!has_more(s) || hold_ms > 0);
    out->behind = !has_more(s) && !out->waiting
                      ? 0
                      : sink_seq_distance(s->parts.memory->position.seq,
                                          sink_limit_end(&s->limit, s->ends.last_seq));
    out->lost = s->lost;
    s->lost = 0;
    if (hold_ms > 0)
        out->wait_ms = hold_ms;
    else if (has_more(s))
        out->wait_ms = sink_pace_wait_ms(&s->pace, sink_pace_lot(&s->pace, CHUNK));
    return rc;
}

const char *sink_session_server(const struct sink_session *s)
{
    return nats_link_server(s->link);
}

const char *sink_session_differs(const struct sink_session *s)
{
    return s->stream.differs;
}
