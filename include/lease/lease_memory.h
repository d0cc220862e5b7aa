/*
 * lease_memory: what a recorder remembers of its lease, in state_dir.
 *
 * Its name, whether it had the lease when it last ran, and which changes it has recorded without
 * it. So a recorder that is killed and started again publishes nothing that another recorder has
 * published for that time. The file has no secret.
 */
#ifndef LEASE_LEASE_MEMORY_H
#define LEASE_LEASE_MEMORY_H

#include "lease/record.h"
#include "sink/limit.h"

#include <stdbool.h>
#include <stdint.h>

#define LEASE_NAME_BYTES   33
#define LEASE_MEMORY_BYTES 2048

struct lease_memory {
    char id[LEASE_ID_BYTES];     /* random, made once */
    char name[LEASE_NAME_BYTES]; /* of the lease that the rest is about */
    bool held;                   /* it has the lease, or had it when the process ended */
    int64_t isolated_from; /* the changes after this one were recorded after the lease had expired,
                              and it is open whether another one took it; -1 = there are none */
    int64_t others_ns;     /* another recorder has published what happened until then; 0 = none */
    struct sink_range withheld[SINK_RANGES_MAX]; /* never to be published, in order */
    int withheld_count;
};

/* -ENOENT: there is no such file, or its content is not usable. */
int lease_memory_load(const char *state_dir, struct lease_memory *out);
/* What the file contains. Returns its length; `out` has LEASE_MEMORY_BYTES. */
size_t lease_memory_text(char *out, const struct lease_memory *memory);
/* Its path. Returns `out`. */
char *lease_memory_path(char *out, size_t out_bytes, const char *state_dir);

/* Nothing is known yet: a new id. -EIO. */
int lease_memory_begin(struct lease_memory *memory, const char *name, struct err *err);
/* A random id. -EIO. */
int lease_memory_new_id(char out[LEASE_ID_BYTES], struct err *err);
/* The changes up to `to` that were recorded without the lease are never published. Returns how many
 * these are. If there are too many ranges, the oldest is forgotten. */
int64_t lease_memory_withhold(struct lease_memory *memory, int64_t to);

#endif
