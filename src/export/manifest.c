#include "export/manifest.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/json_write.h"
#include "files/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES_MAX ((size_t)64 * 1024 * 1024) /* enough for more than 100,000 files */

struct line {
    char *path, *table, *series, *text; /* owned; series may be NULL */
};

struct manifest {
    char folder[PATH_MAX];
    struct line *lines; /* owned */
    size_t count, cap;
};

/* --- one entry -------------------------------------------------------------------------------- */

static void put_whole(struct buf *out, const char *key, int64_t value)
{
    buf_printf(out, ",\"%s\":%lld", key, (long long)value);
}

static void put_text(struct buf *out, const char *key, const char *value)
{
    buf_printf(out, ",\"%s\":", key);
    json_put_string(out, value);
}

void manifest_entry_put(struct buf *out, const struct manifest_entry *e)
{
    char time[CLOCK_TEXT];
    buf_puts(out, "{\"path\":");
    json_put_string(out, e->path);
    put_text(out, "table", e->table);
    put_text(out, "format", e->format);
    put_text(out, "compress", e->compress);
    put_text(out, "series", e->series);
    put_whole(out, "rows", e->rows);
    put_whole(out, "bytes", e->file.bytes);
    put_text(out, "sha256", e->file.sha256);
    if (e->rows && e->last_seq) {
        put_whole(out, "first_seq", e->first_seq);
        put_whole(out, "last_seq", e->last_seq);
    } else {
        buf_puts(out, ",\"first_seq\":null,\"last_seq\":null");
    }
    put_text(out, "first_time", e->rows ? clock_text(time, e->ts_first) : NULL);
    put_text(out, "last_time", e->rows ? clock_text(time, e->ts_last) : NULL);
    buf_puts(out, "}");
}

/* --- lines ------------------------------------------------------------------------------------ */

static void finish_line(struct line *line)
{
    free(line->path);
    free(line->table);
    free(line->series);
    free(line->text);
}

void manifest_free(struct manifest *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->count; i++)
        finish_line(&m->lines[i]);
    free(m->lines);
    free(m);
}

static struct line *find(const struct manifest *m, const char *path)
{
    for (size_t i = 0; i < m->count; i++) {
        if (strcmp(m->lines[i].path, path) == 0)
            return &m->lines[i];
    }
    return NULL;
}

/* Takes ownership of the line, also on failure. */
static int take_line(struct manifest *m, struct line line, bool has_series)
{
    if (!line.path || !line.table || !line.text || (has_series && !line.series)) {
        finish_line(&line);
        return -ENOMEM;
    }
    struct line *known = find(m, line.path);
    if (known) {
        finish_line(known);
        *known = line;
        return 0;
    }
    if (m->count == m->cap) {
        size_t cap = m->cap ? m->cap * 2 : 64;
        struct line *grown = realloc(m->lines, cap * sizeof(*grown));
        if (!grown) {
            finish_line(&line);
            return -ENOMEM;
        }
        m->lines = grown;
        m->cap = cap;
    }
    m->lines[m->count++] = line;
    return 0;
}

int manifest_put(struct manifest *m, const struct manifest_entry *e, struct err *err)
{
    struct buf text;
    buf_init(&text, BYTES_MAX);
    manifest_entry_put(&text, e);
    struct line line = {strdup(e->path), strdup(e->table), e->series ? strdup(e->series) : NULL,
                        buf_failed(&text) ? NULL : strdup(buf_text(&text))};
    int rc = take_line(m, line, e->series != NULL);
    buf_finish(&text);
    return rc ? err_set(err, rc, "out of memory") : 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

static char *copy_or_null(const char *text)
{
    return text ? strdup(text) : NULL;
}

static int read_line(struct manifest *m, struct json_parser *parser, const char *text, size_t len)
{
    const struct json *entry = json_parse(parser, text, len, NULL);
    const char *path = json_string(json_get(entry, "path"));
    const char *table = json_string(json_get(entry, "table"));
    const char *series = json_string(json_get(entry, "series"));
    if (!path || !table)
        return -EBADMSG;
    struct line line = {strdup(path), strdup(table), copy_or_null(series), strndup(text, len)};
    return take_line(m, line, series != NULL);
}

static int read_lines(struct manifest *m, const char *text, const char *path, struct err *err)
{
    int number = 1, rc = 0;
    struct json_parser *parser = json_parser_create();
    if (!parser)
        return err_set(err, -ENOMEM, "out of memory");
    for (; rc == 0 && *text; number++) {
        size_t len = strcspn(text, "\n");
        rc = read_line(m, parser, text, len);
        text += len + (text[len] == '\n');
    }
    json_parser_destroy(parser);
    if (rc == -EBADMSG)
        return err_set(err, rc, "%s:%d: not written by cinta: give another folder", path,
                       number - 1);
    return rc ? err_set(err, rc, "out of memory") : 0;
}

static int path_in(const struct manifest *m, const char *name, char out[PATH_MAX])
{
    return snprintf(out, PATH_MAX, "%s/%s", m->folder, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int load(struct manifest *m, const char *folder, struct err *err)
{
    char path[PATH_MAX];
    struct buf text;
    if (snprintf(m->folder, sizeof(m->folder), "%s", folder) >= (int)sizeof(m->folder) ||
        path_in(m, MANIFEST_NAME, path))
        return err_set(err, -ENAMETOOLONG, "'%s': the name is too long", folder);
    buf_init(&text, BYTES_MAX);
    int rc = file_read(path, &text);
    if (rc == 0)
        rc = read_lines(m, buf_text(&text), path, err);
    else if (rc == -ENOENT)
        rc = 0;
    else
        err_set(err, rc, "cannot read '%s': %s", path, strerror(-rc));
    buf_finish(&text);
    return rc;
}

int manifest_load(struct manifest **out, const char *folder, struct err *err)
{
    struct manifest *m = calloc(1, sizeof(*m));
    if (!m)
        return err_set(err, -ENOMEM, "out of memory");
    int rc = load(m, folder, err);
    if (rc)
        manifest_free(m);
    else
        *out = m;
    return rc;
}

/* --- look-ups and writing --------------------------------------------------------------------- */

static bool is_there(const struct manifest *m, const struct line *line)
{
    char path[PATH_MAX];
    return path_in(m, line->path, path) == 0 && access(path, F_OK) == 0;
}

static bool same_series(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const char *manifest_stranger(const struct manifest *m, const char *table, const char *series)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct line *line = &m->lines[i];
        if (strcmp(line->table, table) == 0 && !same_series(line->series, series) &&
            is_there(m, line))
            return line->path;
    }
    return NULL;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct line *)a)->path, ((const struct line *)b)->path);
}

static int write_lines(const struct manifest *m, struct out_file *file, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < m->count; i++) {
        const struct line *line = &m->lines[i];
        if (!is_there(m, line))
            continue;
        rc = out_file_write(file, line->text, strlen(line->text), err);
        if (rc == 0)
            rc = out_file_write(file, "\n", 1, err);
    }
    return rc;
}

int manifest_write(struct manifest *m, struct err *err)
{
    char path[PATH_MAX];
    struct out_file *file;
    struct out_file_result result;
    if (path_in(m, MANIFEST_NAME, path))
        return err_set(err, -ENAMETOOLONG, "'%s': the name is too long", m->folder);
    if (m->count)
        qsort(m->lines, m->count, sizeof(*m->lines), by_path);
    int rc = out_file_create(&file, path, COMPRESS_NONE, err);
    if (rc)
        return rc;
    rc = write_lines(m, file, err);
    if (rc == 0)
        return out_file_commit(file, &result, err);
    out_file_abort(file);
    return rc;
}
