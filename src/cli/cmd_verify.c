#include "store/read/verify.h"

#include "base/buf.h"
#include "base/json_write.h"
#include "cli/args.h"
#include "cli/owners.h"
#include "config/config.h"

#include <stdio.h>

#define JSON_BYTES 65536

struct options {
    const char *config_path, *db_path;
    bool json;
};

enum { CONFIG, DB, JSON };

static const struct option_row options[] = {
    [CONFIG] = OPTION_CONFIG,
    [DB] = {"db", 0, "FILE", "check this database, not the one in the configuration"},
    [JSON] = {"json", 0, NULL, "print one JSON object"},
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
        else if (option == DB)
            o->db_path = value;
        else
            o->json = true;
    }
    return option == ARGS_WRONG ? STATUS_USAGE : args_none_left(&args);
}

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

static int run(const struct cmd *self, int argc, char **argv)
{
    struct options o = {.config_path = config_default_path()};
    struct config *config = NULL;
    struct err err;

    int status = parse_options(self, argc, argv, &o);
    if (status)
        return status;
    if (!o.db_path && config_load(o.config_path, &config, &err))
        return cmd_fail(self, STATUS_CONFIG, "%s", err.text);
    status = verify(self, o.db_path ? o.db_path : config->store.path, o.json);
    config_free(config);
    return status;
}

const struct cmd cmd_verify = {
    .name = "verify",
    .arguments = "[-c FILE | --db FILE] [--json]",
    .summary = "checks that the database is intact and has every change once",
    .options = options,
    .notes = "Checks the structure of the file, and that every committed change is in it\n"
             "exactly once, without a gap in seq. Works while the service runs. Reads the\n"
             "whole file: a few seconds per gigabyte. Exit status 1 when anything is wrong.\n",
    .run = run,
};
