/*
 * key_value: a key-value bucket of JetStream, for values that several programs change in turn.
 *
 * Each write names the revision that it replaces, so of two programs that write at the same time
 * one is refused. The servers keep the bucket in memory. Blocks, as the link does.
 */
#ifndef NATS_KEY_VALUE_H
#define NATS_KEY_VALUE_H

#include "base/buf.h"
#include "nats/link.h"

struct nats_key_value;

struct nats_key_value_wish {
    const char *bucket, *description;
    int replicas;
};

/*
 * Creates a bucket that is missing if `create`; one that exists is used as it is. The link must
 * outlive it. -ENOENT: there is none; -EACCES: not permitted; errors of the connection.
 */
int nats_key_value_open(struct nats_key_value **out, struct nats_link *link,
                        const struct nats_key_value_wish *wish, bool create, struct err *err);
void nats_key_value_close(struct nats_key_value *kv);

/* Appends the value. -ENOENT: the key was never written, or it was deleted, or the bucket was.
 * -EMSGSIZE: it is longer than `value` may become. */
int nats_key_value_get(struct nats_key_value *kv, const char *key, struct buf *value,
                       uint64_t *revision, struct err *err);

/*
 * Writes the key if it has that revision (0: if it does not exist), and sets *revision to the new
 * one. -ESTALE: it has another one. After another error it may have been written or not.
 */
int nats_key_value_put(struct nats_key_value *kv, const char *key, const struct buf *value,
                       uint64_t *revision, struct err *err);

#endif
