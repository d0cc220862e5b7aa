#include "app/config.h"
#include "base/clock.h"
#include "base/csv.h"
#include "base/json_write.h"
#include "base/table.h"
#include "cli/args.h"
#include "store/reader.h"

#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define OUT_BYTES ((size_t)256 * 1024 * 1024)
#define STALE_S   30 /* an age beyond this is marked, or beyond three expected refreshes */
#define WATCH_S   1
#define SEEN_LATE_S                                                                                \
    5 /* the service writes "seen" in batches, so an age shows up to this much more */

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV };

struct options {
    const char *config_path, *db_path;
    enum format format;
    bool watch;
    const char *const *patterns;
    int patterns_count;
};

/* One look at the database on its way out. */
struct look {
    const struct options *options;
    struct table *table;
    struct buf *out;
    int64_t now_ns, after_seq; /* only what changed after this seq; -1 = all */
    int64_t last_seq;
    int64_t stale_ns;
    int matches;
    bool header; /* CSV's first line is still to come */
};

/* --- rows ------------------------------------------------------------------------------------- */

static const struct reader_value *find(const struct reader_value *values, int columns,
                                       const char *name)
{
    for (int i = 0; i < columns; i++) {
        if (strcmp(values[i].column, name) == 0)
            return &values[i];
    }
    return NULL;
}

static const char *text_of(const struct reader_value *values, int columns, const char *name)
{
    const struct reader_value *value = find(values, columns, name);
    return value ? value->text : "";
}

static int64_t whole_of(const struct reader_value *values, int columns, const char *name)
{
    return strtoll(text_of(values, columns, name), NULL, 10);
}

static bool wanted(const struct options *o, const char *symbol)
{
    for (int i = 0; i < o->patterns_count; i++) {
        if (fnmatch(o->patterns[i], symbol, FNM_CASEFOLD) == 0)
            return true;
    }
    return o->patterns_count == 0;
}

static const char *age_text(char *out, size_t out_bytes, int64_t age_ns, int64_t stale_ns)
{
    double s = (double)age_ns / (double)NS_PER_S;
    const char *mark = age_ns > stale_ns ? " !" : "";
    if (s < 0)
        s = 0;
    if (s < 10)
        snprintf(out, out_bytes, "%.1fs%s", s, mark);
    else if (s < 120)
        snprintf(out, out_bytes, "%.0fs%s", s, mark);
    else if (s < 2 * 3600)
        snprintf(out, out_bytes, "%.0fm%s", s / 60, mark);
    else if (s < 48 * 3600)
        snprintf(out, out_bytes, "%.0fh%s", s / 3600, mark);
    else
        snprintf(out, out_bytes, "%.0fd%s", s / 86400, mark);
    return out;
}

/* The time of a trade as a clock in Argentina shows it; the day too, when it is not today's. */
static const char *art_text(char *out, size_t out_bytes, int64_t ts_ns, int64_t now_ns)
{
    time_t art = (time_t)(ts_ns / NS_PER_S - 3 * 3600);
    struct tm tm;
    if (ts_ns == 0 || !gmtime_r(&art, &tm))
        return "";
    if (art_day(ts_ns) == art_day(now_ns))
        strftime(out, out_bytes, "%H:%M:%S", &tm);
    else
        strftime(out, out_bytes, "%Y-%m-%d %H:%M", &tm);
    return out;
}

static const struct table_column table_columns[] = {
    {"symbol", false},    {"src", false},       {"bid size", true}, {"bid", true},
    {"offer", true},      {"offer size", true}, {"last", true},     {"last size", true},
    {"last (ART)", true}, {"volume", true},     {"age", true},
};

/* What each market publishes differs: an index has a value and no trades, BYMA a nominal volume. */
static const char *first_of(const struct reader_value *values, int columns, const char *name,
                            const char *other)
{
    const char *text = text_of(values, columns, name);
    return *text ? text : text_of(values, columns, other);
}

static void put_table(struct look *look, int columns, const struct reader_value *values)
{
    static const char *const names[] = {"symbol",    "source",      "bid_size",
                                        "bid_price", "offer_price", "offer_size"};
    char time[32], age[32];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        table_cell(look->table, text_of(values, columns, names[i]));
    table_cell(look->table, first_of(values, columns, "last_price", "index_value"));
    table_cell(look->table, text_of(values, columns, "last_size"));
    table_cell(look->table,
               art_text(time, sizeof(time), whole_of(values, columns, "ts_last"), look->now_ns));
    table_cell(look->table, first_of(values, columns, "trade_volume", "nominal_volume"));
    table_cell(look->table,
               age_text(age, sizeof(age), look->now_ns - whole_of(values, columns, "ts_seen"),
                        look->stale_ns));
}

static void put_json(struct look *look, int columns, const struct reader_value *values)
{
    bool array = !look->options->watch;
    buf_puts(look->out, !array ? "{" : look->matches == 1 ? "[\n{" : ",\n{");
    for (int i = 0; i < columns; i++) {
        const struct reader_value *v = &values[i];
        bool is_json = strcmp(v->column, "bids") == 0 || strcmp(v->column, "offers") == 0;
        buf_printf(look->out, "%s\"%s\":", i ? "," : "", v->column);
        if (v->type == READER_TEXT && !is_json)
            json_put_string(look->out, v->text);
        else
            buf_puts(look->out, v->type == READER_NULL ? "null" : v->text);
    }
    buf_puts(look->out, array ? "}" : "}\n");
}

static void put_csv(struct look *look, int columns, const struct reader_value *values)
{
    for (int i = 0; look->header && i < columns; i++)
        buf_printf(look->out, "%s%s", values[i].column, i + 1 < columns ? "," : "\r\n");
    look->header = false;
    for (int i = 0; i < columns; i++) {
        csv_put(look->out, values[i].text);
        buf_puts(look->out, i + 1 < columns ? "," : "\r\n");
    }
}

static int on_row(void *arg, int columns, const struct reader_value *values)
{
    struct look *look = arg;
    int64_t seq = whole_of(values, columns, "seq");

    if (!wanted(look->options, text_of(values, columns, "symbol")))
        return 0;
    look->matches++;
    if (seq > look->last_seq)
        look->last_seq = seq;
    if (seq <= look->after_seq)
        return 0;
    switch (look->options->format) {
    case FORMAT_TABLE:
        put_table(look, columns, values);
        break;
    case FORMAT_JSON:
        put_json(look, columns, values);
        break;
    case FORMAT_CSV:
        put_csv(look, columns, values);
        break;
    }
    return buf_failed(look->out);
}

static int take_look(struct reader *reader, struct look *look, struct err *err)
{
    look->now_ns = clock_now().wall_ns;
    look->matches = 0;
    buf_clear(look->out);
    table_clear(look->table);
    int rc = reader_select(reader, "SELECT * FROM quotes ORDER BY symbol, market", NULL, 0, on_row,
                           look, err);
    if (rc == 0 && look->options->format == FORMAT_JSON && !look->options->watch)
        buf_puts(look->out, look->matches ? "\n]\n" : "[]\n");
    if (rc == 0 && buf_failed(look->out))
        rc = err_set(err, -ENOMEM, "too many quotes to show at once: give a PATTERN");
    return rc;
}

/* --- the screen ------------------------------------------------------------------------------- */

static size_t screen_rows(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 3)
        return (size_t)size.ws_row - 2; /* titles, and the line the cursor ends on */
    return 22;
}

/* Drawn over what is there, line by line, so that it does not flicker; long lines are cut. */
static void draw(struct look *look)
{
    size_t rows = screen_rows(), all = table_rows(look->table);
    bool cut = all > rows;
    buf_puts(look->out, "\033[?7l\033[H");
    table_print(look->table, cut ? rows - 1 : rows, "\033[K\n", look->out);
    if (cut)
        buf_printf(look->out, "... and %zu more: give a PATTERN to see them\033[K\n",
                   all - (rows - 1));
    buf_puts(look->out, "\033[J\033[?7h");
}

static int write_out(const struct buf *out)
{
    if (fwrite(buf_text(out), 1, out->len_bytes, stdout) == out->len_bytes && fflush(stdout) == 0)
        return 0;
    return -errno;
}

/* Waits for the next look; true when INT or TERM asks to end. */
static bool told_to_stop(const sigset_t *stop)
{
    const struct timespec wait = {.tv_sec = WATCH_S};
    return sigtimedwait(stop, NULL, &wait) > 0;
}

static int watch(struct reader *reader, struct look *look, struct err *err)
{
    bool screen = look->options->format == FORMAT_TABLE && isatty(STDOUT_FILENO);
    sigset_t stop;
    int rc;

    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    if (screen)
        fputs("\033[2J", stdout);
    do {
        rc = take_look(reader, look, err);
        if (rc == 0 && screen)
            draw(look);
        else if (rc == 0 && look->options->format == FORMAT_TABLE) {
            table_print(look->table, SIZE_MAX, "\n", look->out);
            buf_puts(look->out, "\n");
        } else {
            look->after_seq = look->last_seq; /* as lines: only what changed since */
        }
        if (rc == 0 && write_out(look->out))
            return 0; /* the reader of our pipe has gone: nothing to tell it */
    } while (rc == 0 && !told_to_stop(&stop));
    return rc;
}

/* --- the command ------------------------------------------------------------------------------ */

enum { CONFIG, DB, WATCH, JSON, CSV };

static const struct option_row options[] = {
    [CONFIG] = OPTION_CONFIG,
    [DB] = {"db", 0, "FILE", "this database, whatever the configuration says"},
    [WATCH] = {"watch", 'w', NULL, "look again every second until Ctrl-C"},
    [JSON] = {"json", 0, NULL, "an array of objects; with --watch, a line for each change"},
    [CSV] = {"csv", 0, NULL, "RFC 4180 with a header; with --watch, a line for each change"},
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
        else if (option == WATCH)
            o->watch = true;
        else if (o->format != FORMAT_TABLE &&
                 o->format != (option == JSON ? FORMAT_JSON : FORMAT_CSV))
            return cmd_usage(self, "--json and --csv exclude each other");
        else
            o->format = option == JSON ? FORMAT_JSON : FORMAT_CSV;
    }
    o->patterns = args_rest(&args, &o->patterns_count);
    return option == ARGS_WRONG ? STATUS_USAGE : STATUS_OK;
}

static int count_row(void *arg, int columns, const struct reader_value *values)
{
    (void)columns;
    *(int64_t *)arg = strtoll(values[0].text, NULL, 10);
    return 0;
}

/* An age is alarming against what the configuration can reach: 100 instruments at one request a
 * second are 100 s old without anything being wrong. */
static int64_t stale_after_ns(struct reader *reader, const struct config *config)
{
    int64_t count = 0;
    double s = STALE_S;
    if (config) {
        reader_select(reader, "SELECT count(*) FROM quote", NULL, 0, count_row, &count, NULL);
        double refresh = (double)count / config->poll.rate;
        if (refresh < (double)config->poll.interval_ms / 1000)
            refresh = (double)config->poll.interval_ms / 1000;
        s = 3 * refresh + SEEN_LATE_S;
    }
    return (int64_t)((s > STALE_S ? s : STALE_S) * (double)NS_PER_S);
}

static int no_match(const struct cmd *self, const struct options *o)
{
    if (o->patterns_count == 0)
        return cmd_fail(self, STATUS_FAILED, "no quotes recorded yet");
    return cmd_fail(self, STATUS_FAILED, "no symbol matches '%s'%s", o->patterns[0],
                    o->patterns_count > 1 ? " or the other patterns" : "");
}

static int show(const struct cmd *self, const struct options *o, struct reader *reader,
                struct look *look)
{
    struct err err;
    int rc = o->watch ? watch(reader, look, &err) : take_look(reader, look, &err);
    if (rc)
        return cmd_fail(self, STATUS_FAILED, "%s", err.text);
    if (o->watch)
        return STATUS_OK;
    if (look->matches == 0 && o->format != FORMAT_JSON)
        return no_match(self, o);
    if (o->format == FORMAT_TABLE)
        table_print(look->table, SIZE_MAX, "\n", look->out);
    rc = write_out(look->out);
    if (rc)
        return cmd_fail(self, STATUS_FAILED, "cannot write: %s", strerror(-rc));
    return look->matches ? STATUS_OK : no_match(self, o);
}

static int open_and_show(const struct cmd *self, const struct options *o,
                         const struct config *config)
{
    struct reader *reader;
    struct table table;
    struct buf out;
    struct err err;

    if (reader_open(&reader, o->db_path ? o->db_path : config->store.path, &err))
        return cmd_fail(self, STATUS_FAILED, "%s", err.text);
    table_init(&table, table_columns, sizeof(table_columns) / sizeof(table_columns[0]));
    buf_init(&out, OUT_BYTES);
    struct look look = {
        .options = o,
        .table = &table,
        .out = &out,
        .after_seq = -1,
        .stale_ns = stale_after_ns(reader, config),
        .header = true,
    };
    int status = show(self, o, reader, &look);
    buf_finish(&out);
    table_finish(&table);
    reader_close(reader);
    return status;
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
    status = open_and_show(self, &o, config);
    config_free(config);
    return status;
}

const struct cmd cmd_quotes = {
    .name = "quotes",
    .arguments = "[-c FILE | --db FILE] [--watch] [--json|--csv] [PATTERN...]",
    .summary = "present quotes as a table, whether the service runs or not",
    .options = options,
    .notes = "A PATTERN is a shell glob over symbols, without case; '*' matches '/' too:\n"
             "\n"
             "  cinta quotes 'DLR/*' 'MERV - XMEV - AL30* - *'\n"
             "\n"
             "The age is the time since the broker last confirmed the quote (up to 5 s too\n"
             "high, because the service writes it in batches). '!' marks one that is older than\n"
             "the configured rate explains. Exit status 1 when there is nothing to show.\n",
    .run = run,
};
