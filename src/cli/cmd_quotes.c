#include "app/config.h"
#include "base/clock.h"
#include "cli/args.h"
#include "cli/quotes_view.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define WATCH_S     1
#define STALE_S     30 /* the least age that is marked */
#define SEEN_LATE_S 5  /* ages may show this much more: the service writes them in batches */

struct options {
    const char *config_path, *db_path;
    enum quotes_format format;
    bool watch;
    const char *const *patterns;
    int patterns_count;
};

/* --- looking ---------------------------------------------------------------------------------- */

static int on_row(void *arg, int columns, const struct reader_value *values)
{
    return quotes_view_row(arg, columns, values);
}

static int take_look(struct reader *reader, struct quotes_view *view, struct err *err)
{
    quotes_view_begin(view, clock_now().wall_ns);
    int rc = reader_select(reader, "SELECT * FROM quotes ORDER BY symbol, market", NULL, 0, on_row,
                           view, err);
    quotes_view_end(view);
    if (rc == 0 && (buf_failed(&view->out) || buf_failed(&view->table.text)))
        rc = err_set(err, -ENOMEM, "too many quotes to show at once: give a PATTERN");
    return rc;
}

static int write_out(const struct buf *out, struct err *err)
{
    if (fwrite(buf_text(out), 1, out->len_bytes, stdout) == out->len_bytes && fflush(stdout) == 0)
        return 0;
    return err_set(err, -errno, "cannot write: %s", strerror(errno));
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
static void draw(struct quotes_view *view)
{
    size_t rows = screen_rows(), all = table_rows(&view->table);
    bool cut = all > rows;
    buf_puts(&view->out, "\033[?7l\033[H");
    table_print(&view->table, cut ? rows - 1 : rows, "\033[K\n", &view->out);
    if (cut)
        buf_printf(&view->out, "... and %zu more: give a PATTERN to see them\033[K\n",
                   all - (rows - 1));
    buf_puts(&view->out, "\033[J\033[?7h");
}

/* Waits for the next look; true when INT or TERM asks to end. */
static bool told_to_stop(const sigset_t *stop)
{
    const struct timespec wait = {.tv_sec = WATCH_S};
    return sigtimedwait(stop, NULL, &wait) > 0;
}

static void show_table(struct quotes_view *view, bool screen)
{
    if (screen) {
        draw(view);
        return;
    }
    table_print(&view->table, SIZE_MAX, "\n", &view->out);
    buf_puts(&view->out, "\n");
}

static int watch(struct reader *reader, struct quotes_view *view, struct err *err)
{
    bool table = view->format == QUOTES_TABLE, screen = table && isatty(STDOUT_FILENO);
    sigset_t stop;
    int rc;

    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    if (screen)
        fputs("\033[2J", stdout);
    do {
        rc = take_look(reader, view, err);
        if (rc == 0 && table)
            show_table(view, screen);
        if (rc == 0)
            rc = write_out(&view->out, err);
    } while (rc == 0 && !told_to_stop(&stop));
    return rc;
}

/* --- the command ------------------------------------------------------------------------------ */

enum { CONFIG, DB, WATCH, JSON, CSV };

static const struct option_row options[] = {
    [CONFIG] = OPTION_CONFIG,
    [DB] = {"db", 0, "FILE", "this database, whatever the configuration says"},
    [WATCH] = {"watch", 'w', NULL, "look again every second until Ctrl-C"},
    [JSON] = {"json", 0, NULL, "an array of objects; with --watch, a line a change"},
    [CSV] = {"csv", 0, NULL, "RFC 4180 with header; with --watch, a line a change"},
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
        else if (o->format != QUOTES_TABLE &&
                 o->format != (option == JSON ? QUOTES_JSON : QUOTES_CSV))
            return cmd_usage(self, "--json and --csv exclude each other");
        else
            o->format = option == JSON ? QUOTES_JSON : QUOTES_CSV;
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
                struct quotes_view *view)
{
    struct err err;
    int rc = o->watch ? watch(reader, view, &err) : take_look(reader, view, &err);
    if (rc == 0 && o->watch)
        return STATUS_OK;
    if (rc == 0 && o->format == QUOTES_TABLE && view->matches)
        table_print(&view->table, SIZE_MAX, "\n", &view->out);
    if (rc == 0)
        rc = write_out(&view->out, &err);
    if (rc)
        return cmd_fail(self, STATUS_FAILED, "%s", err.text);
    return view->matches ? STATUS_OK : no_match(self, o);
}

static int open_and_show(const struct cmd *self, const struct options *o,
                         const struct config *config)
{
    struct reader *reader;
    struct quotes_view view;
    struct err err;

    if (reader_open(&reader, o->db_path ? o->db_path : config->store.path, &err))
        return cmd_fail(self, STATUS_FAILED, "%s", err.text);
    quotes_view_init(&view, o->format, o->watch);
    view.patterns = o->patterns;
    view.patterns_count = o->patterns_count;
    view.stale_ns = stale_after_ns(reader, config);
    int status = show(self, o, reader, &view);
    quotes_view_finish(&view);
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
             "high, because the service writes it in batches). '!' marks one that is older\n"
             "than the configured rate explains. Exit status 1 when there is nothing to show.\n",
    .run = run,
};
