#include "base/clock.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "files/program.h"
#include "files/run_as.h"
#include "market/alert_json.h"
#include "net/child.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define HOST_BYTES   256
#define OBJECT_BYTES 65536

struct options {
    const char *config_path;
    bool test;
};

static const struct option_row options[] = {
    {OPTION_CONFIG(struct options, config_path)},
    {"test", 0, NULL, "run the program once with a sample (required)",
     OPTION_FLAG(struct options, test)},
    {0},
};

struct run {
    struct loop *loop;
    struct child_end end;
    bool ended;
};

static void on_done(void *arg, const struct child_end *end)
{
    struct run *run = arg;
    run->end = *end;
    run->ended = true;
    loop_stop(run->loop);
}

static void on_signal(void *arg)
{
    loop_stop(arg);
}

/* --- the sample ------------------------------------------------------------------------------- */

static enum event_kind first_wanted(const struct alert_rules *rules)
{
    int kind = 0;
    while (kind < EVENT_KINDS && !rules->wanted[kind])
        kind++;
    return kind < EVENT_KINDS ? (enum event_kind)kind : EVENT_STALE;
}

static void put_sample(struct buf *object, struct buf *text, const struct alert_rules *rules)
{
    char host[HOST_BYTES] = "";
    struct alert sample = {
        .state = ALERT_BEGUN,
        .kind = first_wanted(rules),
        .detail = "sample sent by 'cinta alert --test'",
        .ts = clock_now().wall_ns - rules->after_ms * NS_PER_MS,
        .lasted_ms = rules->after_ms,
        .events = 1,
    };
    if (gethostname(host, sizeof(host) - 1))
        snprintf(host, sizeof(host), "unknown");
    alert_json_put(object, &sample, host, true);
    alert_text_put(text, &sample, host, true);
}

/* --- the run ---------------------------------------------------------------------------------- */

static int report(const struct cmd *self, const struct config_alert *alert, const struct run *run)
{
    if (!run->ended)
        return cmd_fail(self, STATUS_FAILED, "%s: interrupted", alert->command);
    if (run->end.late)
        return cmd_fail(self, STATUS_FAILED,
                        "%s: did not end within alert.limit, %.3g s, and was ended",
                        alert->command, (double)alert->limit_ms / 1000);
    if (run->end.signum)
        return cmd_fail(self, STATUS_FAILED, "%s: ended by signal %d", alert->command,
                        run->end.signum);
    printf("exit status %d: %s\n", run->end.status,
           run->end.status ? "the service would report alert_failed and try again" : "sent");
    return run->end.status ? STATUS_FAILED : STATUS_OK;
}

/* Runs the loop until the program has ended, or Ctrl-C: it has a process group of its own. */
static int wait_for(struct run *run, const struct child_parts *parts, struct err *err)
{
    struct child *child;
    struct loop_signal *interrupt = loop_signal_create(run->loop, SIGINT, on_signal, run->loop);
    struct loop_signal *term = loop_signal_create(run->loop, SIGTERM, on_signal, run->loop);
    int rc = child_start(&child, parts, err);
    if (rc == 0) {
        loop_run(run->loop);
        child_destroy(child);
    }
    loop_signal_destroy(term);
    loop_signal_destroy(interrupt);
    return rc;
}

static int send_sample(const struct cmd *self, const struct config_alert *alert)
{
    struct run run = {.loop = loop_create()};
    struct buf object, text;
    struct err err = {0};
    if (!run.loop)
        return cmd_fail(self, STATUS_FAILED, "cannot create the event loop: out of memory");
    buf_init(&object, OBJECT_BYTES);
    buf_init(&text, OBJECT_BYTES);
    put_sample(&object, &text, &alert->rules);
    printf("%s gets as argument:\n%s\n\non its standard input:\n%s\nits output:\n", alert->command,
           buf_text(&text), buf_text(&object));
    fflush(stdout);
    const char *const argv[] = {alert->command, buf_text(&text), NULL};
    const struct child_parts parts = {
        .loop = run.loop,
        .argv = argv,
        .input = buf_text(&object),
        .limit_ms = alert->limit_ms,
        .shown = true,
        .done = on_done,
        .arg = &run,
    };
    int rc = wait_for(&run, &parts, &err);
    int status = rc ? cmd_fail(self, STATUS_FAILED, "%s", err.text) : report(self, alert, &run);
    buf_finish(&text);
    buf_finish(&object);
    loop_destroy(run.loop);
    return status;
}

/* As the service's user, because root may execute and read more. */
static int become_service(const struct cmd *self, const struct config *config)
{
    struct run_as service;
    struct err err;
    if (run_as_needed(config->state_dir, &service) && run_as_become(&service, &err))
        return cmd_fail(self, STATUS_FAILED, "%s", err.text);
    return STATUS_OK;
}

static int test(const struct cmd *self, const struct config *config)
{
    struct err err;
    if (!*config->alert.command)
        return cmd_fail(self, STATUS_CONFIG,
                        "%s: alert.command is empty: name the program that sends alerts",
                        config->file);
    if (become_service(self, config))
        return STATUS_FAILED;
    if (program_check(config->alert.command, &err))
        return cmd_fail(self, STATUS_CONFIG, "alert.command: %s", err.text);
    return send_sample(self, &config->alert);
}

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    struct config *config;
    if (!o->test)
        return cmd_usage(self, "nothing to do: give --test");
    int status = common_config(self, o->config_path, &config);
    if (status == STATUS_OK)
        status = test(self, config);
    config_free(config);
    return status;
}

const struct cmd cmd_alert = {
    .name = "alert",
    .usage = "--test [-c FILE]",
    .summary = "runs the program of section alert once, with a sample alert",
    .options = options,
    .notes = "Shows the argument and the JSON object that the program gets, what it writes and\n"
             "its exit status. The service need not run. As root, the program runs as the user\n"
             "who owns state_dir, the user of the service, but without the sandbox of its\n"
             "unit. Exit status 1 when the program fails, 78 when none is configured or it\n"
             "cannot be executed.\n",
    .options_bytes = sizeof(struct options),
    .run = run,
};
