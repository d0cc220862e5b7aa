#include "base/clock.h"
#include "cli/args.h"
#include "cli/owners.h"
#include "cli/quotes_notes.h"
#include "cli/screen.h"
#include "config/config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WATCH_S      1
#define STALE_S      30 /* the least age that is marked */
#define SEEN_LATE_S  5  /* ages may be this much too high: the service writes ts_seen in batches */
#define NOTES_BYTES  65536
#define COLUMN_BYTES 4096

struct options {
    const char *config_path, *db_path, *columns;
    bool watch;
    struct quotes_request request;
};

struct quotes_run {
    const struct cmd *self;
    struct reader *reader;
    struct quotes_view view;
    struct buf notes, printed; /* of this query; those that were printed last */
};

/* --- one query -------------------------------------------------------------------------------- */

static int on_row(void *arg, int columns, const struct reader_value *values)
{
    return quotes_view_row(arg, columns, values);
}

static int query(struct quotes_run *q, struct err *err)
{
    quotes_view_begin(&q->view, clock_now().wall_ns);
    int rc = reader_select(q->reader,
                           "SELECT * FROM quotes ORDER BY symbol COLLATE symbol_order, market",
                           NULL, 0, on_row, &q->view, err);
    quotes_view_end(&q->view);
    if (rc == 0 && (buf_failed(&q->view.out) || buf_failed(&q->view.table.text)))
        rc = err_set(err, -ENOMEM, "too many quotes to show at once: give a PATTERN");
    buf_clear(&q->notes);
    if (rc == 0)
        quotes_notes_put(&q->notes, &q->view, q->reader);
    return rc;
}

static int write_out(const struct buf *out, struct err *err)
{
    if (fwrite(buf_text(out), 1, out->len_bytes, stdout) == out->len_bytes && fflush(stdout) == 0)
        return 0;
    return err_set(err, -errno, "cannot write: %s", strerror(errno));
}

/* On stderr, and only when they changed. */
static void print_notes(struct quotes_run *q)
{
    const char *notes = buf_text(&q->notes);
    if (strcmp(notes, buf_text(&q->printed)) == 0)
        return;
    buf_clear(&q->printed);
    buf_puts(&q->printed, notes);
    while (*notes) {
        int bytes = (int)strcspn(notes, "\n");
        fprintf(stderr, "cinta %s: %.*s\n", q->self->name, bytes, notes);
        notes += bytes + (notes[bytes] == '\n');
    }
}

static void put_table(struct quotes_run *q)
{
    if (table_fit(&q->view.table, screen_width()))
        screen_put_hidden(&q->notes, &q->view.table);
    table_print(&q->view.table, SIZE_MAX, "\n", &q->view.out);
}

static int show_once(struct quotes_run *q, struct err *err)
{
    int rc = query(q, err);
    if (rc == 0 && q->view.request.format == QUOTES_TABLE && q->view.all.shown)
        put_table(q);
    if (rc == 0)
        rc = write_out(&q->view.out, err);
    if (rc == 0)
        print_notes(q);
    return rc;
}

/* --- --watch ---------------------------------------------------------------------------------- */

static void draw(struct quotes_run *q)
{
    if (table_fit(&q->view.table, screen_width()))
        screen_put_hidden(&q->notes, &q->view.table);
    screen_draw(&q->view.out, &q->view.table, buf_text(&q->notes));
}

static int show_again(struct quotes_run *q, bool screen, struct err *err)
{
    int rc = query(q, err);
    if (rc)
        return rc;
    if (screen) {
        draw(q);
    } else if (q->view.request.format == QUOTES_TABLE) {
        put_table(q);
        buf_puts(&q->view.out, "\n");
    }
    rc = write_out(&q->view.out, err);
    if (rc == 0 && !screen)
        print_notes(q);
    return rc;
}

/* Waits until the next query is due; returns at once when the screen is resized (SIGWINCH). True:
 * INT or TERM was received. */
static bool stop_requested(const sigset_t *signals)
{
    const struct timespec wait = {.tv_sec = WATCH_S};
    int signum = sigtimedwait(signals, NULL, &wait);
    return signum == SIGINT || signum == SIGTERM;
}

static int watch(struct quotes_run *q, struct err *err)
{
    bool screen = q->view.request.format == QUOTES_TABLE && screen_is();
    sigset_t signals;
    int rc;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGWINCH);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    if (screen)
        fputs("\033[2J", stdout);
    do
        rc = show_again(q, screen, err);
    while (rc == 0 && !stop_requested(&signals));
    return rc;
}

/* --- the command ------------------------------------------------------------------------------ */

enum { CONFIG, DB, WATCH, COLUMNS, ALL, HIDE_EMPTY, JSON, CSV };

static const struct option_row options[] = {
    [CONFIG] = OPTION_CONFIG,
    [DB] = {"db", 0, "FILE", "use this database, not the one in the configuration"},
    [WATCH] = {"watch", 'w', NULL, "refresh every second until Ctrl-C"},
    [COLUMNS] = {"columns", 0, "NAMES", "only these columns, separated by commas, in this order"},
    [ALL] = {"all", 'a', NULL, "also instruments that are no longer recorded"},
    [HIDE_EMPTY] = {"hide-empty", 0, NULL, "hide instruments that have no value"},
    [JSON] = {"json", 0, NULL, "an array of objects; with --watch, one line per change"},
    [CSV] = {"csv", 0, NULL, "RFC 4180 with header; with --watch, one line per change"},
    {0},
};

static int take_format(const struct cmd *self, struct options *o, enum quotes_format format)
{
    if (o->request.format != QUOTES_TABLE && o->request.format != format)
        return cmd_usage(self, "--json and --csv exclude each other");
    o->request.format = format;
    return STATUS_OK;
}

static int take_option(const struct cmd *self, struct options *o, int option, const char *value)
{
    switch (option) {
    case CONFIG:
        o->config_path = value;
        break;
    case DB:
        o->db_path = value;
        break;
    case WATCH:
        o->watch = o->request.follows = true;
        break;
    case COLUMNS:
        o->columns = value;
        break;
    case ALL:
        o->request.all = true;
        break;
    case HIDE_EMPTY:
        o->request.hide_empty = true;
        break;
    default:
        return take_format(self, o, option == JSON ? QUOTES_JSON : QUOTES_CSV);
    }
    return STATUS_OK;
}

static int parse_options(const struct cmd *self, int argc, char **argv, struct options *o)
{
    struct args args;
    const char *value;
    int option, status = STATUS_OK;

    args_init(&args, self, argc, argv);
    while (status == STATUS_OK && (option = args_next(&args, &value)) >= 0)
        status = take_option(self, o, option, value);
    if (status)
        return status;
    o->request.patterns = args_rest(&args, &o->request.patterns_count);
    return option == ARGS_WRONG ? STATUS_USAGE : STATUS_OK;
}

/* --- columns and ages ------------------------------------------------------------------------- */

static int on_name(void *arg, int columns, const struct reader_value *values)
{
    (void)columns;
    quotes_names_add(arg, values[0].text);
    return 0;
}

static int choose_columns(const struct cmd *self, const struct options *o,
                          const struct quotes_names *names, struct quotes_columns *columns)
{
    char wrong[QUOTES_NAME_BYTES];
    bool table = o->request.format == QUOTES_TABLE;
    struct buf allowed;
    if (quotes_columns_choose(columns, o->columns, table, names, wrong))
        return STATUS_OK;
    buf_init(&allowed, COLUMN_BYTES);
    quotes_columns_allowed(&allowed, table, names);
    cmd_fail(self, STATUS_USAGE, "--columns: '%s' is not a column; allowed: %s", wrong,
             buf_text(&allowed));
    buf_finish(&allowed);
    return STATUS_USAGE;
}

static int count_row(void *arg, int columns, const struct reader_value *values)
{
    (void)columns;
    *(int64_t *)arg = strtoll(values[0].text, NULL, 10);
    return 0;
}

/* A stale age depends on the configured rate: with 100 instruments and one request per second, ages
 * reach 100 s in normal operation. */
static int64_t stale_after_ns(struct reader *reader, const struct config *config, bool recorded)
{
    int64_t count = 0;
    double s = STALE_S;
    if (config) {
        reader_select(reader,
                      recorded ? "SELECT count(*) FROM quotes WHERE recorded"
                               : "SELECT count(*) FROM quote",
                      NULL, 0, count_row, &count, NULL);
        double refresh = (double)count / config->poll.rate;
        if (refresh < (double)config->poll.interval_ms / 1000)
            refresh = (double)config->poll.interval_ms / 1000;
        s = 3 * refresh + SEEN_LATE_S;
    }
    return (int64_t)((s > STALE_S ? s : STALE_S) * (double)NS_PER_S);
}

static int show_quotes(struct quotes_run *q, bool again)
{
    struct err err;
    if (again ? watch(q, &err) : show_once(q, &err))
        return cmd_fail(q->self, STATUS_FAILED, "%s", err.text);
    return again || quotes_notes_none_missing(&q->view) ? STATUS_OK : STATUS_FAILED;
}

static int show(const struct cmd *self, struct options *o, const struct config *config,
                struct reader *reader)
{
    struct quotes_run q = {.self = self, .reader = reader};
    struct quotes_names names = {0};
    struct quotes_columns columns;
    struct err err;
    reader_select(reader, "SELECT name FROM pragma_table_info('quotes')", NULL, 0, on_name, &names,
                  NULL);
    int status = o->columns ? choose_columns(self, o, &names, &columns) : STATUS_OK;
    if (status)
        return status;
    o->request.stale_ns = stale_after_ns(reader, config, quotes_names_have(&names, "recorded"));
    buf_init(&q.notes, NOTES_BYTES);
    buf_init(&q.printed, NOTES_BYTES);
    if (quotes_view_init(&q.view, &o->request, o->columns ? &columns : NULL, &err))
        status = cmd_fail(self, STATUS_FAILED, "%s", err.text);
    else
        status = show_quotes(&q, o->watch);
    quotes_view_finish(&q.view);
    buf_finish(&q.printed);
    buf_finish(&q.notes);
    return status;
}

static int open_and_show(const struct cmd *self, struct options *o, const struct config *config)
{
    struct reader *reader;
    struct err err;
    const char *path = o->db_path ? o->db_path : config->store.path;
    int rc = reader_open(&reader, path, &err);
    if (rc)
        return owners_fail(self, STATUS_FAILED, rc, path, &err);
    int status = show(self, o, config, reader);
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
    .arguments = "[-c FILE | --db FILE] [--watch] [--columns NAMES]\n"
                 "                    [--all] [--hide-empty] [--json|--csv] [PATTERN...]",
    .summary = "shows the present quotes, whether the service runs or not",
    .options = options,
    .notes = "A PATTERN is a shell glob for symbols, without case; '*' matches '/' too:\n"
             "\n"
             "  cinta quotes 'DLR/*' 'MERV - XMEV - AL30* - *'\n"
             "  cinta quotes --columns symbol,bid,offer,high_price,low_price 'DLR/*'\n"
             "\n"
             "Shows the instruments that are recorded now, sorted by product and maturity. A\n"
             "narrow terminal hides whole columns; a pipe gets all of them. NAMES are columns\n"
             "of the view quotes, and src, age, bid, offer, last, volume; the error for an\n"
             "unknown name lists them. Times are local in Argentina (ART); JSON and CSV have\n"
             "UTC.\n"
             "\n"
             "The age is the time since the broker last confirmed the quote (up to 5 s too\n"
             "high, because the service writes it in batches). '!' marks a quote that is older\n"
             "than expected at the configured rate, '+' one whose time stamp is ahead of this\n"
             "machine's clock.\n"
             "\n"
             "Exit status 1 when no quote is shown for a PATTERN, with a message on stderr, or\n"
             "when no quote is shown at all.\n",
    .run = run,
};
