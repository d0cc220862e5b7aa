#include "app/config.h"
#include "app/status.h"
#include "base/json_write.h"
#include "base/owner.h"
#include "cli/args.h"
#include "cli/owners.h"
#include "cli/status_view.h"
#include "net/responder.h"
#include "store/reader.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_BYTES (1024 * 1024)
#define PATIENCE_MS  5000

struct options {
    const char *config_path;
    bool json;
};

enum { CONFIG, JSON };

static const struct option_row options[] = {
    [CONFIG] = OPTION_CONFIG,
    [JSON] = {"json", 0, NULL, "as one JSON object"},
    {0},
};

static int parse_options(const struct cmd *self, int argc, char **argv, struct options *o)
{
    struct args args;
    const char *value;
    int option;

    args_init(&args, self, argc, argv);
    while ((option = args_next(&args, &value)) >= 0) {
        if (option == CONFIG)
            o->config_path = value;
        else
            o->json = true;
    }
    return option == ARGS_WRONG ? STATUS_USAGE : args_none_left(&args);
}

/* --- a service that runs ---------------------------------------------------------------------- */

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
        status_view_print(&out, root);
    else
        status = cmd_fail(self, STATUS_FAILED, "the service's answer cannot be read: %s",
                          parser ? err.text : "out of memory");
    fputs(buf_text(&out), stdout);
    buf_finish(&out);
    json_parser_destroy(parser);
    return status;
}

/* --- one that does not ------------------------------------------------------------------------ */

static int print_event(void *arg, int columns, const struct reader_value *values)
{
    (void)arg;
    (void)columns;
    printf("  %s  %s%s%s  %s\n", values[0].text, values[1].text, *values[2].text ? "  " : "",
           values[2].text, values[3].text);
    return 0;
}

/* Its last words are in the database. */
static void print_last_events(const char *path)
{
    struct reader *reader;
    struct err err;
    if (reader_open(&reader, path, &err))
        return;
    printf("\nits last words in %s:\n", path);
    reader_select(reader,
                  "SELECT time, kind, symbol, detail FROM (SELECT * FROM feed_log ORDER BY ts DESC "
                  "LIMIT 8) ORDER BY ts",
                  NULL, 0, print_event, NULL, &err);
    reader_close(reader);
}

/* Whether it runs, nobody can tell. */
static int tell_denied(const struct cmd *self, const char *path)
{
    struct err err;
    char ours[OWNER_NAME];
    err_set(&err, -EACCES,
            "cannot ask the service at %s as user '%s': it answers its own user and root", path,
            owner_name(ours, geteuid()));
    return owners_fail(self, STATUS_FAILED, -EACCES, path, &err);
}

static int tell_silence(const struct cmd *self, const struct config *config, const char *path,
                        int rc, bool json)
{
    bool nobody = rc == -ENOENT || rc == -ECONNREFUSED;
    if (rc == -EACCES)
        return tell_denied(self, path);
    if (json) {
        printf("{\"running\":false}\n");
        return STATUS_FAILED;
    }
    if (nobody) {
        printf("not running: nobody answers at %s\n", path);
        print_last_events(config->store.path);
        return STATUS_FAILED;
    }
    return cmd_fail(self, STATUS_FAILED, "cannot ask the service at %s: %s", path, strerror(-rc));
}

static int run(const struct cmd *self, int argc, char **argv)
{
    struct options o = {.config_path = config_default_path()};
    struct config *config;
    struct buf answer;
    struct err err;
    char path[PATH_MAX];

    int status = parse_options(self, argc, argv, &o);
    if (status)
        return status;
    if (config_load(o.config_path, &config, &err))
        return cmd_fail(self, STATUS_CONFIG, "%s", err.text);
    buf_init(&answer, ANSWER_BYTES);
    status_socket_path(path, sizeof(path), config->state_dir);
    int rc = responder_ask(path, PATIENCE_MS, &answer);
    status =
        rc ? tell_silence(self, config, path, rc, o.json) : print_answer(self, &answer, o.json);
    buf_finish(&answer);
    config_free(config);
    return status;
}

const struct cmd cmd_status = {
    .name = "status",
    .arguments = "[-c FILE] [--json]",
    .summary = "what the running service does: mode, sources, ages, last events",
    .options = options,
    .notes = "Asks the service through the socket in its state_dir, so it takes the same user.\n"
             "Exit status 1 when it does not run; then its last events are shown.\n",
    .run = run,
};
