#include "service/daily_export.h"

#include "market/daily.h"
#include "net/child.h"
#include "store/read/reader.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "/proc/self/exe" /* the running version, also if another was installed since */
#define LOOK_MS 60000            /* interval of checking the wall clock, because it may be set */
#define NEVER   (-1)

struct daily_export {
    struct loop *loop;
    struct events *events;
    struct loop_timer *timer;
    struct child *child; /* the run in progress; NULL = none */
    char file[PATH_MAX]; /* the configuration's */
    int minute;          /* of the day, when a run is due; NEVER = disabled */
    int64_t last_ns;     /* start of the last successful run, or of this service */
    int64_t began_ns;    /* start of the run in progress */
    int failures;        /* since the last successful run */
    int64_t retry_ms;    /* monotonic: no run before; 0 = now */
};

/* --- a run ------------------------------------------------------------------------------------ */

static void plan(struct daily_export *e, int64_t after_ms)
{
    if (e->minute != NEVER)
        loop_timer_set(e->timer, after_ms);
    else
        loop_timer_stop(e->timer);
}

static void fail(struct daily_export *e, const char *words)
{
    int64_t wait_ms = daily_retry_ms(++e->failures);
    e->retry_ms = loop_now(e->loop).mono_ms + wait_ms;
    events_report(e->events, LOG_LEVEL_ERROR, EVENT_EXPORT_FAILED, NULL, "%s; next try in %lld min",
                  words, (long long)(wait_ms / 60000));
}

/* The child's message begins with "cinta export: ", so no source is added. */
static void judge(struct daily_export *e, const struct child_end *end)
{
    char words[CHILD_WORDS + 64];
    if (end->status == 0) {
        e->failures = 0;
        e->retry_ms = 0;
        e->last_ns = e->began_ns;
        events_report(e->events, LOG_LEVEL_INFO, EVENT_EXPORT_DONE, NULL, "%s", end->words);
        return;
    }
    if (end->signum)
        snprintf(words, sizeof(words), "ended by signal %d", end->signum);
    else
        snprintf(words, sizeof(words), "status %d: %s", end->status, end->words);
    fail(e, words);
}

static void on_done(void *arg, const struct child_end *end)
{
    struct daily_export *e = arg;
    judge(e, end);
    child_destroy(e->child);
    e->child = NULL;
    plan(e, 0);
}

static void run(struct daily_export *e)
{
    const char *const argv[] = {PROGRAM,        "export",   "-c",     e->file,
                                "--since-last", "schedule", "--nice", NULL};
    const struct child_parts parts = {.loop = e->loop, .argv = argv, .done = on_done, .arg = e};
    struct err err;
    e->began_ns = loop_now(e->loop).wall_ns;
    if (child_start(&e->child, &parts, &err) == 0)
        return;
    fail(e, err.text);
    plan(e, LOOK_MS);
}

static void on_timer(void *arg)
{
    struct daily_export *e = arg;
    struct now now = loop_now(e->loop);
    e->last_ns = daily_last_ns(e->last_ns, now.wall_ns);
    int64_t due = daily_due_ns(e->last_ns, e->minute);
    int64_t wait_ms = (due - now.wall_ns) / NS_PER_MS + 1;
    if (e->child)
        return; /* on_done() schedules the next run */
    if (now.wall_ns < due)
        plan(e, wait_ms < LOOK_MS ? wait_ms : LOOK_MS);
    else if (now.mono_ms < e->retry_ms)
        plan(e, LOOK_MS);
    else
        run(e);
}

/* --- life ------------------------------------------------------------------------------------- */

static int on_last_run(void *arg, int columns, const struct reader_value *values)
{
    struct daily_export *e = arg;
    if (columns == 1 && values[0].type == READER_TEXT)
        e->last_ns = strtoll(values[0].text, NULL, 10);
    return 0;
}

static int find_last_run(struct daily_export *e, const char *db_path, struct err *err)
{
    struct reader *reader;
    char now[32];
    const char *const params[] = {now};
    snprintf(now, sizeof(now), "%lld", (long long)loop_now(e->loop).wall_ns);
    int rc = reader_open(&reader, db_path, err);
    if (rc)
        return rc;
    rc = reader_select(reader,
                       &(const struct reader_query){"SELECT CAST(max(ts) AS TEXT) FROM feed_event "
                                                    "WHERE kind = 'export_done' AND ts <= ?1 "
                                                    "AND recorder IS NULL",
                                                    params, 1},
                       on_last_run, e, err);
    reader_close(reader);
    return rc;
}

int daily_export_create(struct daily_export **out, struct loop *loop, struct events *events,
                        const char *db_path, struct err *err)
{
    struct daily_export *e = calloc(1, sizeof(*e));
    if (!e)
        return err_set(err, -ENOMEM, "out of memory");
    e->loop = loop;
    e->events = events;
    e->minute = NEVER;
    e->last_ns = loop_now(loop).wall_ns;
    e->timer = loop_timer_create(loop, on_timer, e);
    int rc = e->timer ? find_last_run(e, db_path, err) : err_set(err, -ENOMEM, "out of memory");
    if (rc) {
        daily_export_destroy(e);
        return rc;
    }
    *out = e;
    return 0;
}

void daily_export_destroy(struct daily_export *e)
{
    if (!e)
        return;
    child_destroy(e->child);
    loop_timer_destroy(e->timer);
    free(e);
}

static int64_t due_ns(const struct daily_export *e)
{
    return daily_due_ns(daily_last_ns(e->last_ns, loop_now(e->loop).wall_ns), e->minute);
}

struct daily_export_state daily_export_state(const struct daily_export *e)
{
    return (struct daily_export_state){
        .wanted = e->minute != NEVER,
        .running = e->child != NULL,
        .failures = e->failures,
        .due_ns = e->minute == NEVER ? 0 : due_ns(e),
    };
}

void daily_export_configure(struct daily_export *e, const struct config *config)
{
    int hour, minute;
    snprintf(e->file, sizeof(e->file), "%s", config->file);
    e->minute = NEVER;
    if (sscanf(config->export.at, "%2d:%2d", &hour, &minute) == 2)
        e->minute = hour * 60 + minute;
    e->retry_ms = 0; /* section export may have been corrected */
    if (!e->child)
        plan(e, 0);
}
