/*
 * text_format: the part that CSV, JSON lines and CSV for spreadsheets have in common.
 *
 * These formats write each row as one line, after a header. A format gives the functions that
 * append the header and a line; the writer here collects the text and passes it on in pieces.
 */
#ifndef EXPORT_TEXT_FORMAT_H
#define EXPORT_TEXT_FORMAT_H

#include "base/buf.h"
#include "export/format.h"

struct text_format {
    /* Appends what is written before the first row. NULL = nothing */
    void (*put_header)(struct buf *out, enum extract_table table);
    /* Appends one line. */
    void (*put_row)(struct buf *out, enum extract_table table, const struct cell *cells);
};

/* For `create` of a struct format. `text` is borrowed until the writer is destroyed. */
int text_format_create(struct format_writer **out, const struct format_parts *parts,
                       const struct text_format *text, struct err *err);

/* The other functions of a struct format. */
#define TEXT_FORMAT_FUNCTIONS                                                                      \
    .row = text_format_row, .finish = text_format_finish, .destroy = text_format_destroy

int text_format_row(struct format_writer *w, const struct cell *cells, struct err *err);
int text_format_finish(struct format_writer *w, struct err *err);
void text_format_destroy(struct format_writer *w);

/* For `begins`: whether the content starts like the header. Only the first columns are compared:
 * other versions may have more. */
bool text_format_begins(const struct text_format *text, const char *start,
                        enum extract_table table);

#endif
