#include "store/read/backup.h"

#include "cli/args.h"
#include "cli/owners.h"
#include "cli/protected_files.h"
#include "cli/status_view.h"
#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct options {
    const char *config_path, *db_path, *to;
    bool force;
};

enum { CONFIG, DB, FORCE };

static const struct option_row options[] = {
    [CONFIG] = OPTION_CONFIG,
    [DB] = {"db", 0, "FILE", "copy this database, not the one in the configuration"},
    [FORCE] = {"force", 'f', NULL, "replace FILE if it exists"},
    {0},
};

static int parse_options(const struct cmd *self, int argc, char **argv, struct options *o)
{
    struct args args;
    const char *value, *const *rest;
    int option, count;

    args_init(&args, self, argc, argv);
    while ((option = args_next(&args, &value)) >= 0) {
        if (option == CONFIG)
            o->config_path = value;
        else if (option == DB)
            o->db_path = value;
        else
            o->force = true;
    }
    if (option == ARGS_WRONG)
        return STATUS_USAGE;
    rest = args_rest(&args, &count);
    if (count != 1)
        return cmd_usage(self, count ? "takes one FILE, not %d" : "the FILE to write is missing",
                         count);
    o->to = rest[0];
    if (strcmp(o->to, "-") == 0)
        return cmd_usage(self, "a copy cannot be written to standard output: give a FILE");
    return STATUS_OK;
}

static void show_progress(void *arg, int64_t done, int64_t all)
{
    char done_text[32], all_text[32];
    int64_t *total = arg;
    *total = all;
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r%s of %s, %d %%\033[K", status_size_text(done_text, (double)done),
            status_size_text(all_text, (double)all), all ? (int)(100 * done / all) : 100);
    if (done == all)
        fputs("\r\033[K", stderr);
}

static int copy(const struct cmd *self, const struct options *o, const char *from)
{
    char size[32];
    int64_t bytes = 0;
    struct err err;
    int rc = backup_database(from, o->to, o->force, show_progress, &bytes, &err);
    if (rc == -EEXIST)
        return cmd_fail(self, STATUS_FAILED, "%s; --force replaces it", err.text);
    if (rc)
        return owners_fail(self, STATUS_FAILED, rc, from, &err);
    printf("%s: %s\n", o->to, status_size_text(size, (double)bytes));
    return STATUS_OK;
}

/* With --db the configuration is not needed; if it exists, its files are protected anyway. */
static int run(const struct cmd *self, int argc, char **argv)
{
    struct options o = {.config_path = config_default_path()};
    struct config *config = NULL;
    struct err err;

    int status = parse_options(self, argc, argv, &o);
    if (status)
        return status;
    int rc = config_load(o.config_path, &config, &err);
    if (rc && !o.db_path)
        return cmd_fail(self, STATUS_CONFIG, "%s", err.text);
    const char *from = o.db_path ? o.db_path : config->store.path;
    if (protected_files_check(o.to, o.config_path, config, &err))
        status = cmd_fail(self, STATUS_FAILED, "%s", err.text);
    if (status == STATUS_OK)
        status = owners_become(self, from, o.to);
    if (status == STATUS_OK)
        status = copy(self, &o, from);
    config_free(config);
    return status;
}

const struct cmd cmd_backup = {
    .name = "backup",
    .arguments = "[-c FILE | --db FILE] [--force] FILE",
    .summary = "copies the database, also while the service writes it",
    .options = options,
    .notes = "FILE becomes a consistent copy of the database at one moment, for sqlite3, for\n"
             "`cinta quotes --db` or to restore a lost database. It gets its name once it is\n"
             "complete. A copy made with cp misses the changes in the -wal file. A database\n"
             "that is being recorded and the files of the configuration are never replaced,\n"
             "also when FILE is a link to them.\n",
    .run = run,
};
