#include "base/log.h"
#include "base/secret.h"
#include "cli/args.h"
#include "cli/owners.h"
#include "config/config.h"
#include "service/service.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct options {
    const char *config_path;
    enum log_level level;
};

static int parse_level(const char *name, enum log_level *level)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    for (int i = 0; i < 4; i++) {
        if (strcmp(name, names[i]) == 0) {
            *level = (enum log_level)i;
            return 0;
        }
    }
    return -1;
}

enum { CONFIG, LOG };

static const struct option_row options[] = {
    [CONFIG] = OPTION_CONFIG,
    [LOG] = {"log", 0, "LEVEL", "error, warn, info (default) or debug"},
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
        else if (parse_level(value, &o->level))
            return cmd_usage(self, "--log: '%s' is not valid; allowed: error, warn, info, debug",
                             value);
    }
    return option == ARGS_WRONG ? STATUS_USAGE : args_none_left(&args);
}

static int exit_status(const struct cmd *self, enum service_end end, const struct err *err)
{
    switch (end) {
    case SERVICE_DONE:
        return STATUS_OK;
    case SERVICE_FAILED:
        break;
    case SERVICE_CONFIG:
        return cmd_fail(self, STATUS_CONFIG, "%s", err->text);
    case SERVICE_REFUSED:
        return cmd_fail(self, STATUS_REFUSED, "not logged in: %s", err->text);
    }
    return cmd_fail(self, STATUS_FAILED, "%s", err->text);
}

static int run(const struct cmd *self, int argc, char **argv)
{
    struct options o = {.config_path = config_default_path(), .level = LOG_LEVEL_INFO};
    struct config *config;
    struct err err = {0};

    int rc = parse_options(self, argc, argv, &o);
    if (rc)
        return rc;
    umask(umask(077) | 027); /* the group may read data; private files are created with 0600 */
    secret_guard();
    log_init(o.level);
    if (config_load(o.config_path, &config, &err))
        return cmd_fail(self, STATUS_CONFIG, "%s", err.text);
    const char *const ours[] = {config->state_dir, config->store.path, NULL};
    rc = owners_refuse_root(self, ours);
    if (rc) {
        config_free(config);
        return rc;
    }
    return exit_status(self, service_run(config, &err), &err);
}

const struct cmd cmd_run = {
    .name = "run",
    .arguments = "[-c FILE] [--log LEVEL]",
    .summary = "runs the service in the foreground: streams, polls and records",
    .options = options,
    .notes = "TERM, INT  write all data to the database and exit with status 0\n"
             "HUP        read the configuration again; if it has errors, keep the old one\n"
             "USR1       log the state and the recent log lines of all levels\n"
             "\n"
             "Exit status: 0 done, 1 failed, 2 wrong usage, 77 credentials refused, 78 bad\n"
             "configuration.\n",
    .run = run,
};
