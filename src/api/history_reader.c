#include "api/history_reader.h"

#include "api/history_json.h"
#include "base/json_write.h"
#include "net/detached_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_BYTES (16u * 1024 * 1024)
#define READ_MS      10000
#define LOOK_MS      200 /* between two checks for clients that have disconnected */

#define BUSY_TEXT "Too many requests for recorded data are waiting: try again later"

/* Changed with the lock held, except `body` and `err` while it is being read. */
struct job {
    enum { JOB_WAITING, JOB_READING, JOB_DONE } state;
    enum history_subject subject;
    struct tape_of of; /* its texts are owned */
    char *market_id, *symbol;
    struct deferred *deferred; /* of the loop; NULL: the reader is destroyed */
    atomic_bool unwanted;
    int64_t until_ms;
    struct buf body;
    struct err err; /* code 0: `body` is the answer */
};

/* Freed by the thread when it ends. */
struct desk {
    char *path;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool closing;
    struct loop_wake *wake;                       /* not used after `closing` */
    struct job *jobs[HISTORY_READER_WAITING_MAX]; /* in the order of the requests */
    int jobs_count;
};

struct history_reader {
    struct desk *desk;
    struct loop_wake *wake;
    struct loop_timer *look; /* armed while there are requests */
};

/* --- jobs ------------------------------------------------------------------------------------- */

static void job_destroy(struct job *job)
{
    if (!job)
        return;
    free(job->market_id);
    free(job->symbol);
    buf_finish(&job->body);
    free(job);
}

static struct job *job_create(const struct history_request *request, struct deferred *deferred)
{
    struct job *job = calloc(1, sizeof(*job));
    if (!job)
        return NULL;
    job->subject = request->subject;
    job->market_id = strdup(request->market_id);
    job->symbol = strdup(request->symbol);
    job->of = (struct tape_of){job->market_id, job->symbol, request->from, request->to};
    job->deferred = deferred;
    buf_init(&job->body, ANSWER_BYTES);
    if (job->market_id && job->symbol)
        return job;
    job_destroy(job);
    return NULL;
}

static void remove_job(struct desk *desk, int at)
{
    desk->jobs_count--;
    memmove(&desk->jobs[at], &desk->jobs[at + 1],
            (size_t)(desk->jobs_count - at) * sizeof(desk->jobs[0]));
}

/* --- the thread ------------------------------------------------------------------------------- */

static bool must_stop(void *arg)
{
    const struct job *job = arg;
    return atomic_load(&job->unwanted) || clock_now().mono_ms > job->until_ms;
}

static int read_it(const char *path, struct job *job, struct err *err)
{
    struct tape *tape;
    int rc = tape_open(&tape, path, must_stop, job, err);
    if (rc)
        return rc;
    switch (job->subject) {
    case HISTORY_TRADES:
        rc = history_json_trades(&job->body, tape, &job->of, err);
        break;
    case HISTORY_CHART:
        rc = history_json_chart(&job->body, tape, &job->of, clock_now().wall_ns, err);
        break;
    }
    tape_close(tape);
    return rc;
}

static void read_job(const char *path, struct job *job)
{
    job->until_ms = clock_now().mono_ms + READ_MS;
    int rc = read_it(path, job, &job->err);
    if (rc == -EINTR)
        err_set(&job->err, rc, "reading took more than %d s: ask for fewer days", READ_MS / 1000);
    else if (rc == 0 && buf_failed(&job->body))
        err_set(&job->err, -EMSGSIZE, "the answer exceeds %u MiB: ask for fewer days",
                ANSWER_BYTES >> 20);
    else if (rc == 0)
        job->err.code = 0;
}

static struct job *next_waiting(const struct desk *desk)
{
    for (int i = 0; i < desk->jobs_count; i++) {
        if (desk->jobs[i]->state == JOB_WAITING)
            return desk->jobs[i];
    }
    return NULL;
}

static void desk_destroy(struct desk *desk)
{
    while (desk->jobs_count > 0)
        job_destroy(desk->jobs[--desk->jobs_count]);
    pthread_cond_destroy(&desk->changed);
    pthread_mutex_destroy(&desk->lock);
    free(desk->path);
    free(desk);
}

static void *run(void *arg)
{
    struct desk *desk = arg;
    pthread_mutex_lock(&desk->lock);
    while (!desk->closing) {
        struct job *job = next_waiting(desk);
        if (!job) {
            pthread_cond_wait(&desk->changed, &desk->lock);
            continue;
        }
        job->state = JOB_READING;
        pthread_mutex_unlock(&desk->lock);
        read_job(desk->path, job);
        pthread_mutex_lock(&desk->lock);
        job->state = JOB_DONE;
        if (!desk->closing)
            loop_wake_send(desk->wake);
    }
    pthread_mutex_unlock(&desk->lock);
    desk_destroy(desk);
    return NULL;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void refuse(struct deferred *deferred, const char *words)
{
    struct web_answer *answer = deferred_answer(deferred);
    answer->status = 503;
    web_add_header(answer, "retry-after", "5");
    buf_puts(&answer->body, "{\"status\":\"ERROR\",\"description\":");
    json_put_string(&answer->body, words);
    buf_puts(&answer->body, ",\"message\":null}");
    deferred_complete(deferred, WEB_SEND);
}

static void complete(struct job *job)
{
    if (job->err.code) {
        refuse(job->deferred, job->err.text);
    } else {
        struct web_answer *answer = deferred_answer(job->deferred);
        buf_finish(&answer->body);
        answer->body = job->body;
        answer->body.max_bytes = WEB_BODY_BYTES; /* the connection keeps it for its next answers */
        buf_init(&job->body, ANSWER_BYTES);
        deferred_complete(job->deferred, WEB_SEND);
    }
    job_destroy(job);
}

/* A job that is finished, or that nobody waits for; one that is being read is told to stop. */
static struct job *take_finished(struct desk *desk)
{
    struct job *found = NULL;
    pthread_mutex_lock(&desk->lock);
    for (int i = 0; i < desk->jobs_count && !found; i++) {
        struct job *job = desk->jobs[i];
        bool wanted = deferred_wanted(job->deferred);
        if (!wanted)
            atomic_store(&job->unwanted, true);
        if (job->state == JOB_READING || (job->state == JOB_WAITING && wanted))
            continue;
        found = job;
        remove_job(desk, i);
    }
    pthread_mutex_unlock(&desk->lock);
    return found;
}

static void complete_finished(struct history_reader *reader)
{
    struct job *job;
    while ((job = take_finished(reader->desk)))
        complete(job);
}

static bool has_jobs(struct desk *desk)
{
    pthread_mutex_lock(&desk->lock);
    bool any = desk->jobs_count > 0;
    pthread_mutex_unlock(&desk->lock);
    return any;
}

static void on_wake(void *arg)
{
    complete_finished(arg);
}

static void on_look(void *arg)
{
    struct history_reader *reader = arg;
    complete_finished(reader);
    if (has_jobs(reader->desk))
        loop_timer_set(reader->look, LOOK_MS);
}

/* --- requests --------------------------------------------------------------------------------- */

bool history_reader_free(struct history_reader *reader)
{
    complete_finished(reader);
    pthread_mutex_lock(&reader->desk->lock);
    bool is_free = reader->desk->jobs_count < HISTORY_READER_WAITING_MAX;
    pthread_mutex_unlock(&reader->desk->lock);
    return is_free;
}

void history_reader_add(struct history_reader *reader, const struct history_request *request,
                        struct deferred *deferred)
{
    struct desk *desk = reader->desk;
    struct job *job = history_reader_free(reader) ? job_create(request, deferred) : NULL;
    if (!job) {
        refuse(deferred, BUSY_TEXT);
        return;
    }
    pthread_mutex_lock(&desk->lock);
    desk->jobs[desk->jobs_count++] = job;
    pthread_cond_signal(&desk->changed);
    pthread_mutex_unlock(&desk->lock);
    loop_timer_set(reader->look, LOOK_MS);
}

/* --- create and destroy ----------------------------------------------------------------------- */

static struct desk *desk_create(const char *path, struct loop_wake *wake)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    if (!desk)
        return NULL;
    desk->wake = wake;
    desk->path = strdup(path);
    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->changed, NULL);
    if (desk->path && detached_thread_start(run, desk) == 0)
        return desk;
    desk_destroy(desk);
    return NULL;
}

struct history_reader *history_reader_create(struct loop *loop, const char *path)
{
    struct history_reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return NULL;
    reader->wake = loop_wake_create(loop, on_wake, reader);
    reader->look = loop_timer_create(loop, on_look, reader);
    if (reader->wake && reader->look)
        reader->desk = desk_create(path, reader->wake);
    if (reader->desk)
        return reader;
    history_reader_destroy(reader);
    return NULL;
}

/* The job that is being read, which alone remains, belongs to the thread from now on. */
static void close_desk(struct desk *desk)
{
    pthread_mutex_lock(&desk->lock);
    desk->closing = true;
    for (int i = desk->jobs_count - 1; i >= 0; i--) {
        struct job *job = desk->jobs[i];
        deferred_complete(job->deferred, WEB_CLOSE);
        job->deferred = NULL;
        atomic_store(&job->unwanted, true);
        if (job->state == JOB_READING)
            continue;
        remove_job(desk, i);
        job_destroy(job);
    }
    pthread_cond_signal(&desk->changed);
    pthread_mutex_unlock(&desk->lock);
}

void history_reader_destroy(struct history_reader *reader)
{
    if (!reader)
        return;
    if (reader->desk)
        close_desk(reader->desk);
    loop_timer_destroy(reader->look);
    loop_wake_destroy(reader->wake);
    free(reader);
}
