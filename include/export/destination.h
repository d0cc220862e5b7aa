/*
 * destination: where an export writes: a folder, one file, or standard output.
 *
 * destination_open() checks that it can be written before any row is read. Of a folder it owns the
 * lock, which keeps a second export out, and the manifest.
 */
#ifndef EXPORT_DESTINATION_H
#define EXPORT_DESTINATION_H

#include "export/layout.h"
#include "export/manifest.h"

#include <limits.h>
#include <stdbool.h>

struct destination;

/* All is borrowed until destination_close(). */
struct destination_parts {
    const char *out; /* a folder, a file, "-" */
    enum target target;
    const char *database; /* never replaced */
    bool force;           /* replace also files that are not exports of cinta */
    const char *series;   /* NULL = none */
    const bool *tables;   /* EXTRACT_TABLES: those that are exported */
};

/*
 * Creates the folder. 0; -EBUSY: another export writes to it; -EEXIST: it has files of another
 * series, so rows would be in it twice; for a file the errors of replaceable_check(); -errno.
 */
int destination_open(struct destination **out, const struct destination_parts *parts,
                     struct err *err);
void destination_close(struct destination *d); /* accepts NULL */

struct destination_file {
    char relative[LAYOUT_BYTES]; /* to the folder */
    char path[PATH_MAX];         /* "" = standard output */
    const char *shown;           /* in the manifest and the result; points into this or to `out` */
};

/* The path of a file, which is checked and whose folder is created. 0 or -errno. */
int destination_file(struct destination *d, const struct layout *layout,
                     struct destination_file *out, struct err *err);

/* Adds a completed file to the manifest of the folder; otherwise does nothing. */
int destination_add(struct destination *d, const struct manifest_entry *entry, struct err *err);
/* Writes the manifest of the folder, if files were added. */
int destination_write(struct destination *d, struct err *err);

#endif
