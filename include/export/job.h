/*
 * job: one export, from the database to files.
 *
 * job_create opens the database, job_target checks that the files can be written, job_run writes
 * them: table by table, day by day, each day in its own read transaction. Rows committed after the
 * start of job_run are left for the next export. A file gets its name when it is complete; in a
 * folder, manifest.jsonl lists all of them. The marks of a series (how far it has got, see
 * export_marks) are updated last, so a job that was interrupted in any way is completed by running
 * it again.
 */
#ifndef EXPORT_JOB_H
#define EXPORT_JOB_H

#include "base/err.h"
#include "export/layout.h"
#include "export/manifest.h"
#include "export/range.h"

#include <stdbool.h>
#include <stdint.h>

struct job_progress {
    const char *table;
    double done; /* 0 to 1, by tables and days */
    int64_t rows;
};

/* All strings are borrowed until job_destroy. */
struct job_options {
    const char *database;
    bool tables[EXTRACT_TABLES];
    const struct format *format;
    enum compress compress;
    struct range range;          /* ignored with a series */
    const char *const *patterns; /* none = all symbols */
    int patterns_count;
    const char *out; /* a folder, a file, "-" */
    enum target target;
    bool by_day;        /* one file per day; in a folder only */
    bool force;         /* replace also files that are not exports of cinta */
    const char *series; /* NULL = none */
    int64_t now_ns;

    void *arg;
    extract_stop *stop;                                                  /* may be NULL */
    void (*on_progress)(void *arg, const struct job_progress *progress); /* may be NULL */
    void (*on_file)(void *arg, const struct manifest_entry *entry);      /* after it got its name */
};

struct job_count {
    int64_t rows, files, bytes;
};

struct job_summary {
    int64_t instruments; /* matched by the patterns */
    struct job_count all, table[EXTRACT_TABLES];
};

struct job;

/* Errors of extract_open. `options` is copied. */
int job_create(struct job **out, const struct job_options *options, struct err *err);
void job_destroy(struct job *job);

/* To be called once, before job_run(). Errors of destination_open(). */
int job_target(struct job *job, struct err *err);

/* 0 or -errno. After an error the summary counts the files that were completed before it. */
int job_run(struct job *job, struct job_summary *summary, struct err *err);

#endif
