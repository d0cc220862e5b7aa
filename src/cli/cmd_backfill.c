#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "cli/backfill_progress.h"
#include "cli/backfill_wishes.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/owners.h"
#include "cli/unmatched.h"
#include "files/run_lock.h"
#include "service/service.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS     250
#define BAR_WIDTH   30
#define NOTES_BYTES (64 * 1024)

struct options {
    const char *config_path, *date;
    bool json, quiet;
    struct option_texts patterns;
};

static const struct option_row options[] = {
    {OPTION_CONFIG(struct options, config_path)},
    {"date", 'd', "DATE", "the day in Argentina: 2026-11-23, today or yesterday",
     OPTION_TEXT(struct options, date)},
    {OPTION_QUIET(struct options, quiet)},
    {OPTION_JSON(struct options, json)},
    {0},
};

/* One run of the command. */
struct backfill {
    const struct cmd *self;
    const struct options *o;
    const struct config *config;
    int64_t now_ns;
    size_t wishes;    /* lists that are wanted */
    int64_t complete; /* instruments that are complete already */
    struct backfill_progress progress;
    pid_t worker;    /* requests the lists; 0: a running service does */
    int worker_ends; /* its exit status */
};

/* --- what is wanted --------------------------------------------------------------------------- */

static bool parse_date(const char *text, int64_t now_ns, int64_t *day)
{
    int32_t given;
    bool yesterday = strcmp(text, "yesterday") == 0;
    if (yesterday || strcmp(text, "today") == 0) {
        *day = art_day(now_ns) - yesterday;
        return true;
    }
    if (!clock_parse_day(text, &given))
        return false;
    *day = given;
    return true;
}

static int note_unmatched(const struct backfill_wishes *wishes, struct reader *reader)
{
    struct buf notes;
    int status = STATUS_OK;
    buf_init(&notes, NOTES_BYTES);
    for (int i = 0; i < wishes->patterns_count; i++) {
        if (wishes->matched[i])
            continue;
        unmatched_put(&notes, reader, wishes->patterns[i]);
        status = STATUS_FAILED;
    }
    fputs(buf_text(&notes), stderr);
    buf_finish(&notes);
    return status;
}

static int store_wishes(struct backfill *b, const struct backfill_wishes *wishes)
{
    struct err err;
    const char *path = b->config->store.path;
    b->complete = wishes->complete;
    b->wishes = wishes->count;
    if (wishes->count == 0)
        return STATUS_OK;
    for (size_t i = 0; i < wishes->count; i++)
        backfill_progress_want(&b->progress, wishes->list[i].instrument_id);
    int rc = tape_wanted_add(path, wishes->list, wishes->count, b->now_ns, &err);
    return rc ? owners_fail(b->self, STATUS_FAILED, rc, path, &err) : STATUS_OK;
}

static int wish(struct backfill *b, struct reader *reader)
{
    struct err err;
    struct backfill_wishes wishes = {.patterns = (const char *const *)b->o->patterns.item,
                                     .patterns_count = b->o->patterns.count};
    int rc = backfill_wishes_read(&wishes, reader, b->progress.day, &err);
    if (rc && strstr(err.text, "no such table"))
        err_suffix(&err, ": an older version of cinta wrote it; 'cinta run' upgrades it");
    int status =
        rc ? cmd_fail(b->self, STATUS_FAILED, "%s", err.text) : note_unmatched(&wishes, reader);
    if (status == STATUS_OK && wishes.count == 0 && wishes.complete == 0)
        status = cmd_fail(b->self, STATUS_FAILED,
                          "no instrument was recorded on that day: give a PATTERN");
    if (status == STATUS_OK)
        status = store_wishes(b, &wishes);
    backfill_wishes_finish(&wishes);
    return status;
}

/* --- the process that requests the lists ------------------------------------------------------ */

static int worker_status(enum service_end end)
{
    switch (end) {
    case SERVICE_DONE:
        return STATUS_OK;
    case SERVICE_FAILED:
        return STATUS_FAILED;
    case SERVICE_CONFIG:
        return STATUS_CONFIG;
    case SERVICE_REFUSED:
        return STATUS_REFUSED;
    case SERVICE_UNREACHABLE:
        return STATUS_UNREACHABLE;
    }
    return STATUS_FAILED;
}

/* Reads the configuration again, because service_backfill() takes it. Ends with its parent. */
static void work(const struct backfill *b)
{
    struct config *config;
    struct err err = {0};
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGPIPE, SIG_IGN);
    log_init(LOG_LEVEL_ERROR);
    int status = common_config(b->self, b->o->config_path, &config);
    if (status == STATUS_OK) {
        enum service_end end = service_backfill(config, &err);
        status = worker_status(end);
        if (end != SERVICE_DONE)
            cmd_fail(b->self, status, "%s", err.text);
    }
    fflush(stderr);
    _exit(status);
}

/* Whether a service records into this state_dir now, which then requests the lists. */
static bool service_runs(const struct config *config)
{
    struct err err;
    int fd = run_lock_take(config->state_dir, &err);
    if (fd >= 0)
        close(fd);
    return fd == -EBUSY;
}

static int use_service(const struct backfill *b)
{
    if (b->config->poll.trades_ms == 0)
        return cmd_fail(b->self, STATUS_CONFIG,
                        "poll.trades_every is 0, so the running service requests no lists of "
                        "trades: set it to 30 and reload the service, or stop the service");
    if (!b->o->quiet && !b->o->json)
        printf("the running service requests the lists, one in %g s\n",
               (double)b->config->poll.trades_ms / 1000);
    return STATUS_OK;
}

static int start_work(struct backfill *b)
{
    fflush(NULL);
    b->worker = fork();
    if (b->worker == 0)
        work(b);
    return b->worker < 0
               ? cmd_fail(b->self, STATUS_FAILED, "cannot start a process: %s", strerror(errno))
               : STATUS_OK;
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* On a terminal one line that is redrawn; otherwise a line when something has changed. */
static void show(const struct backfill *b, const struct backfill_progress *before)
{
    struct buf line;
    bool bar = isatty(STDOUT_FILENO);
    if (b->o->quiet || b->o->json ||
        (before->merged == b->progress.merged && before->failed == b->progress.failed))
        return;
    buf_init(&line, NOTES_BYTES);
    if (bar) {
        buf_puts(&line, "\r");
        backfill_progress_bar(&b->progress, BAR_WIDTH, &line);
        buf_puts(&line, " ");
    }
    backfill_progress_put(&b->progress, &line);
    buf_puts(&line, bar ? "\033[K" : "\n");
    fputs(buf_text(&line), stdout);
    fflush(stdout);
    buf_finish(&line);
}

/* A worker that would go on with what others asked for is ended, and waited for. One that could not
 * start because a service, or the worker of another run, has started meanwhile is not needed. */
static bool worker_is_over(struct backfill *b, bool have_all)
{
    int status;
    if (have_all)
        kill(b->worker, SIGTERM);
    if (waitpid(b->worker, &status, have_all ? 0 : WNOHANG) != b->worker)
        return false;
    b->worker = 0;
    b->worker_ends = have_all ? STATUS_OK : WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_FAILED;
    if (b->worker_ends != STATUS_FAILED || !service_runs(b->config))
        return true;
    b->worker_ends = STATUS_OK;
    return false;
}

/* Whoever requests the lists may end before: the service, or the worker of another run. */
static bool is_over(struct backfill *b)
{
    bool have_all = b->progress.merged + b->progress.failed >= b->progress.wanted;
    if (b->worker)
        return worker_is_over(b, have_all);
    if (!have_all && !service_runs(b->config))
        b->worker_ends = start_work(b);
    return have_all || b->worker_ends != STATUS_OK;
}

static int look(struct backfill *b, struct err *err)
{
    struct reader *reader;
    int rc = reader_open(&reader, b->config->store.path, err);
    if (rc)
        return rc;
    rc = backfill_progress_read(&b->progress, reader, err);
    reader_close(reader);
    return rc;
}

static int wait_for_lists(struct backfill *b)
{
    const struct timespec pause = {0, LOOK_MS * NS_PER_MS};
    struct backfill_progress before = {.merged = -1};
    struct err err;
    bool over = false;
    for (;;) {
        if (look(b, &err))
            return cmd_fail(b->self, STATUS_FAILED, "%s", err.text);
        show(b, &before);
        before = b->progress;
        if (over)
            break;
        over = is_over(b); /* looked at once more: the worker writes until its end */
        if (!over)
            nanosleep(&pause, NULL);
    }
    if (isatty(STDOUT_FILENO) && !b->o->quiet && !b->o->json)
        fputs("\n", stdout);
    return b->worker_ends;
}

/* --- the command ------------------------------------------------------------------------------ */

static int conclude(const struct backfill *b, int status)
{
    const struct backfill_progress *p = &b->progress;
    struct buf out;
    buf_init(&out, NOTES_BYTES * 8);
    if (b->o->json)
        backfill_progress_json(p, b->complete, &out);
    else if (!b->o->quiet && b->complete)
        buf_printf(&out, "%lld instruments were complete before\n", (long long)b->complete);
    fputs(buf_text(&out), stdout);
    buf_finish(&out);
    if (!b->o->json)
        fputs(buf_text(&p->failures), stderr);
    if (status)
        return status;
    if (p->merged == p->wanted)
        return STATUS_OK;
    return cmd_fail(b->self, STATUS_FAILED,
                    "%lld of %lld lists are missing; the same command requests only these again",
                    (long long)(p->wanted - p->merged), (long long)p->wanted);
}

static int open_and_wish(struct backfill *b)
{
    struct reader *reader;
    struct err err;
    int rc = reader_open(&reader, b->config->store.path, &err);
    if (rc)
        return owners_fail(b->self, STATUS_FAILED, rc, b->config->store.path, &err);
    int status = wish(b, reader);
    reader_close(reader);
    return status;
}

static int complete(struct backfill *b)
{
    const char *const ours[] = {b->config->state_dir, b->config->store.path, NULL};
    int status = owners_refuse_root(b->self, ours);
    if (status == STATUS_OK)
        status = open_and_wish(b);
    if (status == STATUS_OK && b->wishes)
        status = service_runs(b->config) ? use_service(b) : start_work(b);
    if (status == STATUS_OK)
        status = conclude(b, b->wishes ? wait_for_lists(b) : STATUS_OK);
    backfill_progress_finish(&b->progress);
    return status;
}

/* Of any segment. */
static bool is_session_day(const struct calendar_set *sessions, int64_t day)
{
    struct calendar_times times;
    bool trading = false;
    for (int i = 0; i < sessions->count; i++)
        trading |= calendar_session(&sessions->each[i].calendar, day, &times);
    return trading;
}

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    struct config *config;
    struct backfill b = {.self = self, .o = o, .now_ns = clock_now().wall_ns};
    int64_t day;
    if (!o->date)
        return cmd_usage(self, "--date DATE is missing");
    if (!parse_date(o->date, b.now_ns, &day))
        return cmd_usage(self, "--date: '%s' is not a day: 2026-11-23, today or yesterday",
                         o->date);
    if (day > art_day(b.now_ns))
        return cmd_usage(self, "--date: %s is in the future", o->date);
    umask(umask(077) | 027);
    secret_guard();
    int status = common_config(self, o->config_path, &config);
    if (status)
        return status;
    status = common_broker(self, config);
    if (status) {
        config_free(config);
        return status;
    }
    if (!is_session_day(&config->sessions, day)) {
        config_free(config);
        return cmd_usage(self, "--date: %s is not a trading day; 'cinta calendar' prints them",
                         o->date);
    }
    backfill_progress_init(&b.progress, day, b.now_ns);
    b.config = config;
    status = complete(&b);
    config_free(config);
    return status;
}

const struct cmd cmd_backfill = {
    .name = "backfill",
    .usage = "[-c FILE] --date DATE [--quiet] [--json] [PATTERN...]",
    .summary = "completes the trades of a day from the broker's lists",
    .options = options,
    .operands = {"PATTERN", NULL, 0, INT_MAX, NULL, offsetof(struct options, patterns)},
    .notes = "Requests the broker's list of the trades of each instrument on that day, one in\n"
             "30 s (poll.trades_every), and adds those that were not recorded. A running\n"
             "service does it; otherwise this command does, with the token of the service.\n"
             "\n"
             "A PATTERN is a shell glob for symbols, without case: 'DLR/*'. Without one: all\n"
             "instruments that were to be recorded on that day, or else those of today. A\n"
             "pattern that matches none of them may match any instrument of the broker.\n"
             "\n"
             "It can be interrupted: a running service continues, and the same command later\n"
             "requests only what is missing. Exit status 1 when a list is missing, 69 when\n"
             "the broker cannot be reached, 77 when it refuses the login.\n",
    .options_bytes = sizeof(struct options),
    .run = run,
};
