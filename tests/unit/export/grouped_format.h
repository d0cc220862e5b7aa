/*
 * grouped_format: a format that keeps rows until it has a group of them and ends with a footer, as
 * Parquet does. It fails where a test asks for it.
 */
#ifndef GROUPED_FORMAT_H
#define GROUPED_FORMAT_H

#include "export/format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUP_ROWS 3

enum grouped_fail { FAIL_NEVER, FAIL_CREATE, FAIL_ROW, FAIL_FINISH };

static enum grouped_fail grouped_fails;
static int grouped_alive; /* writers that are not destroyed */

struct grouped_writer {
    struct format_writer base;
    struct sink sink;
    int kept, rows;
};

static int grouped_put(struct grouped_writer *w, const char *text, struct err *err)
{
    return w->sink.put(w->sink.arg, text, strlen(text), err);
}

static int grouped_create(struct format_writer **out, const struct format_parts *parts,
                          struct err *err)
{
    if (grouped_fails == FAIL_CREATE)
        return err_set(err, -ENOTSUP, "this table has columns that the format cannot hold");
    struct grouped_writer *w = calloc(1, sizeof(*w));
    if (!w)
        return err_set(err, -ENOMEM, "out of memory");
    w->sink = parts->sink;
    grouped_alive++;
    *out = &w->base;
    return grouped_put(w, "<", err);
}

static int grouped_flush(struct grouped_writer *w, struct err *err)
{
    char text[32];
    snprintf(text, sizeof(text), "[%d]", w->kept);
    w->kept = 0;
    return grouped_put(w, text, err);
}

static int grouped_row(struct format_writer *base, const struct cell *cells, struct err *err)
{
    struct grouped_writer *w = (struct grouped_writer *)base;
    (void)cells;
    if (grouped_fails == FAIL_ROW)
        return err_set(err, -EIO, "no row");
    w->rows++;
    return ++w->kept == GROUP_ROWS ? grouped_flush(w, err) : 0;
}

static int grouped_finish(struct format_writer *base, struct err *err)
{
    struct grouped_writer *w = (struct grouped_writer *)base;
    char footer[32];
    if (grouped_fails == FAIL_FINISH)
        return err_set(err, -EIO, "no footer");
    int rc = w->kept ? grouped_flush(w, err) : 0;
    snprintf(footer, sizeof(footer), "%d rows>", w->rows);
    return rc ? rc : grouped_put(w, footer, err);
}

static void grouped_destroy(struct format_writer *base)
{
    grouped_alive--;
    free(base);
}

static bool grouped_begins(const char *start, size_t len_bytes, enum extract_table table)
{
    (void)table;
    return len_bytes > 0 && *start == '<';
}

static const struct format grouped_format = {
    .name = "grouped",
    .suffix = ".grouped",
    .outer = OUTER_NEVER,
    .create = grouped_create,
    .row = grouped_row,
    .finish = grouped_finish,
    .destroy = grouped_destroy,
    .begins = grouped_begins,
};

#endif
