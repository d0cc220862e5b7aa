/*
 * format: turns the rows of a table into the bytes of a file. Each file format of an export is one
 * `struct format`: CSV, JSON lines, CSV for spreadsheets.
 *
 * A writer is the state of one file: it is created, gets each row, and is finished. It passes bytes
 * to its sink at any of these, or keeps rows until it has enough of them or is finished. Nothing
 * outside of a format's module depends on which format it is.
 */
#ifndef EXPORT_FORMAT_H
#define EXPORT_FORMAT_H

#include "export/sink.h"
#include "files/export_names.h"
#include "store/read/extract.h"

#include <stdbool.h>

/* Whether a file is compressed by the export (see compress). */
enum outer_compression {
    OUTER_DEFAULT,    /* as configured */
    OUTER_ON_REQUEST, /* only when the user asks for it: the usual programs cannot open it */
    OUTER_NEVER,      /* the format compresses by itself */
};

struct format;

/* The state of one file. Each format extends it: it is the first member of the format's struct. */
struct format_writer {
    const struct format *format;
};

struct format_parts {
    enum extract_table table; /* its columns are extract_columns_count(), _column_name(), ... */
    struct sink sink;
};

struct format {
    const char *name;   /* "csv": in options, in the configuration and in the manifest */
    const char *suffix; /* ".csv": of a file's name, before that of the compression */
    enum outer_compression outer;

    /* All return 0 or a negative error; after an error only `destroy` may be called. */
    int (*create)(struct format_writer **out, const struct format_parts *parts, struct err *err);
    /* `cells` has one cell for each column of the table; borrowed. */
    int (*row)(struct format_writer *w, const struct cell *cells, struct err *err);
    /* Passes on what is left, such as kept rows and a footer. To be called once, after the rows. */
    int (*finish)(struct format_writer *w, struct err *err);
    void (*destroy)(struct format_writer *w); /* never NULL here; see format_destroy() */

    /* Whether a file whose content starts with `start`, which ends in a NUL, may be one that this
     * format wrote for that table. */
    bool (*begins)(const char *start, size_t len_bytes, enum extract_table table);
};

/* The formats of EXPORT_FORMATS in that order, NULL at the end. */
extern const struct format *const format_all[];

/* NULL: no such format. */
const struct format *format_find(const char *name);

/* Errors of format->create(). */
int format_create(struct format_writer **out, const struct format *format,
                  const struct format_parts *parts, struct err *err);
int format_row(struct format_writer *w, const struct cell *cells, struct err *err);
int format_finish(struct format_writer *w, struct err *err);
void format_destroy(struct format_writer *w); /* accepts NULL */

#endif
