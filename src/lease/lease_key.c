#include "lease/lease_key.h"

#include "nats/key_value.h"
#include "sink/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct lease_key {
    struct lease_key_parts parts;
    struct nats_link *link;
    struct nats_key_value *bucket;
    struct buf text; /* the value, read or to be written */
};

/* --- life ------------------------------------------------------------------------------------- */

static int open_all(struct lease_key *key, struct err *err)
{
    const struct lease_key_parts *parts = &key->parts;
    const struct nats_key_value_wish wish = {
        .bucket = parts->lease->bucket,
        .description = "which recorder of cinta asks the broker",
        .replicas = parts->settings->sink.replicas,
    };
    struct nats_settings settings = sink_settings_link(parts->settings);
    settings.name = "cinta lease";
    settings.wait_ms = parts->wait_ms;
    int rc = nats_link_open(&key->link, &settings, err);
    return rc ? rc : nats_key_value_open(&key->bucket, key->link, &wish, parts->create, err);
}

int lease_key_open(struct lease_key **out, const struct lease_key_parts *parts, struct err *err)
{
    struct lease_key *key = calloc(1, sizeof(*key));
    if (!key)
        return err_set(err, -ENOMEM, "out of memory");
    key->parts = *parts;
    buf_init(&key->text, LEASE_RECORD_BYTES);
    int rc = open_all(key, err);
    if (rc)
        lease_key_close(key);
    else
        *out = key;
    return rc;
}

void lease_key_close(struct lease_key *key)
{
    if (!key)
        return;
    nats_key_value_close(key->bucket);
    nats_link_close(key->link);
    buf_finish(&key->text);
    free(key);
}

bool lease_key_up(const struct lease_key *key)
{
    return nats_link_up(key->link);
}

/* --- the value -------------------------------------------------------------------------------- */

static void wipe(struct buf *text)
{
    if (text->data)
        explicit_bzero(text->data, text->cap_bytes);
    buf_clear(text);
}

int lease_key_read(struct lease_key *key, struct lease_record *out, uint64_t *revision,
                   struct err *err)
{
    int rc = nats_key_value_get(key->bucket, key->parts.lease->name, &key->text, revision, err);
    if (rc == 0)
        rc = lease_record_parse(buf_text(&key->text), key->text.len_bytes, out, err);
    wipe(&key->text);
    return rc;
}

int lease_key_write(struct lease_key *key, const struct lease_record *record, uint64_t *revision,
                    struct err *err)
{
    lease_record_write(&key->text, record);
    int rc = nats_key_value_put(key->bucket, key->parts.lease->name, &key->text, revision, err);
    wipe(&key->text);
    return rc;
}

/* --- the stream ------------------------------------------------------------------------------- */

/* A stream that is missing, or not of the sink: then nothing was published. */
static int missing(int rc)
{
    return rc == -ENOENT || rc == -EBUSY ? 0 : rc;
}

int lease_key_published(struct lease_key *key, struct sink_position *out, struct err *err)
{
    struct nats_message last;
    struct nats_stream_state state;
    const struct nats_stream_wish stream = sink_settings_stream(key->parts.settings);
    *out = (struct sink_position){0};
    int rc = nats_stream_ensure(key->link, &stream, false, &state, err);
    if (rc || state.messages == 0)
        return missing(rc);
    rc = nats_stream_get(key->link, stream.name, state.last_seq, &last, err);
    if (rc)
        return missing(rc);
    const char *text = nats_message_header(&last, SINK_HEADER_POSITION);
    if (text)
        sink_position_parse(text, out);
    nats_message_finish(&last);
    return 0;
}
