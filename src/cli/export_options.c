#include "cli/export_options.h"

#include "app/config_keys.h"
#include "store/marks.h"

#include <string.h>

static const char *usual(const char *key, const char *configured)
{
    return configured ? configured : config_key_find("export", key)->fallback;
}

static void choose_tables(const struct export_options *o, const struct config *config,
                          struct job_options *job)
{
    memcpy(job->tables, o->tables, sizeof(job->tables));
    if (o->tables_given)
        return;
    job->tables[EXTRACT_SNAPSHOTS] = job->tables[EXTRACT_TRADES] = !config;
    for (size_t i = 0; config && i < config->export.tables.count; i++)
        job->tables[extract_table_find(config->export.tables.item[i])] = true;
}

/* The name of a file says what is in it, unless an option does. */
static int choose_format(const struct cmd *self, const struct export_options *o,
                         const struct config *config, struct job_options *job)
{
    bool file = job->target == TARGET_FILE;
    const char *name = o->format;
    if (!name && file && layout_format_of(job->out))
        name = layout_format_of(job->out)->name;
    if (!name)
        name = usual("format", config ? config->export.format : NULL);
    job->format = format_find(name);
    if (!job->format && strcmp(name, "parquet") == 0)
        return cmd_usage(self, "parquet is not built yet: take csv or jsonl");
    if (!job->format)
        return cmd_usage(self, "--format: '%s' is none of csv, jsonl", name);
    return STATUS_OK;
}

static int choose_compress(const struct cmd *self, const struct export_options *o,
                           const struct config *config, struct job_options *job)
{
    int compress = COMPRESS_NONE;
    if (o->compress)
        compress = compress_find(o->compress);
    else if (job->target == TARGET_FOLDER)
        compress = compress_find(usual("compress", config ? config->export.compress : NULL));
    else if (job->target == TARGET_FILE && layout_compress_of(job->out) >= 0)
        compress = layout_compress_of(job->out);
    if (compress < 0)
        return cmd_usage(self, "--compress: '%s' is none of none, gzip, zstd", o->compress);
    job->compress = (enum compress)compress;
    return STATUS_OK;
}

static int choose_split(const struct cmd *self, const struct export_options *o,
                        struct job_options *job)
{
    int tables = 0;
    bool day = o->split && strcmp(o->split, "day") == 0;
    if (o->split && !day && strcmp(o->split, "none") != 0)
        return cmd_usage(self, "--split: '%s' is neither day nor none", o->split);
    job->by_day = o->split ? day : job->target == TARGET_FOLDER;
    if (job->target == TARGET_FOLDER)
        return STATUS_OK;
    if (day)
        return cmd_usage(self, "--split day makes many files: --out must be a folder, not '%s'",
                         job->out);
    for (int t = 0; t < EXTRACT_TABLES; t++)
        tables += job->tables[t];
    if (tables != 1)
        return cmd_usage(self, "'%s' has room for one table: give one --table", job->out);
    return STATUS_OK;
}

static int choose_range(const struct cmd *self, const struct export_options *o,
                        struct job_options *job)
{
    struct err err;
    if (o->series && !marks_name_valid(o->series))
        return cmd_usage(self, "--since-last: a name is 1 to 64 letters, digits, '-', '_', '.'");
    if (o->series && (o->from || o->to))
        return cmd_usage(self, "--since-last goes on where it ended: no --from, no --to");
    job->series = o->series;
    return range_parse(o->from, o->to, job->now_ns, &job->range, &err)
               ? cmd_usage(self, "%s", err.text)
               : STATUS_OK;
}

int export_options_choose(const struct cmd *self, const struct export_options *o,
                          const struct config *config, int64_t now_ns, struct job_options *job)
{
    job->database = o->db_path ? o->db_path : config->store.path;
    job->patterns = o->patterns;
    job->patterns_count = o->patterns_count;
    job->now_ns = now_ns;
    job->out = o->out ? o->out : usual("out", config ? config->export.out : NULL);
    if (!*job->out)
        return cmd_usage(self, "--out is empty");
    job->target = layout_target(job->out);
    choose_tables(o, config, job);
    int status = choose_range(self, o, job);
    if (status == STATUS_OK)
        status = choose_format(self, o, config, job);
    if (status == STATUS_OK)
        status = choose_compress(self, o, config, job);
    return status ? status : choose_split(self, o, job);
}
