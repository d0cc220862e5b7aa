#include "export/table_file.h"

#include <errno.h>
#include <stdlib.h>

struct table_file {
    struct out_file *file;
    struct format_writer *writer;
    struct manifest_entry entry; /* `path` and `series` are the caller's */
};

static int to_file(void *arg, const void *data, size_t len_bytes, struct err *err)
{
    return out_file_write(arg, data, len_bytes, err);
}

int table_file_create(struct table_file **out, const struct table_file_parts *parts,
                      struct err *err)
{
    struct table_file *f = calloc(1, sizeof(*f));
    if (!f)
        return err_set(err, -ENOMEM, "out of memory");
    f->entry.table = extract_table_name(parts->table);
    f->entry.format = parts->format->name;
    f->entry.compress = compress_name(parts->compress);
    int rc = out_file_create(&f->file, parts->path, parts->compress, err);
    const struct format_parts format = {parts->table, {to_file, f->file}};
    if (rc == 0)
        rc = format_create(&f->writer, parts->format, &format, err);
    if (rc)
        table_file_abort(f);
    else
        *out = f;
    return rc;
}

static void count_row(struct manifest_entry *e, const struct extract_row *row)
{
    bool first = e->rows++ == 0;
    if (first || row->seq < e->first_seq)
        e->first_seq = row->seq;
    if (first || row->seq > e->last_seq)
        e->last_seq = row->seq;
    if (first || row->ts < e->ts_first)
        e->ts_first = row->ts;
    if (first || row->ts > e->ts_last)
        e->ts_last = row->ts;
}

int table_file_row(struct table_file *f, const struct extract_row *row, struct err *err)
{
    count_row(&f->entry, row);
    return format_row(f->writer, row->cells, err);
}

int64_t table_file_rows(const struct table_file *f)
{
    return f ? f->entry.rows : 0;
}

int table_file_commit(struct table_file *f, struct manifest_entry *entry, struct err *err)
{
    int rc = format_finish(f->writer, err);
    if (rc == 0) {
        rc = out_file_commit(f->file, &f->entry.file, err);
        f->file = NULL;
    }
    if (rc == 0) {
        f->entry.path = entry->path;
        f->entry.series = entry->series;
        *entry = f->entry;
    }
    table_file_abort(f);
    return rc;
}

void table_file_abort(struct table_file *f)
{
    if (!f)
        return;
    format_destroy(f->writer);
    out_file_abort(f->file);
    free(f);
}
