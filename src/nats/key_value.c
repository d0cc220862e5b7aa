#include "nats/key_value.h"

#include "nats/stream_error.h"

#include <errno.h>
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HISTORY 1

struct nats_key_value {
    struct nats_link *link;
    kvStore *native;
    char what[96]; /* "bucket CINTA_LEASE" */
};

static natsStatus create_bucket(kvStore **out, struct nats_link *link,
                                const struct nats_key_value_wish *wish)
{
    kvConfig config;
    kvConfig_Init(&config);
    config.Bucket = wish->bucket;
    config.Description = wish->description;
    config.History = HISTORY;
    config.StorageType = js_MemoryStorage;
    config.Replicas = wish->replicas;
    return js_CreateKeyValue(out, nats_link_jetstream(link), &config);
}

int nats_key_value_open(struct nats_key_value **out, struct nats_link *link,
                        const struct nats_key_value_wish *wish, bool create, struct err *err)
{
    struct nats_key_value *kv = calloc(1, sizeof(*kv));
    if (!kv)
        return err_set(err, -ENOMEM, "out of memory");
    kv->link = link;
    snprintf(kv->what, sizeof(kv->what), "bucket %.64s", wish->bucket);
    natsStatus s = js_KeyValue(&kv->native, nats_link_jetstream(link), wish->bucket);
    if (s == NATS_NOT_FOUND && create)
        s = create_bucket(&kv->native, link, wish);
    if (s == NATS_OK) {
        *out = kv;
        return 0;
    }
    int rc = jetstream_error(link, (int)s, kv->what, err);
    nats_key_value_close(kv);
    return rc;
}

void nats_key_value_close(struct nats_key_value *kv)
{
    if (!kv)
        return;
    kvStore_Destroy(kv->native);
    free(kv);
}

int nats_key_value_get(struct nats_key_value *kv, const char *key, struct buf *value,
                       uint64_t *revision, struct err *err)
{
    kvEntry *entry = NULL;
    natsStatus s = kvStore_Get(&entry, kv->native, key);
    if (s != NATS_OK)
        return jetstream_error(kv->link, (int)s, kv->what, err);
    int rc = buf_append(value, kvEntry_Value(entry), (size_t)kvEntry_ValueLen(entry));
    *revision = kvEntry_Revision(entry);
    kvEntry_Destroy(entry);
    return rc ? err_set(err, rc, "%s: the value of %.64s is too long", kv->what, key) : 0;
}

/* The library has no status of its own for it, and hides the server's code. */
static bool is_stale(const struct err *err)
{
    return strcasestr(err->text, "wrong last sequence") || strcasestr(err->text, "key exists");
}

int nats_key_value_put(struct nats_key_value *kv, const char *key, const struct buf *value,
                       uint64_t *revision, struct err *err)
{
    const char *data = buf_text(value);
    int bytes = (int)value->len_bytes;
    natsStatus s = *revision == 0
                       ? kvStore_Create(revision, kv->native, key, data, bytes)
                       : kvStore_Update(revision, kv->native, key, data, bytes, *revision);
    if (s == NATS_OK)
        return 0;
    int rc = jetstream_error(kv->link, (int)s, kv->what, err);
    return rc == -EIO && is_stale(err)
               ? err_set(err, -ESTALE, "%s: %.64s was written by another", kv->what, key)
               : rc;
}
