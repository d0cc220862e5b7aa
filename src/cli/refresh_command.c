#include "cli/refresh_command.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/owners.h"
#include "net/responder.h"
#include "service/refresh.h"
#include "service/status.h"
#include "store/read/reader.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIMIT_MS     (3 * 60 * 1000) /* many megabytes over a slow connection */
#define STORED_MS    10000           /* the service writes the list after it has read it */
#define LOOK_MS      200
#define ASK_MS       5000
#define ANSWER_BYTES (1024 * 1024)
#define WHY_BYTES    512

/* What the status of the service says of its reference data. */
struct progress {
    int attempts;
    char failed[WHY_BYTES]; /* "" = the last request did not fail */
};

/* --- a running service ------------------------------------------------------------------------ */

static int number_of(const struct json *value)
{
    double number;
    return json_number(value, &number) ? (int)number : 0;
}

/* -errno of the connection; `from` is the member that has the progress, NULL = the whole answer. */
static int ask(const char *path, const char *from, struct progress *out)
{
    struct buf answer;
    buf_init(&answer, ANSWER_BYTES);
    struct json_parser *parser = json_parser_create();
    int rc = parser ? responder_ask(path, ASK_MS, &answer) : -ENOMEM;
    const struct json *root =
        rc ? NULL : json_parse(parser, buf_text(&answer), answer.len_bytes, NULL);
    const struct json *progress = from ? json_get(root, from) : root;
    const char *failed = json_string(json_get(progress, "failed"));
    out->attempts = number_of(json_get(progress, "attempts"));
    snprintf(out->failed, sizeof(out->failed), "%s", failed ? failed : "");
    json_parser_destroy(parser);
    buf_finish(&answer);
    return rc;
}

static void pause_ms(int64_t ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS}, NULL);
}

static int on_read(void *arg, int columns, const struct reader_value *values)
{
    (void)columns;
    *(int64_t *)arg = strtoll(values[0].text, NULL, 10);
    return 0;
}

static int64_t stored_ns(const struct config *config)
{
    struct reader *reader;
    int64_t ts_read = 0;
    if (reader_open(&reader, config->store.path, NULL))
        return 0;
    reader_select(reader, READER_QUERY("SELECT ts_read FROM instrument_list"), on_read, &ts_read,
                  NULL);
    reader_close(reader);
    return ts_read;
}

static int wait_for_service(const struct cmd *self, const struct config *config, int attempts,
                            int64_t stored_before)
{
    char path[PATH_MAX];
    struct progress now = {.attempts = attempts};
    int64_t until_ms = clock_now().mono_ms + LIMIT_MS;
    status_socket_path(path, sizeof(path), config->state_dir);
    while (now.attempts == attempts && clock_now().mono_ms < until_ms) {
        pause_ms(LOOK_MS);
        if (ask(path, "reference", &now))
            return cmd_fail(self, STATUS_FAILED, "--refresh: the service has ended meanwhile");
    }
    if (now.attempts == attempts)
        return cmd_fail(self, STATUS_UNREACHABLE,
                        "--refresh: the service got no answer yet: see 'cinta status'");
    if (*now.failed)
        return cmd_fail(self, STATUS_UNREACHABLE, "--refresh: %s", now.failed);
    until_ms = clock_now().mono_ms + STORED_MS;
    while (stored_ns(config) == stored_before && clock_now().mono_ms < until_ms)
        pause_ms(LOOK_MS);
    return STATUS_OK;
}

/* --- no service ------------------------------------------------------------------------------- */

static int exit_status(enum refresh_end end)
{
    switch (end) {
    case REFRESH_DONE:
        return STATUS_OK;
    case REFRESH_CONFIG:
        return STATUS_CONFIG;
    case REFRESH_UNREACHABLE:
        return STATUS_UNREACHABLE;
    case REFRESH_REFUSED:
        return STATUS_REFUSED;
    case REFRESH_FAILED:
        break;
    }
    return STATUS_FAILED;
}

static int refresh_alone(const struct cmd *self, const struct config *config)
{
    const char *const paths[] = {config->state_dir, config->store.path, NULL};
    struct err err;
    int status = owners_refuse_root(self, paths);
    if (status)
        return status;
    log_init(LOG_LEVEL_ERROR);
    status = exit_status(refresh_once(config, LIMIT_MS, &err));
    log_mask(err.text);
    return status ? cmd_fail(self, status, "--refresh: %s", err.text) : STATUS_OK;
}

int refresh_command(const struct cmd *self, const struct config *config)
{
    char path[PATH_MAX];
    struct progress before;
    struct err err;
    int64_t stored = stored_ns(config);
    refresh_socket_path(path, sizeof(path), config->state_dir);
    int rc = ask(path, NULL, &before);
    if (rc == 0 && *before.failed)
        return cmd_fail(self, STATUS_FAILED, "--refresh: the service does not ask the broker: %s",
                        before.failed);
    if (rc == 0)
        return wait_for_service(self, config, before.attempts, stored);
    if (rc == -ENOENT || rc == -ECONNREFUSED)
        return refresh_alone(self, config);
    err_set(&err, rc, "--refresh: cannot reach the service at %s: %s", path, strerror(-rc));
    return owners_fail(self, STATUS_FAILED, rc, path, &err);
}
