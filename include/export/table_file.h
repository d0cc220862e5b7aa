/*
 * table_file: one file of an export, with rows of one table.
 *
 * Owns the writer of the format and the file; counts the rows and their range for the manifest. The
 * file gets its name in table_file_commit(), once it is complete and on the disk.
 */
#ifndef EXPORT_TABLE_FILE_H
#define EXPORT_TABLE_FILE_H

#include "export/compress.h"
#include "export/format.h"
#include "export/manifest.h"

struct table_file;

struct table_file_parts {
    const char *path; /* NULL = standard output */
    enum extract_table table;
    const struct format *format;
    enum compress compress;
};

/* Errors of out_file_create() and of the format. */
int table_file_create(struct table_file **out, const struct table_file_parts *parts,
                      struct err *err);
/* 0 or a negative error, after which only table_file_abort() may be called. */
int table_file_row(struct table_file *f, const struct extract_row *row, struct err *err);
int64_t table_file_rows(const struct table_file *f); /* so far; accepts NULL */
/* Closes and frees it in any case. 0: it has its name, and *entry is filled except for its `path`
 * and `series`; otherwise no file is left. */
int table_file_commit(struct table_file *f, struct manifest_entry *entry, struct err *err);
void table_file_abort(struct table_file *f); /* accepts NULL */

#endif
