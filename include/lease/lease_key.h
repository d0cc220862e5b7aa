/*
 * lease_key: the key that contains a lease, over one connection to NATS.
 *
 * Blocks, therefore it is for threads other than the loop's. Wipes what it has read and written:
 * the value contains the broker's token.
 */
#ifndef LEASE_LEASE_KEY_H
#define LEASE_LEASE_KEY_H

#include "config/config.h"
#include "lease/record.h"
#include "sink/position.h"
#include "sink/settings.h"

#include <stdbool.h>

struct lease_key;

struct lease_key_parts {
    const struct sink_settings *settings; /* borrowed while it is open */
    const struct config_lease *lease;     /* likewise */
    bool create;                          /* the bucket, if it is missing */
    int64_t wait_ms;                      /* the longest time that a call waits for the server */
};

/* Errors of nats_link_open() and nats_key_value_open(). */
int lease_key_open(struct lease_key **out, const struct lease_key_parts *parts, struct err *err);
void lease_key_close(struct lease_key *key);
bool lease_key_up(const struct lease_key *key); /* false: close it, and open it again */

/* -ENOENT: there is none; -EBADMSG: it is not a lease; errors of the connection. */
int lease_key_read(struct lease_key *key, struct lease_record *out, uint64_t *revision,
                   struct err *err);
/* As nats_key_value_put(). */
int lease_key_write(struct lease_key *key, const struct lease_record *record, uint64_t *revision,
                    struct err *err);

/* What the stream of all messages has last, whoever published it; zeros if there is nothing. Errors
 * of the connection. */
int lease_key_published(struct lease_key *key, struct sink_position *out, struct err *err);

#endif
