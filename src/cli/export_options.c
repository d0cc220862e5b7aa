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

/* --- the table of options --------------------------------------------------------------------- */

static int take_table(const struct option_given *given, bool *tables, const char *name, size_t len)
{
    char word[LIST_BYTES], list[LIST_BYTES];
    snprintf(word, sizeof(word), "%.*s", (int)len, name);
    int table = len < sizeof(word) ? extract_table_find(word) : -1;
    if (table < 0)
        return cmd_usage(given->cmd, "--table: '%.*s' is not valid; allowed: %s", (int)len, name,
                         word_list_text(list, sizeof(list), export_tables, ", "));
    tables[table] = true;
    return STATUS_OK;
}

/* Names separated by commas. */
static int take_tables(const struct option_given *given, void *into)
{
    int status = STATUS_OK;
    for (const char *list = given->text; status == STATUS_OK; list++) {
        size_t len = strcspn(list, ",");
        status = take_table(given, into, list, len);
        list += len;
        if (!*list)
            break;
    }
    return status;
}

static int refuse_later(const struct cmd *self)
{
    char list[LIST_BYTES];
    return cmd_usage(self, EXPORT_FORMAT_LATER " is not built yet: use one of %s with --format",
                     word_list_text(list, sizeof(list), export_formats, ", "));
}

static int take_format(const struct option_given *given, void *into)
{
    return strcmp(given->text, EXPORT_FORMAT_LATER) == 0 ? refuse_later(given->cmd)
                                                         : option_word(given, into);
}

static const char *const splits[] = {[SPLIT_DAY] = "day", [SPLIT_NONE] = "none", NULL};

const struct export_options export_options_defaults = {.compress = -1, .split = -1};

const struct option_row export_options[] = {
    {OPTION_CONFIG(struct export_options, db.config_path)},
    {OPTION_DB("use", struct export_options, db.db_path)},
    {"from", 0, "TIME", "rows from this day or time on", OPTION_TEXT(struct export_options, from)},
    {"to", 0, "TIME", "rows before this time, or up to the end of this day",
     OPTION_TEXT(struct export_options, to)},
    {"table", 't', NULL, "may be repeated", .take = take_tables,
     .into = offsetof(struct export_options, tables), .words = export_tables},
    {"match", 'm', "PATTERN", "only symbols that match; may be repeated",
     OPTION_TEXTS(struct export_options, match)},
    {"format", 0, NULL, "excel: CSV for spreadsheets with Argentine settings", .take = take_format,
     .into = OPTION_AT(struct export_options, format, const char *), .words = export_formats},
    {"compress", 0, NULL, "default: by the name of FILE; zstd in a DIR",
     OPTION_CHOICE(struct export_options, compress, export_compressions)},
    {"out", 'o', "DIR|FILE|-", "where to write; - is standard output",
     OPTION_TEXT(struct export_options, out)},
    {"split", 0, NULL, "one file per day, or one per table",
     OPTION_CHOICE(struct export_options, split, splits)},
    {"since-last", 0, "NAME", "rows that are new since the last export of this name",
     OPTION_TEXT(struct export_options, series)},
    {"force", 'f', NULL, "replace FILE also when it is not an export",
     OPTION_FLAG(struct export_options, force)},
    {"json", 0, NULL, "print the result as one JSON object",
     OPTION_FLAG(struct export_options, json)},
    {OPTION_QUIET(struct export_options, quiet)},
    {"nice", 0, NULL, "run with low CPU and I/O priority",
     OPTION_FLAG(struct export_options, nice)},
    {0},
};

/* --- the job that they describe --------------------------------------------------------------- */

static const char *value_of(const char *key, const char *configured)
{
    return configured ? configured : config_key_find("export", key)->fallback;
}

static int tables_count(const bool *tables)
{
    int count = 0;
    for (int t = 0; t < EXTRACT_TABLES; t++)
        count += tables[t];
    return count;
}

static void choose_tables(const struct export_options *o, const struct config *config,
                          struct job_options *job)
{
    memcpy(job->tables, o->tables, sizeof(job->tables));
    if (tables_count(o->tables))
        return;
    job->tables[EXTRACT_SNAPSHOTS] = job->tables[EXTRACT_TRADES] = !config;
    for (size_t i = 0; config && i < config->export.tables.count; i++)
        job->tables[extract_table_find(config->export.tables.item[i])] = true;
}

/* --format, else the ending of the file's name, else the configuration. */
static int choose_format(const struct cmd *self, const struct export_options *o,
                         const struct config *config, struct job_options *job)
{
    const char *name = value_of("format", config ? config->export.format : NULL);
    if (o->format)
        job->format = format_find(o->format);
    else if (job->target == TARGET_FILE && layout_format_of(job->out))
        job->format = layout_format_of(job->out);
    else
        job->format = format_find(name);
    return job->format ? STATUS_OK : refuse_later(self);
}

static int choose_compress(const struct cmd *self, const struct export_options *o,
                           const struct config *config, struct job_options *job)
{
    int configured = compress_find(value_of("compress", config ? config->export.compress : NULL));
    int compress =
        layout_compress(job->format, job->target, job->out, o->compress, (enum compress)configured);
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
    job->by_day = o->split < 0 ? job->target == TARGET_FOLDER : o->split == SPLIT_DAY;
    if (job->target == TARGET_FOLDER)
        return STATUS_OK;
    if (job->by_day)
        return cmd_usage(self, "--split day writes several files: --out must be a folder, not '%s'",
                         job->out);
    if (tables_count(job->tables) != 1)
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
    job->patterns = (const char *const *)o->match.item;
    job->patterns_count = o->match.count;
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
