#include "base/clock.h"
#include "broker/credentials.h"
#include "cli/check_instruments.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "config/path_check.h"
#include "files/export_names.h"
#include "files/owner.h"
#include "files/run_as.h"
#include "market/feed_graph.h"
#include "primary/reference.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GRAPH_BYTES 65536

struct options {
    const char *config_path;
    bool quiet, graph, instruments;
};

static const struct option_row options[] = {
    {OPTION_CONFIG(struct options, config_path)},
    {OPTION_QUIET(struct options, quiet)},
    {"graph", 0, NULL, "only print the states of the feed as a graph (DOT)",
     OPTION_FLAG(struct options, graph)},
    {"instruments", 0, NULL, "only print what the rules of section instruments select",
     OPTION_FLAG(struct options, instruments)},
    {0},
};

static void show_password(const char *origin, const struct secret *password, bool quiet)
{
    const char *doubt = credentials_doubt(password);
    if (!quiet)
        printf("\npassword: found in %s\n", origin);
    if (doubt)
        fprintf(stderr, "cinta check: warning: the password in %s: %s\n", origin, doubt);
}

/* Prints where the password is and whether it can be used, never the password. */
static int check_password(const struct cmd *self, const struct config *config, uid_t user,
                          bool quiet)
{
    char path[PATH_MAX];
    struct err err;
    struct secret password;
    struct credentials *credentials = credentials_create();
    if (!credentials)
        return STATUS_FAILED;
    credentials_judge_for(credentials, user);
    int rc = credentials_password(credentials, config, &password, &err);
    if (rc)
        cmd_fail(self, rc, "%s", err.text);
    else
        show_password(credentials_origin(credentials, config, path, sizeof(path)), &password,
                      quiet);
    secret_wipe(&password);
    credentials_destroy(credentials);
    return rc ? STATUS_CONFIG : STATUS_OK;
}

/* Valid values whose function does not exist yet. */
static void print_unbuilt(const struct config *config)
{
    if (strcmp(config->export.format, EXPORT_FORMAT_LATER) == 0)
        puts("\nexport.format: " EXPORT_FORMAT_LATER
             " is not built yet; `cinta export` will refuse it");
}

static void show_problem(void *arg, const char *words)
{
    cmd_fail(arg, 0, "%s", words);
}

/*
 * The service runs as the owner of its folder. As root, this reads the password file, which that
 * user need not be able to read, and then changes to that user, so that the checks do not pass only
 * because root may do everything.
 */
static int check_as_service(const struct cmd *self, const struct config *config, bool quiet)
{
    struct run_as service = {geteuid(), getegid()};
    char name[OWNER_NAME];
    struct err err;
    bool other =
        run_as_needed(config->state_dir, &service) || run_as_needed(config->store.path, &service);
    bool replica = *config->source.nats != '\0'; /* asks no broker */
    int status = replica ? STATUS_OK : check_password(self, config, service.uid, quiet);
    if (other && run_as_become(&service, &err))
        return cmd_fail(self, STATUS_FAILED, "%s", err.text);
    if (!quiet)
        printf("\nfiles: as user '%s'%s\n", owner_name(name, service.uid),
               other ? ", who owns them" : "");
    fflush(stdout);
    if (!replica)
        check_instruments_warn(config);
    return path_check(config, show_problem, (void *)self) ? STATUS_CONFIG : status;
}

static int print_graph(void)
{
    struct buf out;
    buf_init(&out, GRAPH_BYTES);
    feed_graph(&out);
    fputs(buf_text(&out), stdout);
    buf_finish(&out);
    return STATUS_OK;
}

static int print_instruments(const struct config *config)
{
    int status = check_instruments_print(config);
    check_instruments_warn(config);
    return status;
}

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    struct config *config;
    if (o->graph)
        return print_graph();
    int status = common_config(self, o->config_path, &config);
    if (status)
        return status;
    if (o->instruments) {
        status = common_broker(self, config);
        if (status == STATUS_OK)
            status = print_instruments(config);
        config_free(config);
        return status;
    }
    if (!o->quiet) {
        printf("# %s\n", common_config_path(o->config_path));
        config_print(config, stdout);
        print_unbuilt(config);
    }
    status = check_as_service(self, config, o->quiet);
    config_free(config);
    return status;
}

const struct cmd cmd_check = {
    .name = "check",
    .usage = "[-c FILE] [--quiet] [--graph] [--instruments]",
    .summary = "validates the configuration and prints the values in use",
    .options = options,
    .notes = "Each value is followed by its origin: a line of the file, or the default. Keys\n"
             "without effect yet are marked. Secrets are never shown. Exit status 78 when\n"
             "something is wrong; the message has file, line and key. As root, files and\n"
             "folders are checked for the user who owns state_dir, the user of the service.\n"
             "\n"
             "--instruments reads the list that the service or 'cinta init' has cached, and\n"
             "shows what each rule matches and which instruments are recorded.\n"
             "\n"
             "'cinta check --graph | dot -Tsvg' draws when the stream is used and when\n"
             "polling is.\n",
    .options_bytes = sizeof(struct options),
    .run = run,
};
