#include "base/clock.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/event_table.h"
#include "cli/owners.h"
#include "cli/screen.h"
#include "cli/status_values.h"
#include "cli/status_view.h"
#include "config/state_dir_scan.h"
#include "files/owner.h"
#include "net/responder.h"
#include "service/status.h"
#include "store/read/reader.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_BYTES (1024 * 1024)
#define TIMEOUT_MS   5000

struct options {
    const char *config_path;
    bool json;
};

static const struct option_row options[] = {
    {OPTION_CONFIG(struct options, config_path)},
    {OPTION_JSON(struct options, json)},
    {0},
};

/* --- a running service ------------------------------------------------------------------------ */

static int print_answer(const struct cmd *self, const struct buf *answer, bool json)
{
    struct buf out;
    struct err err;
    struct json_parser *parser = json_parser_create();
    const struct json *root =
        parser ? json_parse(parser, buf_text(answer), answer->len_bytes, &err) : NULL;
    int status = STATUS_OK;
    buf_init(&out, ANSWER_BYTES);
    if (json)
        fputs(buf_text(answer), stdout);
    else if (root)
        status_view_print(&out, root, screen_width(), clock_now().wall_ns);
    else
        status = cmd_fail(self, STATUS_FAILED, "the service's answer cannot be read: %s",
                          parser ? err.text : "out of memory");
    fputs(buf_text(&out), stdout);
    buf_finish(&out);
    json_parser_destroy(parser);
    return status;
}

/* --- a stopped service ------------------------------------------------------------------------ */

static int on_event(void *arg, int columns, const struct reader_value *values)
{
    (void)columns;
    event_table_add(arg, strtoll(values[0].text, NULL, 10), values[1].text, values[2].text,
                    values[3].text);
    return 0;
}

/* "quotes of 12 instruments; the last one was confirmed 2026-11-23 16:10 ART, 3 h 5 min ago" */
static int on_seen(void *arg, int columns, const struct reader_value *values)
{
    int64_t now_ns = *(const int64_t *)arg, seen_ns = strtoll(values[1].text, NULL, 10);
    char when[CLOCK_TEXT], age[STATUS_AGE_TEXT];
    (void)columns;
    if (values[1].type == READER_NULL) {
        printf("no quotes yet\n");
        return 0;
    }
    printf("quotes of %s instruments; the last one was confirmed %s ART", values[0].text,
           art_short_text(when, seen_ns, now_ns));
    if (seen_ns <= now_ns)
        printf(", %s ago\n", status_age_text(age, (double)(now_ns - seen_ns) / 1e9));
    else
        printf(", %s ahead of this machine's clock\n",
               status_age_text(age, (double)(seen_ns - now_ns) / 1e9));
    return 0;
}

static void print_last_events(struct reader *reader, int64_t now_ns)
{
    struct event_table events;
    struct buf out;
    buf_init(&out, ANSWER_BYTES);
    event_table_init(&events, now_ns);
    reader_select(
        reader,
        READER_QUERY(
            "SELECT ts, kind, symbol, detail FROM (SELECT * FROM feed_log ORDER BY ts DESC "
            "LIMIT 8) ORDER BY ts"),
        on_event, &events, NULL);
    event_table_print(&events, screen_width(), &out);
    printf("%s%s", out.len_bytes ? "\nlast events\n" : "no events yet\n", buf_text(&out));
    event_table_finish(&events);
    buf_finish(&out);
}

/* The last quote and the last events in the database. */
static void print_database(const char *path)
{
    int64_t now_ns = clock_now().wall_ns;
    struct reader *reader;
    struct err err;
    if (reader_open(&reader, path, &err)) {
        printf("\ndatabase: %s\n", err.text);
        return;
    }
    printf("\ndatabase: %s\n", path);
    reader_select(reader, READER_QUERY("SELECT count(*), max(ts_seen) FROM quotes"), on_seen,
                  &now_ns, NULL);
    print_last_events(reader, now_ns);
    reader_close(reader);
}

/* Without access to the socket it is unknown whether the service runs. */
static int report_denied(const struct cmd *self, const char *path)
{
    struct err err;
    char ours[OWNER_NAME];
    err_set(&err, -EACCES,
            "cannot query the service at %s as user '%s': only its own user and root may", path,
            owner_name(ours, geteuid()));
    return owners_fail(self, STATUS_FAILED, -EACCES, path, &err);
}

static int report_stopped(const struct options *o, const struct config *config, const char *path)
{
    const char *config_path = common_config_path(o->config_path);
    const bool packaged = strcmp(config_path, CONFIG_PACKAGED) == 0;
    printf("not running: no service answers at %s\nstart it: %s, or 'cinta run -c %s'\n", path,
           packaged ? "'systemctl start cinta' if the package is installed"
                    : "with its own unit of systemd, if it has one",
           config_path);
    print_database(config->store.path);
    return STATUS_FAILED;
}

static int report_no_answer(const struct cmd *self, const struct options *o,
                            const struct config *config, const char *path, int rc)
{
    if (rc == -EACCES)
        return report_denied(self, path);
    if (o->json) {
        printf("{\"running\":false}\n");
        return STATUS_FAILED;
    }
    if (rc == -ENOENT || rc == -ECONNREFUSED)
        return report_stopped(o, config, path);
    return cmd_fail(self, STATUS_FAILED, "cannot query the service at %s: %s", path, strerror(-rc));
}

/* The service may be running with the configuration that was valid when it read it. */
static int report_without_config(const struct cmd *self, const struct options *o,
                                 const struct err *why)
{
    char folder[PATH_MAX - 32], path[PATH_MAX];
    struct buf answer;
    buf_init(&answer, ANSWER_BYTES);
    state_dir_of(folder, sizeof(folder), common_config_path(o->config_path));
    status_socket_path(path, sizeof(path), folder);
    int rc = responder_ask(path, TIMEOUT_MS, &answer);
    int status = rc ? STATUS_CONFIG : print_answer(self, &answer, o->json);
    if (rc)
        cmd_fail(self, STATUS_CONFIG, "%s (and no service answers at %s: %s)", why->text, path,
                 strerror(-rc));
    else
        cmd_fail(self, STATUS_CONFIG,
                 "%s: a service runs with an earlier configuration; it refuses this one at a "
                 "reload or restart",
                 why->text);
    buf_finish(&answer);
    return status;
}

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    struct config *config;
    struct buf answer;
    struct err err;
    char path[PATH_MAX];
    int status;
    if (config_load(common_config_path(o->config_path), &config, &err))
        return report_without_config(self, o, &err);
    buf_init(&answer, ANSWER_BYTES);
    status_socket_path(path, sizeof(path), config->state_dir);
    int rc = responder_ask(path, TIMEOUT_MS, &answer);
    status =
        rc ? report_no_answer(self, o, config, path, rc) : print_answer(self, &answer, o->json);
    buf_finish(&answer);
    config_free(config);
    return status;
}

const struct cmd cmd_status = {
    .name = "status",
    .usage = "[-c FILE] [--json]",
    .summary = "shows the state of the running service: mode, sources, last events",
    .options = options,
    .notes = "Queries the service through the socket in its state_dir, as the same user or as\n"
             "root. Times are local in Argentina (ART); --json has UTC. When the service does\n"
             "not run, the exit status is 1, and the last quote and the last events in the\n"
             "database are shown.\n",
    .options_bytes = sizeof(struct options),
    .run = run,
};
