/*
 * manifest: what is in an export's folder: OUT/manifest.jsonl, one line a file, sorted by path.
 *
 * Rewritten as a whole, with an atomic rename, after the files it names are on the disk. Files that
 * are gone drop out of it. It says nothing of when it was written: the same files give the same
 * bytes.
 */
#ifndef EXPORT_MANIFEST_H
#define EXPORT_MANIFEST_H

#include "base/buf.h"
#include "base/err.h"
#include "export/out_file.h"

#include <stdint.h>

#define MANIFEST_NAME "manifest.jsonl"

struct manifest_entry {
    const char *path; /* below the folder */
    const char *table, *format, *compress;
    const char *series; /* NULL = of no series */
    int64_t rows;
    int64_t first_seq, last_seq; /* the least and the greatest; 0 = rows have none */
    int64_t ts_first, ts_last;   /* likewise; ns UTC */
    struct out_file_result file;
};

/* One JSON object. */
void manifest_entry_put(struct buf *out, const struct manifest_entry *entry);

struct manifest;

/* Reads what is there. -EBADMSG: a manifest.jsonl that is not ours; -errno. */
int manifest_load(struct manifest **out, const char *folder, struct err *err);
void manifest_free(struct manifest *manifest);

/*
 * A file of this table, still there, that belongs to another series (or to none): beside it, rows
 * would be in the folder twice. NULL when there is none; borrowed.
 */
const char *manifest_stranger(const struct manifest *manifest, const char *table,
                              const char *series);

/* Adds it, or replaces the one of the same path. */
int manifest_put(struct manifest *manifest, const struct manifest_entry *entry, struct err *err);
int manifest_write(struct manifest *manifest, struct err *err);

#endif
