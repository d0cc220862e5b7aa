/* Which export the options and the configuration describe. */
#include "cli/export_options.h"

#include "base/clock.h"
#include "captured.h"
#include "config/config_parser.h"

#define NOW INT64_C(1795446000000000000) /* 2026-11-23 12:00:00 in Argentina, ns UTC */

static const struct config *config; /* NULL: with --db */

static int print_job(const struct cmd *self, void *given)
{
    static const char *const targets[] = {"stdout", "file", "folder"};
    struct job_options job = {0};
    int status = export_options_choose(self, given, config, NOW, &job);
    if (status)
        return status;
    printf("%s %s %s %s %s", targets[job.target], job.out, job.format->name,
           compress_name(job.compress), job.by_day ? "by day" : "whole");
    for (int t = 0; t < EXTRACT_TABLES; t++) {
        if (job.tables[t])
            printf(" %s", extract_table_name((enum extract_table)t));
    }
    if (job.series)
        printf(" series=%s", job.series);
    for (int i = 0; i < job.patterns_count; i++)
        printf(" match=%s", job.patterns[i]);
    if (job.range.from != INT64_MIN)
        printf(" from=%lld", (long long)((job.range.from - NOW) / NS_PER_HOUR));
    if (job.range.to != INT64_MAX)
        printf(" to=%lld", (long long)((job.range.to - NOW) / NS_PER_HOUR));
    printf("%s", job.force ? " force" : "");
    return STATUS_OK;
}

static struct cmd probe(void)
{
    return (struct cmd){
        .name = "export",
        .options = export_options,
        .options_bytes = sizeof(struct export_options),
        .defaults = &export_options_defaults,
        .run = print_job,
    };
}

static struct config *parse_config(const char *section)
{
    char text[512];
    struct config *parsed;
    struct err err;
    snprintf(text, sizeof(text),
             "broker { url = \"https://a.test/\" user = \"u\" password_file = \"/p\" }\n"
             "instruments { symbols = {\"A\"} }\nexport { %s }\n",
             section);
    if (config_parse(text, strlen(text), "/t.conf", &parsed, &err))
        fail_msg("%s", err.text);
    return parsed;
}

struct row {
    const char *args[10], *out; /* or the error */
};

#define ARGS(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static void run_rows(const struct row *rows, size_t count, int status)
{
    const struct cmd cmd = probe();
    for (size_t i = 0; i < count; i++) {
        t_row(rows[i].out);
        struct captured c = capture(&cmd, rows[i].args);
        t_int(c.status, status);
        if (status == STATUS_OK)
            t_str(c.out, rows[i].out);
        else
            t_contains(c.err, rows[i].out);
    }
    t_row("");
}

#define DB "/var/lib/cinta/export"

static void without_a_configuration(void **state)
{
    (void)state;
    static const struct row rows[] = {
        // clang-format off
        {{NULL},                       "folder " DB "/once csv zstd by day snapshots trades"},
        {ARGS("--out", "x"),           "folder x csv zstd by day snapshots trades"},
        {ARGS("--out", "x/", "--format", "excel"), "folder x/ excel none by day snapshots trades"},
        {ARGS("--out", "x/", "--format", "excel", "--compress", "gzip"), "folder x/ excel gzip by day snapshots trades"},
        {ARGS("--out", "x", "--split", "none"), "folder x csv zstd whole snapshots trades"},
        {ARGS("--out", "x", "--split", "day", "--compress", "none"), "folder x csv none by day snapshots trades"},
        {ARGS("-t", "bars", "--out", "t.jsonl.gz"), "file t.jsonl.gz jsonl gzip whole bars"},
        {ARGS("-t", "bars", "--out", "t.csv", "--compress", "zstd"), "file t.csv csv zstd whole bars"},
        {ARGS("-t", "bars", "--out", "t.csv", "--format", "jsonl"), "file t.csv jsonl none whole bars"},
        {ARGS("-t", "bars", "--out", "t.excel.csv"), "file t.excel.csv excel none whole bars"},
        {ARGS("-t", "bars", "--out", "-"), "stdout - csv none whole bars"},
        {ARGS("-t", "bars", "--out", "/dev/null"), "file /dev/null csv none whole bars"},
        {ARGS("-t", "bars,events", "-t", "trades"), "folder " DB "/once csv zstd by day trades bars events"},
        {ARGS("-t", "snapshots,coverage"), "folder " DB "/once csv zstd by day snapshots coverage"},
        {ARGS("-m", "A*", "--match", "B"), "folder " DB "/once csv zstd by day snapshots trades match=A* match=B"},
        {ARGS("--from", "-2h", "--to", "now"), "folder " DB "/once csv zstd by day snapshots trades from=-2 to=0"},
        {ARGS("--from", "today", "--to", "today"), "folder " DB "/once csv zstd by day snapshots trades from=-12 to=12"},
        {ARGS("--since-last", "s"),    "folder " DB " csv zstd by day snapshots trades series=s"},
        {ARGS("--since-last", "s", "--out", "x", "-f"), "folder x csv zstd by day snapshots trades series=s force"},
        // clang-format on
    };
    config = NULL;
    run_rows(rows, T_COUNT(rows), STATUS_OK);
}

static void with_a_configuration(void **state)
{
    (void)state;
    static const struct row rows[] = {
        // clang-format off
        {{NULL},                        "folder /e/once jsonl gzip by day bars events"},
        {ARGS("--since-last", "schedule"), "folder /e jsonl gzip by day bars events series=schedule"},
        {ARGS("--since-last", "x", "--out", "y"), "folder y jsonl gzip by day bars events series=x"},
        {ARGS("--since-last", "schedule", "--out", "/e"), "folder /e jsonl gzip by day bars events series=schedule"},
        {ARGS("-t", "trades", "--format", "csv", "--compress", "none"), "folder /e/once csv none by day trades"},
        {ARGS("-t", "trades", "--out", "t.csv"), "file t.csv csv none whole trades"},
        {ARGS("-t", "trades", "--out", "-"), "stdout - jsonl none whole trades"},
        // clang-format on
    };
    static const struct row wrong[] = {
        // clang-format off
        {ARGS("--out", "/e"),           "'/e' is the folder of the scheduled export: remove --out (the folder is then '/e/once')"},
        {ARGS("--since-last", "x"),     "'/e' is the folder of the scheduled export, the series 'schedule': give --out another folder for the series 'x'"},
        {ARGS("--since-last", "x", "--out", "/e"), "give --out another folder for the series 'x'"},
        // clang-format on
    };
    struct config *parsed = parse_config("at = \"17:30\" out = \"/e\" format = \"jsonl\" "
                                         "compress = \"gzip\" tables = {bars, events}");
    config = parsed;
    run_rows(rows, T_COUNT(rows), STATUS_OK);
    run_rows(wrong, T_COUNT(wrong), STATUS_USAGE);
    config_free(parsed);
}

/* A folder is reserved for the scheduled series only when there is one. */
static void without_a_schedule(void **state)
{
    (void)state;
    static const struct row rows[] = {
        // clang-format off
        {ARGS("--out", "/e"),           "folder /e csv zstd by day snapshots trades"},
        {ARGS("--since-last", "x"),     "folder /e csv zstd by day snapshots trades series=x"},
        // clang-format on
    };
    static const struct row wrong[] = {
        {{NULL}, "parquet is not built yet: use one of csv, jsonl, excel with --format"}};
    struct config *parsed = parse_config("out = \"/e\"");
    config = parsed;
    run_rows(rows, T_COUNT(rows), STATUS_OK);
    config_free(parsed);
    parsed = parse_config("format = \"parquet\"");
    config = parsed;
    run_rows(wrong, T_COUNT(wrong), STATUS_USAGE);
    config_free(parsed);
}

static void errors(void **state)
{
    (void)state;
    static const struct row rows[] = {
        // clang-format off
        {ARGS("--out", ""),             "--out is empty"},
        {ARGS("--out", "t.xlsx"),       "--out 't.xlsx': unknown format '.xlsx': the name of a file must end in one of .csv, .jsonl, .excel.csv, optionally followed by one of .gz, .zst; that of a folder in '/'"},
        {ARGS("--out", "t.csv"),        "'t.csv' can hold one table only: give one --table"},
        {ARGS("--out", "-", "-t", "bars,trades"), "'-' can hold one table only"},
        {ARGS("--out", "-", "-t", "bars", "--split", "day"), "--split day writes several files: --out must be a folder, not '-'"},
        {ARGS("--since-last", "a/b"),   "--since-last: 'a/b' is not valid: a name has 1 to 64 letters"},
        {ARGS("--since-last", "a", "--from", "today"), "remove --from and --to"},
        {ARGS("--since-last", "a", "--to", "today"), "remove --from and --to"},
        {ARGS("--from", "soon"),        "--from 'soon' is not a day or a time"},
        {ARGS("--from", "now", "--to", "-1h"), "--from must be before --to"},
        // clang-format on
    };
    config = NULL;
    run_rows(rows, T_COUNT(rows), STATUS_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_configuration),
        cmocka_unit_test(with_a_configuration),
        cmocka_unit_test(without_a_schedule),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
