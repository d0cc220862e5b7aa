#include "export/job.h"

#include "base/clock.h"
#include "export/destination.h"
#include "export/series.h"
#include "export/table_file.h"

#include <errno.h>
#include <stdlib.h>

#define ROWS_A_REPORT 1024 /* rows between two calls of on_progress and stop */

struct job {
    struct job_options o;
    struct extract *extract;
    struct extract_bounds bounds;
    struct destination *destination; /* NULL before job_target() */
    struct job_summary *summary;

    enum extract_table table;          /* the one being written */
    double tables_done, tables_all;    /* sums of weights */
    int64_t ts_first, ts_last, day_ns; /* of the table; start of the day being written */
    struct table_file *file;           /* NULL: no row yet */
    struct destination_file at;        /* of `file` */

    struct mark_move moves[EXTRACT_TABLES];
    size_t moves_count;
};

/* --- one file --------------------------------------------------------------------------------- */

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
    int rc = destination_file(j->destination, &layout, &j->at, err);
    const struct table_file_parts parts = {
        .path = *j->at.path ? j->at.path : NULL,
        .table = j->table,
        .format = j->o.format,
        .compress = j->o.compress,
    };
    return rc ? rc : table_file_create(&j->file, &parts, err);
}

static void count_file(struct job_count *count, const struct manifest_entry *entry)
{
    count->rows += entry->rows;
    count->bytes += entry->file.bytes;
    count->files++;
}

static int commit_file(struct job *j, struct err *err)
{
    struct manifest_entry entry = {.path = j->at.shown, .series = j->o.series};
    struct table_file *file = j->file;
    j->file = NULL;
    int rc = table_file_commit(file, &entry, err);
    if (rc == 0)
        rc = destination_add(j->destination, &entry, err);
    if (rc)
        return rc;
    count_file(&j->summary->all, &entry);
    count_file(&j->summary->table[j->table], &entry);
    if (j->o.on_file)
        j->o.on_file(j->o.arg, &entry);
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
        .rows = j->summary->all.rows + table_file_rows(j->file),
    };
    j->o.on_progress(j->o.arg, &progress);
}

static int write_row(struct job *j, const struct extract_row *row, struct err *err)
{
    int rc = j->file ? 0 : open_file(j, err);
    if (rc == 0)
        rc = table_file_row(j->file, row, err);
    if (rc || table_file_rows(j->file) % ROWS_A_REPORT)
        return rc;
    report_progress(j);
    return j->o.stop && j->o.stop(j->o.arg) ? err_set(err, -EINTR, "interrupted") : 0;
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
        .listed_to = j->bounds.last_listed,
        .ts_new = INT64_MIN,
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
    table_file_abort(j->file);
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
    /* Also after an error, for the files completed before it; `err` keeps that error. */
    int written = destination_write(j->destination, rc ? NULL : err);
    rc = rc ? rc : written;
    if (rc == 0 && j->moves_count)
        rc = export_marks_move(j->o.database, j->o.series, j->moves, j->moves_count, err);
    return rc;
}

/* --- the job ---------------------------------------------------------------------------------- */

int job_target(struct job *j, struct err *err)
{
    const struct destination_parts parts = {
        .out = j->o.out,
        .target = j->o.target,
        .database = j->o.database,
        .force = j->o.force,
        .series = j->o.series,
        .tables = j->o.tables,
    };
    return destination_open(&j->destination, &parts, err);
}

int job_create(struct job **out, const struct job_options *options, struct err *err)
{
    struct job *j = calloc(1, sizeof(*j));
    if (!j)
        return err_set(err, -ENOMEM, "out of memory");
    j->o = *options;
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
    table_file_abort(j->file);
    extract_close(j->extract);
    destination_close(j->destination);
    free(j);
}
