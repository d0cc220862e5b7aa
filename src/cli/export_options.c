#include "cli/export_options.h"

#include "base/word_list.h"
#include "config/config_keys.h"
#include "files/export_names.h"
#include "files/same_file.h"
#include "store/write/export_marks.h"

#include <stdio.h>
#include <string.h>

#define SCHEDULE   "schedule" /* the series of export.at */
#define LIST_BYTES 64
#define ONCE       "once" /* folder of exports without a series, below the configured folder */

static const char *value_of(const char *key, const char *configured)
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

/* --format, else the ending of the file's name, else the configuration. */
static int choose_format(const struct cmd *self, const struct export_options *o,
                         const struct config *config, struct job_options *job)
{
    bool file = job->target == TARGET_FILE;
    const char *name = o->format;
    char list[LIST_BYTES];
    if (!name && file && layout_format_of(job->out))
        name = layout_format_of(job->out)->name;
    if (!name)
        name = value_of("format", config ? config->export.format : NULL);
    job->format = format_find(name);
    if (!job->format && strcmp(name, EXPORT_FORMAT_LATER) == 0)
        return cmd_usage(self, EXPORT_FORMAT_LATER " is not built yet: use one of %s",
                         word_list_text(list, sizeof(list), export_formats, ", "));
    if (!job->format)
        return cmd_usage(self, "--format: '%s' is not valid; allowed: %s", name,
                         word_list_text(list, sizeof(list), export_formats, ", "));
    return STATUS_OK;
}

static int choose_compress(const struct cmd *self, const struct export_options *o,
                           const struct config *config, struct job_options *job)
{
    int asked = o->compress ? compress_find(o->compress) : -1;
    if (o->compress && asked < 0)
        return cmd_usage(self, "--compress: '%s' is not valid; allowed: none, gzip, zstd",
                         o->compress);
    int configured = compress_find(value_of("compress", config ? config->export.compress : NULL));
    int compress = layout_compress(job->format, job->target, job->out, asked,
                                   configured < 0 ? COMPRESS_NONE : (enum compress)configured);
    if (compress < 0)
        return cmd_usage(self,
                         "--compress: files of the format %s are compressed already: remove "
                         "--compress",
                         job->format->name);
    job->compress = (enum compress)compress;
    return STATUS_OK;
}

static int choose_split(const struct cmd *self, const struct export_options *o,
                        struct job_options *job)
{
    int tables = 0;
    bool day = o->split && strcmp(o->split, "day") == 0;
    if (o->split && !day && strcmp(o->split, "none") != 0)
        return cmd_usage(self, "--split: '%s' is not valid; allowed: day, none", o->split);
    job->by_day = o->split ? day : job->target == TARGET_FOLDER;
    if (job->target == TARGET_FOLDER)
        return STATUS_OK;
    if (day)
        return cmd_usage(self, "--split day writes several files: --out must be a folder, not '%s'",
                         job->out);
    for (int t = 0; t < EXTRACT_TABLES; t++)
        tables += job->tables[t];
    if (tables != 1)
        return cmd_usage(self, "'%s' can hold one table only: give one --table", job->out);
    return STATUS_OK;
}

static int choose_range(const struct cmd *self, const struct export_options *o,
                        struct job_options *job)
{
    struct err err;
    if (o->series && !export_marks_name_valid(o->series))
        return cmd_usage(self,
                         "--since-last: '%s' is not valid: a name has 1 to 64 letters, digits, "
                         "'-', '_', '.'",
                         o->series);
    if (o->series && (o->from || o->to))
        return cmd_usage(self, "--since-last continues after its last export: remove --from and "
                               "--to");
    job->series = o->series;
    return range_parse(o->from, o->to, job->now_ns, &job->range, &err)
               ? cmd_usage(self, "%s", err.text)
               : STATUS_OK;
}

static int refuse_ending(const struct cmd *self, const char *out)
{
    char endings[LAYOUT_ENDINGS], compressed[LAYOUT_ENDINGS];
    return cmd_usage(self,
                     "--out '%s': unknown format '%s': the name of a file must end in one of %s, "
                     "optionally followed by one of %s; that of a folder in '/'",
                     out, layout_ending(out), layout_endings(endings),
                     layout_compressed_endings(compressed));
}

/*
 * The configured folder is for the series. An export without a series has its own folder: in the
 * same folder the rows of a day would be there twice, and each kind of export would refuse the
 * files of the other.
 */
static int choose_out(const struct cmd *self, struct export_options *o, const struct config *config,
                      struct job_options *job)
{
    const char *configured = value_of("out", config ? config->export.out : NULL);
    bool scheduled = config && *config->export.at;
    job->out = o->out ? o->out : configured;
    if (!o->out && !o->series) {
        snprintf(o->out_once, sizeof(o->out_once), "%s/" ONCE, configured);
        job->out = o->out_once;
    }
    if (!*job->out)
        return cmd_usage(self, "--out is empty");
    if (o->out && !o->series && scheduled && same_file(o->out, configured))
        return cmd_usage(self,
                         "'%s' is the folder of the scheduled export: remove --out (the folder is "
                         "then '%s/" ONCE "'), or give another folder",
                         o->out, configured);
    if (scheduled && o->series && strcmp(o->series, SCHEDULE) != 0 &&
        (!o->out || same_file(o->out, configured)))
        return cmd_usage(self,
                         "'%s' is the folder of the scheduled export, the series '" SCHEDULE
                         "': give --out another folder for the series '%s'",
                         configured, o->series);
    job->target = o->out ? layout_target(job->out) : TARGET_FOLDER;
    if (job->target == TARGET_UNKNOWN)
        return refuse_ending(self, job->out);
    return STATUS_OK;
}

int export_options_choose(const struct cmd *self, struct export_options *o,
                          const struct config *config, int64_t now_ns, struct job_options *job)
{
    job->database = o->db_path ? o->db_path : config->store.path;
    job->patterns = o->patterns;
    job->patterns_count = o->patterns_count;
    job->now_ns = now_ns;
    job->force = o->force;
    choose_tables(o, config, job);
    int status = choose_out(self, o, config, job);
    if (status == STATUS_OK)
        status = choose_range(self, o, job);
    if (status == STATUS_OK)
        status = choose_format(self, o, config, job);
    if (status == STATUS_OK)
        status = choose_compress(self, o, config, job);
    return status ? status : choose_split(self, o, job);
}
