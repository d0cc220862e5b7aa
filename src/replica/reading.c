#include "replica/reading.h"

#include "base/clock.h"
#include "nats/consumer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LOOK_MS     5000 /* between two looks at the stream while no message comes */
#define WORDS_BYTES 256

struct replica_reading {
    const struct source_settings *settings; /* borrowed */
    struct nats_link *link;
    struct nats_consumer *consumer;
    struct nats_stream_state stream; /* at the last look */
    bool of_last;                    /* the consumer reads the stream of the last messages */
    uint64_t number;                 /* of the last message that was read or skipped */
    uint64_t missing;                /* before the next message */
    int64_t looked_ms;
    bool again; /* replica_reading_again() */
    bool late;  /* at the last look the stream had a message that had not come */
    char words[WORDS_BYTES];
};

/* --- where to begin --------------------------------------------------------------------------- */

static bool is_there(const struct store_place *place, const struct nats_stream_state *stream,
                     int64_t stored_ns)
{
    bool moved = place->ts_stored && stored_ns && place->ts_stored != stored_ns;
    return place->ts_created == stream->created_ns && place->number <= (int64_t)stream->last_seq &&
           !moved;
}

struct replica_begin replica_begin(const struct store_place *place,
                                   const struct nats_stream_state *stream, int64_t stored_ns,
                                   bool start_last)
{
    uint64_t next = (uint64_t)place->number + 1;
    bool known = place->ts_created != 0;
    if (known && is_there(place, stream, stored_ns)) {
        bool deleted = stream->first_seq > next;
        return (struct replica_begin){.from = REPLICA_FROM_PLACE,
                                      .number = deleted ? stream->first_seq : next,
                                      .missing = deleted ? stream->first_seq - next : 0};
    }
    return (struct replica_begin){.from = start_last ? REPLICA_FROM_LAST : REPLICA_FROM_BEGINNING,
                                  .number = stream->first_seq > 0 ? stream->first_seq : 1,
                                  .other_stream = known};
}

/* --- opening ---------------------------------------------------------------------------------- */

static int consume(struct replica_reading *r, const char *stream, uint64_t from, struct err *err)
{
    nats_consumer_destroy(r->consumer);
    r->consumer = NULL;
    r->number = from - 1;
    r->looked_ms = clock_now().mono_ms;
    r->late = false;
    return nats_consumer_create(&r->consumer, r->link, stream, from, err);
}

static int look_for(struct replica_reading *r, const struct nats_stream_wish *wish,
                    struct nats_stream_state *out, struct err *err)
{
    int rc = nats_stream_ensure(r->link, wish, false, out, err);
    if (rc == -ENOENT)
        err_set(err, rc,
                "there is no stream %s at %s: set source.stream to sink.stream of the recorder, "
                "which creates it when it first publishes",
                wish->name, nats_link_server(r->link));
    return rc;
}

/* When the stream took the message at the place; 0: it has none. */
static int find_stored(struct replica_reading *r, const struct store_place *place,
                       int64_t *stored_ns, struct err *err)
{
    struct nats_message message;
    *stored_ns = 0;
    if (place->number <= 0 || place->ts_created != r->stream.created_ns)
        return 0;
    int rc = nats_stream_get(r->link, r->settings->source.stream, (uint64_t)place->number, &message,
                             err);
    if (rc)
        return rc == -ENOENT ? 0 : rc;
    *stored_ns = message.stored_ns;
    nats_message_finish(&message);
    return 0;
}

static void describe(struct replica_reading *r, const struct replica_begin *begin)
{
    const char *again = begin->other_stream
                            ? "the stream is not the one that was read before, or has lost "
                              "messages: what is stored already is skipped; "
                            : "";
    if (begin->from == REPLICA_FROM_LAST)
        snprintf(r->words, sizeof(r->words), "%sfrom the last message of each subject on", again);
    else
        snprintf(r->words, sizeof(r->words), "%sfrom message %llu on", again,
                 (unsigned long long)begin->number);
}

/* The mirror is filled a moment after it was made. */
static int begin_last(struct replica_reading *r, struct err *err)
{
    struct nats_stream_state last;
    const struct nats_stream_wish wish = source_settings_last(r->settings);
    int rc = look_for(r, &wish, &last, err);
    if (rc)
        return rc;
    if (last.messages == 0 && r->stream.messages > 0)
        return err_set(err, -EAGAIN, "the stream %s has no message yet, although %s has", wish.name,
                       wish.mirror_of);
    r->of_last = last.messages > 0;
    return r->of_last ? consume(r, wish.name, 1, err) : consume(r, wish.mirror_of, 1, err);
}

static int begin(struct replica_reading *r, const struct store_place *place, struct err *err)
{
    int64_t stored_ns;
    const struct nats_stream_wish wish = source_settings_stream(r->settings);
    int rc = look_for(r, &wish, &r->stream, err);
    if (rc == 0)
        rc = find_stored(r, place, &stored_ns, err);
    if (rc)
        return rc;
    const struct replica_begin begin =
        replica_begin(place, &r->stream, stored_ns, r->settings->source.start_last);
    r->again = begin.other_stream;
    describe(r, &begin);
    r->missing = begin.missing;
    return begin.from == REPLICA_FROM_LAST
               ? begin_last(r, err)
               : consume(r, r->settings->source.stream, begin.number, err);
}

int replica_reading_open(struct replica_reading **out, const struct source_settings *settings,
                         const struct store_place *place, struct err *err)
{
    struct replica_reading *r = calloc(1, sizeof(*r));
    if (!r)
        return err_set(err, -ENOMEM, "out of memory");
    r->settings = settings;
    const struct nats_settings link = source_settings_link(settings);
    int rc = nats_link_open(&r->link, &link, err);
    if (rc == 0)
        rc = begin(r, place, err);
    if (rc)
        replica_reading_close(r);
    else
        *out = r;
    return rc;
}

void replica_reading_close(struct replica_reading *r)
{
    if (!r)
        return;
    nats_consumer_destroy(r->consumer);
    nats_link_close(r->link);
    free(r);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The last messages may have been deleted by hand. */
static int find(struct replica_reading *r, uint64_t number, bool *there, struct err *err)
{
    struct nats_message message;
    int rc = nats_stream_get(r->link, r->settings->source.stream, number, &message, err);
    *there = rc == 0;
    if (rc == 0)
        nats_message_finish(&message);
    return rc == -ENOENT ? 0 : rc;
}

/* libnats notices a silent server; this is for everything else that can stop the messages. */
static int look(struct replica_reading *r, struct err *err)
{
    struct nats_stream_state now;
    const struct nats_stream_wish wish = source_settings_stream(r->settings);
    if (!nats_link_up(r->link))
        return err_set(err, -EHOSTUNREACH, "the connection to %s was lost",
                       nats_link_server(r->link));
    if (clock_now().mono_ms - r->looked_ms < LOOK_MS)
        return 0;
    r->looked_ms = clock_now().mono_ms;
    int rc = look_for(r, &wish, &now, err);
    if (rc)
        return rc;
    if (now.created_ns != r->stream.created_ns || now.last_seq < r->number)
        return err_set(err, -ESTALE, "the stream %s was deleted or has lost messages", wish.name);
    bool late = now.last_seq > r->number;
    if (late)
        rc = find(r, now.last_seq, &late, err);
    if (rc)
        return rc;
    if (late && r->late)
        return err_set(err, -ETIMEDOUT, "message %llu of stream %s did not come within %d s",
                       (unsigned long long)r->number + 1, wish.name, LOOK_MS / 1000);
    r->late = late;
    return 0;
}

/* The numbers of the two streams are the same. */
static int take(struct replica_reading *r, struct replica_read *out, struct err *err)
{
    uint64_t number = out->message.stream_seq;
    bool first_part = r->of_last;
    out->behind = (int64_t)out->message.pending;
    out->missing = first_part ? 0 : (int64_t)(r->missing + number - r->number - 1);
    r->missing = 0;
    r->number = number;
    r->looked_ms = clock_now().mono_ms;
    r->late = false;
    if (first_part && out->message.pending > 0)
        return 0;
    out->place = (struct store_place){r->stream.created_ns, (int64_t)number,
                                      first_part ? 0 : out->message.stored_ns};
    r->of_last = false;
    return first_part ? consume(r, r->settings->source.stream, number + 1, err) : 0;
}

int replica_reading_next(struct replica_reading *r, int64_t wait_ms, struct replica_read *out,
                         struct err *err)
{
    *out = (struct replica_read){0};
    int rc = nats_consumer_next(r->consumer, wait_ms, &out->message, err);
    if (rc == 0)
        return look(r, err);
    if (rc < 0)
        return rc;
    bool again = out->message.stream_seq <= r->number; /* the consumer was made again */
    rc = again ? 0 : take(r, out, err);
    if (rc || again)
        nats_message_finish(&out->message);
    return rc || again ? rc : 1;
}

const char *replica_reading_server(const struct replica_reading *r)
{
    return nats_link_server(r->link);
}

bool replica_reading_again(const struct replica_reading *reading)
{
    return reading->again;
}

const char *replica_reading_words(const struct replica_reading *r)
{
    return r->words;
}
