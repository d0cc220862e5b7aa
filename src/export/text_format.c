#include "export/text_format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES ((size_t)256 * 1024)       /* collected before it is passed on */
#define ROW_MAX     ((size_t)16 * 1024 * 1024) /* an event's text is a thousand bytes at most */
#define HEADER_LEAD 24                         /* bytes of a header that are compared */

struct text_writer {
    struct format_writer base;
    struct format_parts parts;
    const struct text_format *text;
    struct buf buf;
};

int text_format_create(struct format_writer **out, const struct format_parts *parts,
                       const struct text_format *text, struct err *err)
{
    struct text_writer *w = calloc(1, sizeof(*w));
    if (!w)
        return err_set(err, -ENOMEM, "out of memory");
    w->parts = *parts;
    w->text = text;
    buf_init(&w->buf, PIECE_BYTES + ROW_MAX);
    if (text->put_header)
        text->put_header(&w->buf, parts->table);
    *out = &w->base;
    return 0;
}

static int pass_on(struct text_writer *w, struct err *err)
{
    const struct sink *sink = &w->parts.sink;
    if (buf_failed(&w->buf))
        return err_set(err, -ENOMEM, "out of memory");
    int rc = sink->put(sink->arg, buf_text(&w->buf), w->buf.len_bytes, err);
    buf_clear(&w->buf);
    return rc;
}

int text_format_row(struct format_writer *base, const struct cell *cells, struct err *err)
{
    struct text_writer *w = (struct text_writer *)base;
    w->text->put_row(&w->buf, w->parts.table, cells);
    return w->buf.len_bytes < PIECE_BYTES && !buf_failed(&w->buf) ? 0 : pass_on(w, err);
}

int text_format_finish(struct format_writer *base, struct err *err)
{
    return pass_on((struct text_writer *)base, err);
}

void text_format_destroy(struct format_writer *base)
{
    struct text_writer *w = (struct text_writer *)base;
    buf_finish(&w->buf);
    free(w);
}

bool text_format_begins(const struct text_format *text, const char *start, enum extract_table table)
{
    struct buf header;
    buf_init(&header, ROW_MAX);
    text->put_header(&header, table);
    bool same =
        header.len_bytes >= HEADER_LEAD && strncmp(start, buf_text(&header), HEADER_LEAD) == 0;
    buf_finish(&header);
    return same;
}
