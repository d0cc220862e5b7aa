/*
 * format_text: the bytes that a format writes.
 */
#ifndef FORMAT_TEXT_H
#define FORMAT_TEXT_H

#include "base/buf.h"
#include "export/format.h"
#include "support/t.h"

__attribute__((unused)) static int format_text_put(void *arg, const void *data, size_t len_bytes,
                                                   struct err *err)
{
    (void)err;
    return buf_append(arg, data, len_bytes);
}

/* A file with this row `count` times; the text belongs to `out`. */
__attribute__((unused)) static const char *format_text(struct buf *out, const struct format *format,
                                                       enum extract_table table,
                                                       const struct cell *cells, int count)
{
    const struct format_parts parts = {table, {format_text_put, out}};
    struct format_writer *w;
    buf_clear(out);
    t_int(format_create(&w, format, &parts, NULL), 0);
    for (int i = 0; i < count; i++)
        t_int(format_row(w, cells, NULL), 0);
    t_int(format_finish(w, NULL), 0);
    format_destroy(w);
    return buf_text(out);
}

/* The line of a row, without what precedes it. */
__attribute__((unused)) static const char *format_text_row(struct buf *out,
                                                           const struct format *format,
                                                           enum extract_table table,
                                                           const struct cell *cells)
{
    format_text(out, format, table, NULL, 0);
    size_t header = out->len_bytes;
    return format_text(out, format, table, cells, 1) + header;
}

#endif
