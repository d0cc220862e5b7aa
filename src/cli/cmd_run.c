#include "base/log.h"
#include "base/secret.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/owners.h"
#include "service/service.h"

#include <stdio.h>
#include <sys/stat.h>

struct options {
    const char *config_path;
    int level; /* enum log_level */
};

static const struct options defaults = {.level = LOG_LEVEL_INFO};
static const char *const levels[] = {"error", "warn", "info", "debug", NULL};

static const struct option_row options[] = {
    {OPTION_CONFIG(struct options, config_path)},
    {"log", 0, NULL, "the least important lines to log (default info)",
     OPTION_CHOICE(struct options, level, levels)},
    {0},
};

static int exit_status(const struct cmd *self, enum service_end end, const struct err *err)
{
    switch (end) {
    case SERVICE_DONE:
        return STATUS_OK;
    case SERVICE_FAILED:
    case SERVICE_UNREACHABLE:
        break;
    case SERVICE_CONFIG:
        return cmd_fail(self, STATUS_CONFIG, "%s", err->text);
    case SERVICE_REFUSED:
        return cmd_fail(self, STATUS_REFUSED,
                        "not logged in: %s; 'cinta doctor' tests the login step by step",
                        err->text);
    }
    return cmd_fail(self, STATUS_FAILED, "%s", err->text);
}

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    struct config *config;
    struct err err = {0};

    umask(umask(077) | 027); /* the group may read data; private files are created with 0600 */
    secret_guard();
    log_init((enum log_level)o->level);
    int status = common_config(self, o->config_path, &config);
    if (status)
        return status;
    const char *const ours[] = {config->state_dir, config->store.path, NULL};
    status = owners_refuse_root(self, ours);
    if (status) {
        config_free(config);
        return status;
    }
    return exit_status(self, service_run(config, &err), &err);
}

const struct cmd cmd_run = {
    .name = "run",
    .usage = "[-c FILE] [--log LEVEL]",
    .summary = "runs the service in the foreground: streams, polls and records",
    .options = options,
    .notes = "TERM, INT  write all data to the database and exit with status 0\n"
             "HUP        read the configuration again; if it has errors, keep the old one;\n"
             "           unchanged: try again at once what fails\n"
             "USR1       log the state and the recent log lines of all levels\n"
             "\n"
             "Exit status: 0 done, 1 failed, 2 wrong usage, 77 credentials refused, 78 bad\n"
             "configuration.\n",
    .options_bytes = sizeof(struct options),
    .defaults = &defaults,
    .run = run,
};
