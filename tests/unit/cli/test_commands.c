/* The entries of all commands: their tables of options, and one table of command lines for each. */
#include "cli/commands.h"

#include "captured.h"
#include "cli/args.h"
#include "cli/help.h"
#include "cli/option_values.h"
#include "sim/universe.h"

#include <stdlib.h>

/* --- the tables ------------------------------------------------------------------------------- */

static void every_entry_is_complete(void **state)
{
    (void)state;
    for (int i = 0; commands[i]; i++) {
        const struct cmd *cmd = commands[i];
        t_row(cmd->name);
        t_true(cmd->usage && cmd->summary && cmd->options && cmd->notes && cmd->run);
        t_true(commands_find(cmd->name) == cmd);
        t_int(cmd->notes[strlen(cmd->notes) - 1], '\n');
        t_true(cmd->operands.least == 0 || cmd->operands.missing);
        t_true(!cmd->operands.name ||
               cmd->operands.into + sizeof(struct option_texts) <= cmd->options_bytes);
        for (const struct option_row *row = cmd->options; row->name; row++) {
            t_row(row->name);
            t_true(row->take && row->help && *row->help && row->into < cmd->options_bytes);
            for (const struct option_row *other = row + 1; other->name; other++) {
                t_true(strcmp(row->name, other->name) != 0);
                t_true(!row->letter || row->letter != other->letter);
                t_true(row->into != other->into);
            }
        }
    }
    t_true(!commands_find("dance"));
    t_true(commands_near("qotes") == &cmd_quotes);
    t_true(commands_near("rn") == &cmd_run);
    t_true(!commands_near("r")); /* two changes are too many for one letter */
    t_true(!commands_near("nonsense"));
}

/* A value that the option accepts. */
static const char *sample(const struct option_row *row, char out[32])
{
    if (row->words)
        return row->words[1];
    if (row->take == option_number || row->take == option_whole) {
        snprintf(out, 32, "%.15g", row->max);
        return out;
    }
    if (strcmp(row->name, "matriz-check") == 0)
        return "ids,csrf";
    return row->value && strcmp(row->value, "ADDR") == 0 ? "10.1.2.3:4" : row->value;
}

static size_t first_difference(const char *a, const char *b, size_t bytes)
{
    size_t at = 0;
    while (at < bytes && a[at] == b[at])
        at++;
    return at;
}

/* Parses one option, or none when `row` is NULL, with the operands that a command needs at least. */
static void parse_one(const struct cmd *cmd, const struct option_row *row, char *options)
{
    char name[64], number[32], *argv[6] = {(char *)cmd->name};
    int argc = 1;
    if (cmd->defaults)
        memcpy(options, cmd->defaults, cmd->options_bytes);
    if (row) {
        const char *value = sample(row, number);
        snprintf(name, sizeof(name), "--%s", row->name);
        argv[argc++] = name;
        if (value)
            argv[argc++] = (char *)value;
    }
    for (int i = 0; i < cmd->operands.least; i++)
        argv[argc++] = (char *)"x";
    t_int(args_parse(cmd, argc, argv, options), STATUS_OK);
    if (row && row->take == option_texts)
        t_int(((struct option_texts *)(options + row->into))->count, 1);
    args_release(cmd, options);
}

/* Each option changes its own member, and nothing before it. */
static void every_option_is_stored(void **state)
{
    (void)state;
    for (int i = 0; commands[i]; i++) {
        const struct cmd *cmd = commands[i];
        for (const struct option_row *row = cmd->options; row->name; row++) {
            char *before = calloc(1, cmd->options_bytes), *after = calloc(1, cmd->options_bytes);
            assert_true(before && after);
            t_row(row->name);
            parse_one(cmd, NULL, before);
            parse_one(cmd, row, after);
            size_t at = first_difference(before, after, cmd->options_bytes);
            if (row->take != option_texts)
                t_true(at >= row->into && at < row->into + sizeof(int64_t));
            free(before);
            free(after);
        }
    }
    t_row("");
}

/* Numbers that are in a help text too. */
static void help_texts_say_the_limits(void **state)
{
    (void)state;
    char limits[32];
    snprintf(limits, sizeof(limits), "1 to %d ", UNIVERSE_MAX);
    for (const struct option_row *row = cmd_sim.options; row->name; row++) {
        if (strcmp(row->name, "instruments") == 0)
            t_contains(row->help, limits);
    }
}

/* The texts begin in one column; an option that leaves no space before it has a line of its own. */
static void help_texts_are_aligned(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 65536);
    help_command(&out, &cmd_export);
    t_contains(buf_text(&out), "\n      --since-last NAME  rows that are new");
    t_contains(buf_text(&out), "\n  -q, --quiet            errors only\n");
    t_contains(buf_text(&out),
               "\n      --compress none|gzip|zstd\n                         default");
    buf_finish(&out);
}

/* Addresses with and without a host in brackets. */
static void addresses_of_sim(void **state)
{
    (void)state;
    static const char *const good[] = {"127.0.0.1:0", "[::1]:0", "localhost:65535", "[::]:80"};
    static const char *const wrong[] = {"[]:80", "[::1:0", "::1]:0", ":80", "a:", "a:-1", "a:1.5"};
    char *options = calloc(1, cmd_sim.options_bytes);
    assert_non_null(options);
    for (size_t i = 0; i < T_COUNT(good); i++) {
        char *argv[] = {(char *)"sim", (char *)"--listen", (char *)good[i], NULL};
        t_row(good[i]);
        t_int(args_parse(&cmd_sim, 3, argv, options), STATUS_OK);
        args_release(&cmd_sim, options);
    }
    free(options);
    for (size_t i = 0; i < T_COUNT(wrong); i++) {
        const char *args[] = {"--listen", wrong[i], NULL};
        t_row(wrong[i]);
        struct captured c = capture(&cmd_sim, args);
        t_int(c.status, STATUS_USAGE);
        t_contains(c.err, "is not host:port");
    }
    t_row("");
}

/* --- wrong command lines ---------------------------------------------------------------------- */

#define ARGS(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static void wrong_usage(void **state)
{
    (void)state;
    static const struct row {
        const struct cmd *cmd;
        const char *args[8], *words;
    } rows[] = {
        // clang-format off
        {&cmd_run, ARGS("--log", "loud"),          "--log: 'loud' is not valid; allowed: error, warn, info, debug"},
        {&cmd_run, ARGS("x"),                      "unexpected argument 'x'"},
        {&cmd_run, ARGS("-c"),                     "'-c' needs a value"},
        {&cmd_init, ARGS("a", "b"),                "takes one DIR, not 2"},
        {&cmd_init, ARGS("--broker", "no broker"), "--broker: "},
        {&cmd_init, ARGS("--url", "ftp://x/"),     "--url: "},
        {&cmd_init, ARGS("--user", "a\nb"),        "--user: "},
        {&cmd_init, ARGS("-s", "A,B\n"),           "--symbols: "},
        {&cmd_init, ARGS("-s", "A", "-m", "\n"),   "--match: "},
        {&cmd_init, ARGS("--db", ""),              "--db: "},
        {&cmd_init, ARGS("--state-dir", ""),       "--state-dir: "},
        {&cmd_init, ARGS("--ca-file", ""),         "--ca-file: "},
        {&cmd_init, ARGS("--password-file", "a", "--password-stdin"), "exclude each other: give one"},
        {&cmd_init, ARGS("--yes", "/no/such/dir"), "missing, and cannot be asked for without a terminal: --broker (or --url) --user --password-file"},
        {&cmd_check, ARGS("--grap=1"),             "'--graph' takes no value"},
        {&cmd_check, ARGS("x"),                    "unexpected argument 'x'"},
        {&cmd_quotes, ARGS("--json", "--csv"),     "--json and --csv exclude each other"},
        {&cmd_instruments, ARGS("--json", "--csv"), "--json and --csv exclude each other"},
        {&cmd_instruments, ARGS("--maturity", "soon"), "--maturity: 'soon' is not a maturity"},
        {&cmd_instruments, ARGS("--refresh", "--db", "x"), "--refresh needs the configuration of a broker"},
        {&cmd_quotes, ARGS("--wach"),              "did you mean '--watch'?"},
        {&cmd_status, ARGS("--jsn"),               "did you mean '--json'?"},
        {&cmd_status, ARGS("x"),                   "unexpected argument 'x'"},
        {&cmd_verify, ARGS("x"),                   "unexpected argument 'x'"},
        {&cmd_verify, ARGS("--db"),                "'--db' needs a value"},
        {&cmd_backup, {NULL},                      "the FILE to write is missing"},
        {&cmd_backup, ARGS("a", "b"),              "takes one FILE, not 2"},
        {&cmd_backup, ARGS("-"),                   "a copy cannot be written to standard output"},
        {&cmd_backfill, {NULL},                    "--date DATE is missing"},
        {&cmd_backfill, ARGS("--date", "soon"),    "'soon' is not a day: 2026-11-23, today or yesterday"},
        {&cmd_backfill, ARGS("--date", "2199-01-01"), "2199-01-01 is in the future"},
        {&cmd_export, ARGS("--table", "quotes"),   "--table: 'quotes' is not valid; allowed: snapshots, trades, bars, events, coverage"},
        {&cmd_export, ARGS("-t", "bars,"),         "--table: '' is not valid"},
        {&cmd_export, ARGS("--format", "xml"),     "--format: 'xml' is not valid; allowed: csv, jsonl, excel"},
        {&cmd_export, ARGS("--format", "parquet"), "parquet is not built yet: use one of csv, jsonl, excel"},
        {&cmd_export, ARGS("--compress", "lz4"),   "--compress: 'lz4' is not valid; allowed: none, gzip, zstd"},
        {&cmd_export, ARGS("--split", "week"),     "--split: 'week' is not valid; allowed: day, none"},
        {&cmd_export, ARGS("--from", "today", "11:00"), "needs quotes, such as --from 'today 11:00'"},
        {&cmd_sim, ARGS("--listen", "nowhere"),    "--listen: 'nowhere' is not host:port"},
        {&cmd_sim, ARGS("--listen", "::1:0"),      "'::1:0' is not host:port"},
        {&cmd_sim, ARGS("--listen", "a:65536"),    "'a:65536' is not host:port"},
        {&cmd_sim, ARGS("--instruments", "0"),     "--instruments: '0' is not a number from 1 to 12000"},
        {&cmd_sim, ARGS("--seed", "0.5"),          "--seed: '0.5' is not a whole number"},
        {&cmd_sim, ARGS("--token-ttl", "0"),       "--token-ttl: '0' is not a number from 0.01"},
        {&cmd_sim, ARGS("--stream-idle", "86401"), "is not a number from 0 to 86400"},
        {&cmd_sim, ARGS("--user", ""),             "--user: the value must have 1 to 127 characters"},
        {&cmd_sim, ARGS("--stream-auth", "all"),   "allowed: header, cookie, query, any"},
        {&cmd_sim, ARGS("--matriz-listen", "a"),   "--matriz-listen: 'a' is not host:port"},
        {&cmd_sim, ARGS("--matriz-check", "ids,"), "--matriz-check: 'ids,' is not valid"},
        {&cmd_sim, ARGS("--matriz-check", "id"),   "allowed: none, or a list of ids, cookie"},
        {&cmd_completion, {NULL},                  "give one shell: bash or zsh"},
        {&cmd_completion, ARGS("fish"),            "'fish' is not valid; allowed: bash, zsh"},
        {&cmd_completion, ARGS("bash", "zsh"),     "takes one SHELL, not 2"},
        // clang-format on
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].words);
        struct captured c = capture(rows[i].cmd, rows[i].args);
        t_int(c.status, STATUS_USAGE);
        t_contains(c.err, rows[i].words);
        t_str(c.out, "");
    }
    t_row("");
}

/* --- runs in this process --------------------------------------------------------------------- */

static void runs(void **state)
{
    (void)state;
    static const struct row {
        const struct cmd *cmd;
        const char *args[8];
        int status;
        const char *out, *err;
    } rows[] = {
        // clang-format off
        {&cmd_check, ARGS("--graph"),                      STATUS_OK, "digraph", ""},
        {&cmd_check, ARGS("-c", "/no/such.conf"),          STATUS_CONFIG, "", "cannot read the configuration '/no/such.conf'"},
        {&cmd_run, ARGS("-c", "/no/such.conf"),            STATUS_CONFIG, "", "cannot read the configuration '/no/such.conf'"},
        {&cmd_status, ARGS("-c", "/no/such.conf"),         STATUS_CONFIG, "", "cannot read the configuration '/no/such.conf'"},
        {&cmd_quotes, ARGS("-c", "/no/such.conf"),         STATUS_CONFIG, "", "cannot read the configuration '/no/such.conf'"},
        {&cmd_quotes, ARGS("--db", "/no/such.db"),         STATUS_FAILED, "", "there is no database '/no/such.db'"},
        {&cmd_verify, ARGS("--db", "/no/such.db"),         STATUS_FAILED, "", "there is no database '/no/such.db'"},
        {&cmd_backup, ARGS("--db", "/no/such.db", "/no/such/copy.db"), STATUS_FAILED, "", "/no/such"},
        {&cmd_backup, ARGS("-c", "/no/such.conf", "a.db"), STATUS_CONFIG, "", "cannot read the configuration '/no/such.conf'"},
        {&cmd_export, ARGS("--db", "/no/such.db", "-t", "bars", "--out", "-"), STATUS_FAILED, "", "there is no database '/no/such.db'"},
        {&cmd_sim, ARGS("--listen", "192.0.2.1:1"),        STATUS_FAILED, "", "cinta sim: "},
        {&cmd_sim, ARGS("--faults", "/no/such.faults"),    STATUS_FAILED, "", "/no/such.faults"},
        {&cmd_completion, ARGS("bash"),                    STATUS_OK, "complete -F _cinta cinta", ""},
        {&cmd_completion, ARGS("zsh"),                     STATUS_OK, "#compdef cinta", ""},
        // clang-format on
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char name[64];
        snprintf(name, sizeof(name), "%s %s", rows[i].cmd->name, rows[i].args[0]);
        t_row(name);
        struct captured c = capture(rows[i].cmd, rows[i].args);
        t_contains(c.err, rows[i].err);
        t_contains(c.out, rows[i].out);
        t_int(c.status, rows[i].status);
    }
    t_row("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_is_complete),
        cmocka_unit_test(every_option_is_stored),
        cmocka_unit_test(help_texts_say_the_limits),
        cmocka_unit_test(help_texts_are_aligned),
        cmocka_unit_test(addresses_of_sim),
        cmocka_unit_test(wrong_usage),
        cmocka_unit_test(runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
