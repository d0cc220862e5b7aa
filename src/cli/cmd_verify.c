#include "store/read/verify.h"

#include "base/buf.h"
#include "base/json_write.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/owners.h"

#include <stdio.h>

#define JSON_BYTES 65536

struct options {
    struct database_options db;
    bool json;
};

static const struct option_row options[] = {
    {OPTION_CONFIG(struct options, db.config_path)},
    {OPTION_DB("check", struct options, db.db_path)},
    {OPTION_JSON(struct options, json)},
    {0},
};

static void print_finding(void *arg, const char *what, bool good, const char *detail)
{
    (void)arg;
    printf("%-24s %-5s  %s\n", what, good ? "ok" : "WRONG", detail);
    fflush(stdout); /* the next check may take long */
}

static void put_finding(void *arg, const char *what, bool good, const char *detail)
{
    struct buf *out = arg;
    buf_puts(out, out->len_bytes ? ",{\"check\":" : "{\"check\":");
    json_put_string(out, what);
    buf_puts(out, good ? ",\"ok\":true,\"detail\":" : ",\"ok\":false,\"detail\":");
    json_put_string(out, detail);
    buf_puts(out, "}");
}

static int verify(const struct cmd *self, const char *path, bool json)
{
    struct buf out;
    struct err err;
    int bad;
    buf_init(&out, JSON_BYTES);
    int rc = verify_database(path, json ? put_finding : print_finding, &out, &bad, &err);
    if (rc == 0 && json)
        printf("{\"ok\":%s,\"checks\":[%s]}\n", bad ? "false" : "true", buf_text(&out));
    buf_finish(&out);
    if (rc)
        return owners_fail(self, STATUS_FAILED, rc, path, &err);
    return bad ? STATUS_FAILED : STATUS_OK;
}

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    struct config *config;
    const char *path;
    int status = common_database(self, &o->db, &config, &path);
    if (status == STATUS_OK)
        status = verify(self, path, o->json);
    config_free(config);
    return status;
}

const struct cmd cmd_verify = {
    .name = "verify",
    .usage = "[-c FILE | --db FILE] [--json]",
    .summary = "checks that the database is intact and has every change once",
    .options = options,
    .notes = "Checks the structure of the file, and that every committed change is in it\n"
             "exactly once, without a gap in seq. Works while the service runs. Reads the\n"
             "whole file: a few seconds per gigabyte. Exit status 1 when anything is wrong.\n",
    .options_bytes = sizeof(struct options),
    .run = run,
};
