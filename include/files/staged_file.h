/*
 * staged_file: a file written under a temporary name, to be renamed into place later or removed.
 *
 * For several files that must be replaced together: write all of them, place all of them, settle
 * all of them. Until it is settled, a placed file can be taken back, which restores the old file.
 */
#ifndef FILES_STAGED_FILE_H
#define FILES_STAGED_FILE_H

#include "base/err.h"
#include "files/new_file.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct staged_file {
    struct new_file file; /* `beside` is its temporary name until it is placed */
    char old[PATH_MAX];   /* name of the replaced file, until settled; "" = none */
    bool placed;
};

/* 0, or -EEXIST with the reason: `path` exists, and may not or cannot be replaced. */
int staged_file_may_go(const char *path, bool replace, struct err *err);

struct staged_file_parts {
    const char *path;
    mode_t mode;
    const char *data;
    size_t len_bytes;
};

/*
 * Writes and syncs the file with this mode. If it exists, its owner, group and mode are used (of
 * its mode only the owner's bits, if `mode` is private). On failure nothing is left. `file` need
 * not be initialised.
 */
int staged_file_write(struct staged_file *file, const struct staged_file_parts *parts,
                      struct err *err);
/* -EEXIST if `path` exists and `replace` is false. */
int staged_file_place(struct staged_file *file, bool replace, struct err *err);
void staged_file_take_back(struct staged_file *file); /* placed or not; accepts a zeroed one */
void staged_file_settle(struct staged_file *file);

#endif
