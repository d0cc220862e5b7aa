/*
 * job: one export, from the database to files.
 *
 * job_create opens the database, job_target sees that the files can be written, job_run writes
 * them: table by table, day by day, each day in a read transaction of its own. What the database
 * holds is fixed at the start: what is committed later is left for the next export. A file gets its
 * name when it is whole; in a folder, manifest.jsonl tells of all of them. The marks of a series
 * move last, so that a job that ends early, however, is made good by running it again.
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
    struct range range;          /* of no account with a series */
    const char *const *patterns; /* none = all */
    int patterns_count;
    const char *out; /* a folder, a file, "-" */
    enum target target;
    bool by_day;        /* a file a day; in a folder only */
    bool force;         /* replace also files that are no exports of ours */
    const char *series; /* NULL = none */
    int64_t now_ns;

    void *arg;
    extract_stop *stop;                                                  /* may be NULL */
    void (*on_progress)(void *arg, const struct job_progress *progress); /* may be NULL */
    void (*on_file)(void *arg, const struct manifest_entry *entry);      /* it is there now */
};

struct job_count {
    int64_t rows, files, bytes;
};

struct job_summary {
    int64_t instruments; /* that the patterns match */
    struct job_count all, table[EXTRACT_TABLES];
};

struct job;

/* Errors of extract_open. `options` is copied. */
int job_create(struct job **out, const struct job_options *options, struct err *err);
void job_destroy(struct job *job);

/*
 * Makes the folder; -EBUSY: another export writes it; -EEXIST: what is in it would then be there
 * twice; errors of replaceable_check for a file; -errno.
 */
int job_target(struct job *job, struct err *err);

/* After an error the summary counts the files that are there all the same. */
int job_run(struct job *job, struct job_summary *summary, struct err *err);

#endif
