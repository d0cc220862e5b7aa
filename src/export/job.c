#include "export/job.h"

#include "base/clock.h"
#include "export/folder.h"
#include "export/replaceable.h"
#include "export/series.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)256 * 1024)       /* text buffered before it is written to the file */
#define ROW_MAX     ((size_t)16 * 1024 * 1024) /* an event's text is a thousand bytes at most */

struct job {
    struct job_options o;
    struct extract *extract;
    struct extract_bounds bounds;
    struct manifest *manifest; /* NULL: not into a folder */
    int folder_fd;             /* holds the lock; -1 = none */
    struct job_summary *summary;

    enum extract_table table;          /* the one being written */
    double tables_done, tables_all;    /* sums of weights */
    int64_t ts_first, ts_last, day_ns; /* of the table; start of the day being written */
    struct out_file *file;             /* NULL: no row yet */
    struct buf text;
    char path[LAYOUT_BYTES]; /* of the file, below the folder */
    struct manifest_entry entry;

    struct mark_move moves[EXTRACT_TABLES];
    size_t moves_count;
};

/* --- one file --------------------------------------------------------------------------------- */

static int open_in_folder(struct job *j, const struct layout *layout, struct err *err)
{
    char path[PATH_MAX];
    layout_path(j->path, layout);
    if (snprintf(path, sizeof(path), "%s/%s", j->o.out, j->path) >= (int)sizeof(path))
        return err_set(err, -ENAMETOOLONG, "'%s': the name is too long", j->o.out);
    int rc = replaceable_check(path, j->o.database, j->o.force, err);
    if (rc == 0)
        rc = folder_make_of(path, err);
    return rc ? rc : out_file_create(&j->file, path, j->o.compress, err);
}

static int64_t part_of(const struct job *j)
{
    if (j->o.series)
        return j->moves[j->moves_count - 1].from.part;
    return j->o.by_day ? 0 : LAYOUT_NO_PART;
}

static int open_file(struct job *j, struct err *err)
{
    const struct layout layout = {j->table, j->o.by_day ? art_day(j->day_ns) : LAYOUT_NO_DAY,
                                  part_of(j), j->o.format, j->o.compress};
    int rc;
    if (j->o.target == TARGET_FOLDER)
        rc = open_in_folder(j, &layout, err);
    else
        rc = out_file_create(&j->file, j->o.target == TARGET_FILE ? j->o.out : NULL, j->o.compress,
                             err);
    if (rc)
        return rc;
    j->entry = (struct manifest_entry){
        .path = j->o.target == TARGET_FOLDER ? j->path : j->o.out,
        .table = extract_table_name(j->table),
        .format = j->o.format->name,
        .compress = compress_name(j->o.compress),
        .series = j->o.series,
    };
    buf_clear(&j->text);
    j->o.format->put_header(&j->text, j->table);
    return 0;
}

static int flush_text(struct job *j, struct err *err)
{
    if (buf_failed(&j->text))
        return err_set(err, -ENOMEM, "out of memory");
    int rc = out_file_write(j->file, buf_text(&j->text), j->text.len_bytes, err);
    buf_clear(&j->text);
    return rc;
}

static void count_file(struct job_count *count, const struct manifest_entry *entry)
{
    count->rows += entry->rows;
    count->bytes += entry->file.bytes;
    count->files++;
}

static int commit_file(struct job *j, struct err *err)
{
    int rc = flush_text(j, err);
    if (rc)
        return rc;
    struct out_file *file = j->file;
    j->file = NULL;
    rc = out_file_commit(file, &j->entry.file, err);
    if (rc == 0 && j->manifest)
        rc = manifest_put(j->manifest, &j->entry, err);
    if (rc)
        return rc;
    count_file(&j->summary->all, &j->entry);
    count_file(&j->summary->table[j->table], &j->entry);
    if (j->o.on_file)
        j->o.on_file(j->o.arg, &j->entry);
    return 0;
}

/* --- rows ------------------------------------------------------------------------------------- */

/* Relative time that each table takes, for the progress. */
static const double weights[EXTRACT_TABLES] = {
    [EXTRACT_SNAPSHOTS] = 20, [EXTRACT_TRADES] = 3,     [EXTRACT_BARS] = 1,
    [EXTRACT_EVENTS] = 0.1,   [EXTRACT_COVERAGE] = 0.5,
};

static void report_progress(struct job *j)
{
    if (!j->o.on_progress)
        return;
    int64_t first = art_day(j->ts_first), days = art_day(j->ts_last) - first + 1;
    int64_t today = art_day(j->day_ns) - first;
    double in_table = ((double)(today > 0 ? today : 0) + extract_done(j->extract)) / (double)days;
    double now = weights[j->table] * (in_table < 1 ? in_table : 1);
    const struct job_progress progress = {
        .table = extract_table_name(j->table),
        .done = (j->tables_done + now) / j->tables_all,
        .rows = j->summary->all.rows + (j->file ? j->entry.rows : 0),
    };
    j->o.on_progress(j->o.arg, &progress);
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

static int write_row(struct job *j, const struct extract_row *row, struct err *err)
{
    int rc = j->file ? 0 : open_file(j, err);
    if (rc)
        return rc;
    j->o.format->put_row(&j->text, j->table, row->cells);
    count_row(&j->entry, row);
    if (j->text.len_bytes < PIECE_BYTES)
        return 0;
    report_progress(j);
    if (j->o.stop && j->o.stop(j->o.arg))
        return err_set(err, -EINTR, "interrupted");
    return flush_text(j, err);
}

static int write_rows(struct job *j, const struct extract_query *query, struct err *err)
{
    struct extract_row row;
    int rc = extract_begin(j->extract, query, err);
    while (rc == 0 && (rc = extract_next(j->extract, &row, err)) > 0)
        rc = write_row(j, &row, err);
    extract_end(j->extract);
    return rc;
}

/* --- one table -------------------------------------------------------------------------------- */

static struct extract_query part_of_day(const struct extract_query *query, int64_t day)
{
    struct extract_query part = *query;
    int64_t begins = art_day_begins_ns(day), ends = art_day_begins_ns(day + 1);
    if (part.ts_from < begins)
        part.ts_from = begins;
    if (part.ts_to > ends)
        part.ts_to = ends;
    return part;
}

/* Days without rows are skipped: after a wrong clock, time stamps may be years apart. */
static int write_days(struct job *j, struct extract_query left, struct err *err)
{
    for (bool first = true;; first = false) {
        int64_t from, last;
        int rc = extract_span(j->extract, &left, &from, &last, err);
        if (rc || from > last)
            return rc;
        const struct extract_query part = part_of_day(&left, art_day(from));
        if (first)
            j->ts_first = art_day_begins_ns(art_day(from));
        j->ts_last = last;
        j->day_ns = art_day_begins_ns(art_day(from));
        report_progress(j);
        rc = write_rows(j, &part, err);
        if (rc == 0 && j->o.by_day && j->file)
            rc = commit_file(j, err);
        if (rc || part.ts_to >= left.ts_to)
            return rc;
        left.ts_from = part.ts_to;
    }
}

/* Coverage intervals are split at midnight. A range that begins at noon includes the interval that
 * began before noon and ends after it. */
static struct extract_query query_of_range(const struct job *j)
{
    struct extract_query query = {
        .table = j->table,
        .ts_from = j->o.range.from,
        .ts_to = j->o.range.to,
        .seq_from = INT64_MIN,
        .seq_to = j->table == EXTRACT_EVENTS ? j->bounds.last_event_id : j->bounds.last_seq,
        .ts_reach = j->o.range.from,
    };
    if (j->table == EXTRACT_COVERAGE && query.ts_from != INT64_MIN)
        query.ts_from = art_day_begins_ns(art_day(query.ts_from));
    return query;
}

static int next_of_series(struct job *j, struct extract_query *query, struct err *err)
{
    struct mark_move *move = &j->moves[j->moves_count++];
    move->table = extract_table_name(j->table);
    int rc = export_marks_read(j->o.database, j->o.series, move->table, &move->from, err);
    const struct series_step step = series_next(j->table, &move->from, &j->bounds, j->o.now_ns);
    *query = step.query;
    move->to = step.to;
    return rc;
}

static int write_table(struct job *j, struct err *err)
{
    struct extract_query query = query_of_range(j);
    int rc = j->o.series ? next_of_series(j, &query, err) : 0;
    if (rc == 0)
        rc = write_days(j, query, err);
    if (rc == 0 && j->o.target != TARGET_FOLDER && !j->file)
        rc = open_file(j, err); /* a file given by name is written even without rows */
    if (rc == 0 && j->file)
        rc = commit_file(j, err);
    out_file_abort(j->file);
    j->file = NULL;
    if (rc == 0 && j->o.series && j->summary->table[j->table].rows == 0)
        j->moves[j->moves_count - 1].to.part = j->moves[j->moves_count - 1].from.part;
    return rc;
}

/* --- all tables ------------------------------------------------------------------------------- */

static int write_tables(struct job *j, struct err *err)
{
    int rc = extract_bounds(j->extract, &j->bounds, err);
    if (rc == 0)
        rc = extract_pick(j->extract, j->o.patterns, j->o.patterns_count, &j->summary->instruments,
                          err);
    for (int t = 0; rc == 0 && t < EXTRACT_TABLES; t++) {
        if (!j->o.tables[t])
            continue;
        j->table = (enum extract_table)t;
        rc = write_table(j, err);
        j->tables_done += weights[t];
    }
    return rc;
}

int job_run(struct job *j, struct job_summary *summary, struct err *err)
{
    *summary = (struct job_summary){0};
    j->summary = summary;
    int rc = write_tables(j, err);
    if (j->manifest && summary->all.files) {
        /* Also after an error, for the files completed before it; `err` keeps that error. */
        int written = manifest_write(j->manifest, rc ? NULL : err);
        rc = rc ? rc : written;
    }
    if (rc == 0 && j->moves_count)
        rc = export_marks_move(j->o.database, j->o.series, j->moves, j->moves_count, err);
    return rc;
}

/* --- checks before the export ----------------------------------------------------------------- */

/* Two simultaneous exports into one folder would each omit the other's files from the manifest. */
static int lock_folder(struct job *j, struct err *err)
{
    j->folder_fd = open(j->o.out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (j->folder_fd < 0)
        return err_set(err, -errno, "cannot open '%s': %s", j->o.out, strerror(errno));
    if (flock(j->folder_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        return err_set(err, -EBUSY, "another export is writing to '%s'", j->o.out);
    return err_set(err, -errno, "cannot lock '%s': %s", j->o.out, strerror(errno));
}

static int refuse_other_series(const struct job *j, const char *path, struct err *err)
{
    if (!j->o.series)
        return err_set(err, -EEXIST,
                       "'%s' is the folder of a series of exports (it has %s): give another --out",
                       j->o.out, path);
    return err_set(
        err, -EEXIST,
        "'%s' has %s of another series of exports or of an export without a series, so rows would "
        "be in it twice: move that file away, or give another --out (or export.out)",
        j->o.out, path);
}

static int check_other_series(struct job *j, struct err *err)
{
    for (int t = 0; t < EXTRACT_TABLES; t++) {
        const char *path =
            j->o.tables[t]
                ? manifest_stranger(j->manifest, extract_table_name((enum extract_table)t),
                                    j->o.series)
                : NULL;
        if (path)
            return refuse_other_series(j, path, err);
    }
    return 0;
}

static int check_file(const struct job *j, struct err *err)
{
    struct out_file *probe; /* created and removed, to check that it can be written */
    int rc = replaceable_check(j->o.out, j->o.database, j->o.force, err);
    if (rc == 0)
        rc = out_file_create(&probe, j->o.out, COMPRESS_NONE, err);
    if (rc == 0)
        out_file_abort(probe);
    return rc;
}

int job_target(struct job *j, struct err *err)
{
    if (j->o.target == TARGET_STDOUT)
        return 0;
    if (j->o.target == TARGET_FILE)
        return check_file(j, err);
    int rc = folder_make(j->o.out, err);
    if (rc == 0)
        rc = folder_writable(j->o.out, err);
    if (rc == 0)
        rc = lock_folder(j, err);
    if (rc == 0)
        rc = manifest_load(&j->manifest, j->o.out, err);
    return rc ? rc : check_other_series(j, err);
}

int job_create(struct job **out, const struct job_options *options, struct err *err)
{
    struct job *j = calloc(1, sizeof(*j));
    if (!j)
        return err_set(err, -ENOMEM, "out of memory");
    j->o = *options;
    j->folder_fd = -1;
    buf_init(&j->text, PIECE_BYTES + ROW_MAX);
    for (int t = 0; t < EXTRACT_TABLES; t++)
        j->tables_all += j->o.tables[t] ? weights[t] : 0;
    int rc = extract_open(&j->extract, j->o.database, j->o.stop, j->o.arg, err);
    if (rc)
        job_destroy(j);
    else
        *out = j;
    return rc;
}

void job_destroy(struct job *j)
{
    if (!j)
        return;
    out_file_abort(j->file);
    extract_close(j->extract);
    manifest_free(j->manifest);
    if (j->folder_fd >= 0)
        close(j->folder_fd);
    buf_finish(&j->text);
    free(j);
}
