#include "app/config.h"
#include "app/service.h"
#include "base/log.h"
#include "cli/cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

static int parse_options(const struct cmd *self, int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"config", required_argument, NULL, 'c'}, {"log", required_argument, NULL, 'l'}, {0}};
    int c;

    opterr = 0;
    while ((c = getopt_long(argc, argv, ":c:", longs, NULL)) != -1) {
        switch (c) {
        case 'c':
            o->config_path = optarg;
            break;
        case 'l':
            if (parse_level(optarg, &o->level))
                return cmd_usage(self, "--log takes error, warn, info or debug, not '%s'", optarg);
            break;
        case ':':
            return cmd_usage(self, "%s needs a value", argv[optind - 1]);
        default:
            return cmd_usage(self, "no option '%s'", argv[optind - 1]);
        }
    }
    if (optind < argc)
        return cmd_usage(self, "takes no argument '%s'", argv[optind]);
    return 0;
}

/* The token and, for a moment, the password are in memory: no core dump, no other user's debugger.
 */
static void guard_memory(void)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* the leak check at exit attaches to its own process */
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

static int exit_status(enum service_end end, const struct err *err)
{
    switch (end) {
    case SERVICE_DONE:
        return STATUS_OK;
    case SERVICE_FAILED:
        break;
    case SERVICE_CONFIG:
        fprintf(stderr, "cinta run: %s\n", err->text);
        return STATUS_CONFIG;
    case SERVICE_REFUSED:
        fprintf(stderr, "cinta run: not logged in: %s\n", err->text);
        return STATUS_REFUSED;
    }
    fprintf(stderr, "cinta run: %s\n", err->text);
    return STATUS_FAILED;
}

static int run(const struct cmd *self, int argc, char **argv)
{
    struct options o = {.config_path = config_default_path(), .level = LOG_LEVEL_INFO};
    struct config *config;
    struct err err = {0};

    int rc = parse_options(self, argc, argv, &o);
    if (rc)
        return rc;
    umask(077);
    guard_memory();
    log_init(o.level);
    if (config_load(o.config_path, &config, &err)) {
        fprintf(stderr, "cinta run: %s\n", err.text);
        return STATUS_CONFIG;
    }
    return exit_status(service_run(config, &err), &err);
}

const struct cmd cmd_run = {
    .name = "run",
    .arguments = "[-c FILE] [--log LEVEL]",
    .summary = "the service: polls the broker and records, in the foreground",
    .help =
        "  -c, --config FILE   configuration (default $CINTA_CONF, else /etc/cinta/cinta.conf)\n"
        "      --log LEVEL     error, warn, info (default) or debug\n"
        "\n"
        "TERM, INT  write everything out and exit 0\n"
        "HUP        read the configuration again (a bad one is refused, the old one kept)\n"
        "USR1       dump the state and the recent log lines of all levels\n"
        "\n"
        "exit status: 0 done, 1 failed, 2 wrong usage, 77 credentials refused, 78 bad\n"
        "configuration\n",
    .run = run,
};
