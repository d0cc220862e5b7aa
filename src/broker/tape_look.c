#include "broker/tape_look.h"

#include "base/array.h"
#include "market/instrument.h"
#include "net/detached_thread.h"
#include "net/mailbox.h"
#include "store/read/tape_needs.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* One reading; of the thread until it is put into the mailbox. */
struct job {
    struct mailbox_item item; /* first */
    struct mailbox *box;
    atomic_bool stop; /* set by the owner */
    char *path;
    struct tape_look_days days;
    struct calendar_set sessions;
    struct tape_plan plan; /* its rows are not used */
    struct tape_found *found;
    size_t count, cap;
    int64_t wanted, took_ms;
    bool no_memory;
    struct err err; /* code 0: it was read */
};

struct tape_look {
    struct mailbox *box;
    char *path;
    tape_look_fn *fn;
    void *arg;
    struct job *running; /* NULL: none; only its `stop` may be used */
};

static void dispose(void *item)
{
    struct job *job = item;
    for (size_t i = 0; i < job->count; i++) {
        free(job->found[i].market_id);
        free(job->found[i].symbol);
    }
    free(job->found);
    free(job->path);
    free(job);
}

/* --- the thread ------------------------------------------------------------------------------- */

static bool must_stop(void *arg)
{
    struct job *job = arg;
    return atomic_load(&job->stop);
}

/* By the hours of its segment. */
static int64_t final_ns(const struct job *job, const struct tape_row *row)
{
    const struct instrument known = {.segment = row->segment};
    const char *segment = calendar_set_segment(&known, row->symbol);
    int at = calendar_set_find(&job->sessions, segment);
    return tape_plan_final_ns(&job->sessions.each[at].calendar, row->need.day);
}

static bool is_due(const struct job *job, const struct tape_need *need, int64_t now_ns)
{
    return tape_plan_worth(&job->plan, need, now_ns) > 0 &&
           (need->wanted || !job->days.only_wanted);
}

static void take_need(void *arg, const struct tape_row *row)
{
    struct job *job = arg;
    struct tape_need need = row->need;
    need.final_ns = final_ns(job, row);
    if (job->no_memory || !is_due(job, &need, clock_now().wall_ns))
        return;
    struct tape_found *grown =
        array_grow(job->found, &job->cap, job->count + 1, sizeof(*job->found));
    if (grown) {
        job->found = grown;
        struct tape_found *found = &grown[job->count++];
        *found = (struct tape_found){need, strdup(row->market_id), strdup(row->symbol)};
        job->no_memory = !found->market_id || !found->symbol;
        job->wanted += need.wanted;
    } else {
        job->no_memory = true;
    }
}

static void *run(void *arg)
{
    struct job *job = arg;
    struct mailbox *box = job->box;
    int64_t from_ms = clock_now().mono_ms;
    const struct tape_needs_query query = {job->path, job->days.from, job->days.to, must_stop, job};
    if (tape_needs_read(&query, take_need, job, &job->err) == 0)
        job->err.code = 0;
    if (job->no_memory)
        err_set(&job->err, -ENOMEM, "out of memory");
    job->took_ms = clock_now().mono_ms - from_ms;
    mailbox_put(box, job);
    return NULL;
}

/* --- on the loop ------------------------------------------------------------------------------ */

static void on_read(void *arg, void *item)
{
    struct tape_look *look = arg;
    struct job *job = item;
    const struct tape_sight sight = {
        .found = job->found,
        .count = job->err.code ? 0 : job->count,
        .wanted = job->wanted,
        .took_ms = job->took_ms,
        .failed = job->err.code ? job->err.text : NULL,
    };
    look->running = NULL;
    look->fn(look->arg, &sight);
    dispose(job);
}

static struct job *job_create(const struct tape_look *look)
{
    struct job *job = calloc(1, sizeof(*job));
    if (!job)
        return NULL;
    job->box = look->box;
    job->path = strdup(look->path);
    if (job->path)
        return job;
    dispose(job);
    return NULL;
}

int tape_look_start(struct tape_look *look, const struct tape_look_days *days,
                    const struct calendar_set *sessions, const struct tape_plan *plan)
{
    if (look->running)
        return -EBUSY;
    struct job *job = job_create(look);
    if (!job)
        return -ENOMEM;
    job->days = *days;
    job->sessions = *sessions;
    job->plan = (struct tape_plan){.lag_ns = plan->lag_ns, .rest_ms = plan->rest_ms};
    mailbox_expect(look->box);
    int rc = detached_thread_start(run, job);
    if (rc) {
        mailbox_put(look->box, NULL);
        dispose(job);
        return rc;
    }
    look->running = job;
    return 0;
}

/* --- life ------------------------------------------------------------------------------------- */

struct tape_look *tape_look_create(struct loop *loop, const char *path, tape_look_fn *fn, void *arg)
{
    struct tape_look *look = calloc(1, sizeof(*look));
    if (!look)
        return NULL;
    *look = (struct tape_look){.path = strdup(path), .fn = fn, .arg = arg};
    look->box = mailbox_create(loop, on_read, look, dispose);
    if (look->path && look->box)
        return look;
    tape_look_destroy(look);
    return NULL;
}

/* A job that is running exists until the box is closed, and is disposed of at its end. */
void tape_look_destroy(struct tape_look *look)
{
    if (!look)
        return;
    if (look->running)
        atomic_store(&look->running->stop, true);
    mailbox_close(look->box);
    free(look->path);
    free(look);
}
