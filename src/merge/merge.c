#include "merge/merge.h"

#include "files/same_file.h"
#include "merge/merge_run.h"
#include "store/database_files.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* --- what is given -----------------------------------------------------------------------------
 */

static int check_twice(const struct merge_parts *parts, struct err *err)
{
    for (int i = 0; i < parts->from_count; i++) {
        for (int j = 0; j < i; j++) {
            if (same_file(parts->from[i], parts->from[j]))
                return err_set(err, -EINVAL,
                               "'%s' and '%s' are the same file: give the databases of two "
                               "recorders",
                               parts->from[j], parts->from[i]);
        }
    }
    return 0;
}

static int check_target(const struct merge_parts *parts, struct err *err)
{
    int rc = check_twice(parts, err);
    for (int i = 0; i < parts->from_count && rc == 0; i++)
        rc = database_files_check_target(parts->from[i], parts->to, UNION_DB_PART, err);
    if (rc == 0 && !parts->replace && access(parts->to, F_OK) == 0)
        rc = err_set(err, -EEXIST, "'%s' already exists", parts->to);
    return rc;
}

/* --- the run -----------------------------------------------------------------------------------
 */

static int open_all(struct merge_run *run, struct err *err)
{
    int rc = 0;
    for (; run->from_count < run->parts->from_count && rc == 0; run->from_count += rc == 0)
        rc = recorder_db_open(&run->from[run->from_count], run->parts->from[run->from_count],
                              run->from_count, err);
    return rc ? rc : union_db_open(&run->to, run->parts->to, err);
}

static int unite(struct merge_run *run, struct err *err)
{
    int rc = instrument_union_make(&run->instruments, run->from, run->from_count, &run->to, err);
    run->report->instruments = run->instruments.count;
    if (rc == 0)
        rc = merge_changes(run, err);
    if (rc == 0)
        rc = merge_trades(run, err);
    if (rc == 0)
        rc = merge_tables(run, err);
    if (rc == 0 && !outages_group(&run->report->outages, run->instruments.count))
        rc = err_set(err, -ENOMEM, "out of memory");
    return rc ? rc : union_db_place(&run->to, run->parts->replace, err);
}

int merge_databases(const struct merge_parts *parts, struct merge_report *report, struct err *err)
{
    *report = (struct merge_report){0};
    int rc = check_target(parts, err);
    struct merge_run *run = rc ? NULL : calloc(1, sizeof(*run));
    if (!run)
        return rc ? rc : err_set(err, -ENOMEM, "out of memory");
    run->parts = parts;
    run->report = report;
    run->to.part.fd = -1;
    rc = open_all(run, err);
    if (rc == 0)
        rc = unite(run, err);
    instrument_union_finish(&run->instruments);
    for (int i = 0; i < run->from_count; i++)
        recorder_db_close(&run->from[i]);
    union_db_close(&run->to);
    free(run);
    return rc;
}

void merge_finish(struct merge_report *report)
{
    outages_finish(&report->outages);
}
