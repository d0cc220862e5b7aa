#include "app/config.h"
#include "app/credentials.h"
#include "cli/cmd.h"

#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

struct options {
    const char *config_path;
    bool quiet;
};

static int parse_options(const struct cmd *self, int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"config", required_argument, NULL, 'c'}, {"quiet", no_argument, NULL, 'q'}, {0}};
    int c;

    opterr = 0;
    while ((c = getopt_long(argc, argv, ":c:q", longs, NULL)) != -1) {
        switch (c) {
        case 'c':
            o->config_path = optarg;
            break;
        case 'q':
            o->quiet = true;
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

/* Tells where the password is and whether it can be used, never what it is. */
static int check_password(const struct config *config, bool quiet)
{
    char path[PATH_MAX];
    struct err err;
    struct secret password;
    struct credentials *credentials = credentials_create();
    if (!credentials)
        return STATUS_FAILED;
    int rc = credentials_password(credentials, config, &password, &err);
    if (rc)
        fprintf(stderr, "cinta check: %s\n", err.text);
    else if (!quiet)
        printf("\npassword: found in %s\n",
               credentials_origin(credentials, config, path, sizeof(path)));
    secret_wipe(&password);
    credentials_destroy(credentials);
    return rc ? STATUS_CONFIG : STATUS_OK;
}

static int run(const struct cmd *self, int argc, char **argv)
{
    struct options o = {.config_path = config_default_path()};
    struct config *config;
    struct err err;

    int status = parse_options(self, argc, argv, &o);
    if (status)
        return status;
    if (config_load(o.config_path, &config, &err)) {
        fprintf(stderr, "cinta check: %s\n", err.text);
        return STATUS_CONFIG;
    }
    if (!o.quiet) {
        printf("# %s\n", o.config_path);
        config_print(config, stdout);
    }
    status = check_password(config, o.quiet);
    config_free(config);
    return status;
}

const struct cmd cmd_check = {
    .name = "check",
    .arguments = "[-c FILE] [--quiet]",
    .summary = "validates the configuration and prints what is in force",
    .help =
        "  -c, --config FILE   configuration (default $CINTA_CONF, else /etc/cinta/cinta.conf)\n"
        "  -q, --quiet         errors only\n"
        "\n"
        "Each value is followed by where it comes from: a line of the file, or the default.\n"
        "Keys whose part is not built yet are marked. Secrets are never shown. Exit status 78\n"
        "when something is wrong, with file, line and key.\n",
    .run = run,
};
