/*
 * state_file: a file of the state folder that is to be written: at once, or on another thread,
 * because syncing it to the disk may take long.
 */
#ifndef BROKER_STATE_FILE_H
#define BROKER_STATE_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

#include <stdbool.h>

struct state_file {
    struct buf path, body;      /* owned */
    bool secret;                /* the memory of the body is wiped */
    const char *before, *after; /* the reason, in a message; static: "cannot save the token: " */
};

/* Replaces the file atomically, as private_file_write(). 0 or -errno. */
int state_file_write(const struct state_file *file, struct err *err);
void state_file_finish(struct state_file *file);

/* Writes one after the other, in the order in which they were given. */
struct state_saver;
/* On the loop, when a file was written: `failed` is NULL, or why it was not. */
typedef void state_saved_fn(void *arg, const char *failed);

/* NULL: no memory. */
struct state_saver *state_saver_create(struct loop *loop, state_saved_fn *saved, void *arg);
void state_saver_destroy(struct state_saver *saver); /* when all that was given is written */
/* Takes the file. -ENOMEM: it is not written, and not reported. */
int state_saver_give(struct state_saver *saver, struct state_file *file);

#endif
