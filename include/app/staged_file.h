/*
 * staged_file: a file written beside its place, to be put there later or not at all.
 *
 * So that several files can be written, looked at, and then put in their places together: write
 * all of them, place all of them, settle. Until it is settled a placed file can be taken back, and
 * then what stood there before stands there again.
 */
#ifndef APP_STAGED_FILE_H
#define APP_STAGED_FILE_H

#include "base/err.h"
#include "base/new_file.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct staged_file {
    struct new_file file; /* `beside` is where it is until it is placed */
    char old[PATH_MAX];   /* the one it replaced, until settled; "" = none */
    bool placed;
};

/* 0 or -EEXIST with the words: something is there, and it may not (or cannot) be replaced. */
int staged_file_may_go(const char *path, bool replace, struct err *err);

/*
 * Synced, with that mode; but one that replaces a file has that one's owner, group and mode (of
 * which a private `mode`, without bits for others, takes the owner's bits). On failure nothing is
 * left. `file` need not be initialised.
 */
int staged_file_write(struct staged_file *file, const char *path, mode_t mode, const char *data,
                      size_t len_bytes, struct err *err);
/* -EEXIST when something is there and `replace` is not said. */
int staged_file_place(struct staged_file *file, bool replace, struct err *err);
void staged_file_take_back(struct staged_file *file); /* wherever it is; accepts a zeroed one */
void staged_file_settle(struct staged_file *file);

#endif
