/*
 * manifest: OUT/manifest.jsonl lists the files of an export's folder, one per line, sorted by path.
 *
 * It is replaced by an atomic rename after its files are on the disk. Files that no longer exist
 * are removed from it. It does not contain the time when it was written: the same files give the
 * same bytes.
 */
#ifndef EXPORT_MANIFEST_H
#define EXPORT_MANIFEST_H

#include "base/buf.h"
#include "base/err.h"
#include "export/out_file.h"

#include <stdint.h>

#define MANIFEST_NAME "manifest.jsonl"

struct manifest_entry {
    const char *path; /* relative to the folder */
    const char *table, *format, *compress;
    const char *series; /* NULL = no series */
    int64_t rows;
    int64_t first_seq, last_seq; /* least and greatest; 0 = rows have no seq */
    int64_t ts_first, ts_last;   /* least and greatest; ns UTC */
    struct out_file_result file;
};

/* Appends one JSON object. */
void manifest_entry_put(struct buf *out, const struct manifest_entry *entry);

struct manifest;

/* Reads the manifest, if there is one. -EBADMSG: manifest.jsonl was not written by cinta; -errno.
 */
int manifest_load(struct manifest **out, const char *folder, struct err *err);
void manifest_free(struct manifest *manifest);

/*
 * An existing file of this table that belongs to another series or to no series: writing beside it
 * would put rows into the folder twice. NULL when there is none; borrowed.
 */
const char *manifest_stranger(const struct manifest *manifest, const char *table,
                              const char *series);

/* Adds the entry, or replaces the one with the same path. */
int manifest_put(struct manifest *manifest, const struct manifest_entry *entry, struct err *err);
int manifest_write(struct manifest *manifest, struct err *err);

#endif
