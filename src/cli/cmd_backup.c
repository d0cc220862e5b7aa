#include "store/read/backup.h"

#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/owners.h"
#include "cli/protected_files.h"
#include "cli/status_values.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct options {
    struct database_options db;
    bool force;
    struct option_texts to;
};

static const struct option_row options[] = {
    {OPTION_CONFIG(struct options, db.config_path)},
    {OPTION_DB("copy", struct options, db.db_path)},
    {"force", 'f', NULL, "replace FILE if it exists", OPTION_FLAG(struct options, force)},
    {0},
};

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

static int copy(const struct cmd *self, const char *from, const char *to, bool force)
{
    char size[32];
    int64_t bytes = 0;
    struct err err;
    const struct backup_parts parts = {from, to, force, show_progress, &bytes};
    int rc = backup_database(&parts, &err);
    if (rc == -EEXIST)
        return cmd_fail(self, STATUS_FAILED, "%s; --force replaces it", err.text);
    if (rc)
        return owners_fail(self, STATUS_FAILED, rc, from, &err);
    printf("%s: %s\n", to, status_size_text(size, (double)bytes));
    return STATUS_OK;
}

static int check_protected(const struct cmd *self, const struct options *o,
                           const struct config *config)
{
    struct err err;
    if (protected_files_check(o->to.item[0], common_config_path(o->db.config_path), config, &err))
        return cmd_fail(self, STATUS_FAILED, "%s", err.text);
    return STATUS_OK;
}

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    const char *from, *to = o->to.item[0];
    struct config *config;
    if (strcmp(to, "-") == 0)
        return cmd_usage(self, "a copy cannot be written to standard output: give a FILE");
    int status = common_database_protected(self, &o->db, &config, &from);
    if (status == STATUS_OK)
        status = check_protected(self, o, config);
    if (status == STATUS_OK)
        status = owners_become(self, from, to);
    if (status == STATUS_OK)
        status = copy(self, from, to, o->force);
    config_free(config);
    return status;
}

const struct cmd cmd_backup = {
    .name = "backup",
    .usage = "[-c FILE | --db FILE] [--force] FILE",
    .summary = "copies the database, also while the service writes it",
    .options = options,
    .operands = {"FILE", NULL, 1, 1, "the FILE to write is missing", offsetof(struct options, to)},
    .notes = "FILE becomes a consistent copy of the database at one moment, for sqlite3, for\n"
             "`cinta quotes --db` or to restore a lost database. It gets its name once it is\n"
             "complete. A copy made with cp misses the changes in the -wal file. A database\n"
             "that is being recorded and the files of the configuration are never replaced,\n"
             "also when FILE is a link to them.\n",
    .options_bytes = sizeof(struct options),
    .run = run,
};
