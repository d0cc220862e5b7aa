/*
 * memory: what a recorder remembers of its publishing, in state_dir.
 *
 * Its name, and how far it had got. The stream is the authority (sink/resume): the file only says
 * where to look, and where to go on when the stream is empty. It is replaced atomically, seldom.
 */
#ifndef SINK_MEMORY_H
#define SINK_MEMORY_H

#include "base/err.h"
#include "sink/message.h"
#include "sink/position.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sink_memory {
    char recorder[SINK_NAME_BYTES]; /* random, so that two recorders never have the same one */
    char stream[SINK_NAME_BYTES];
    int64_t created_ns;  /* of the stream; 0 = it was not seen yet */
    uint64_t stream_seq; /* of the message that reached `position`; 0 = none */
    struct sink_position position;
    uint64_t scanned_seq; /* no message up to this one is newer; 0 = unknown; not in the file */
};

/* The content of the file: five lines. Pure. */
#define SINK_MEMORY_BYTES 512
/* Returns its length. */
size_t sink_memory_text(char out[SINK_MEMORY_BYTES], const struct sink_memory *memory);
/* False: it is not such a text; `out` is unchanged. */
bool sink_memory_parse(const char *text, size_t len_bytes, struct sink_memory *out);

/* -ENOENT: there is no such file, or its content is not usable. */
int sink_memory_load(const char *state_dir, struct sink_memory *out);
int sink_memory_save(const char *state_dir, const struct sink_memory *memory, struct err *err);

/* A new name. -errno. */
int sink_memory_rename(struct sink_memory *memory, struct err *err);

#endif
