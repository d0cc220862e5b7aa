#include "app/config.h"
#include "base/clock.h"
#include "cli/args.h"
#include "cli/owners.h"
#include "cli/quotes_notes.h"
#include "cli/screen.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WATCH_S      1
#define STALE_S      30 /* the least age that is marked */
#define SEEN_LATE_S  5  /* ages may show this much more: the service writes them in batches */
#define NOTES_BYTES  65536
#define COLUMN_BYTES 4096

struct options {
    const char *config_path, *db_path, *columns;
    bool watch;
    struct quotes_request request;
};

/* A database, the view of it, and what was said of it last. */
struct looking {
    const struct cmd *self;
    struct reader *reader;
    struct quotes_view view;
    struct buf notes, told;
};

/* --- looking ---------------------------------------------------------------------------------- */

static int on_row(void *arg, int columns, const struct reader_value *values)
{
    return quotes_view_row(arg, columns, values);
}

static int take_look(struct looking *l, struct err *err)
{
    quotes_view_begin(&l->view, clock_now().wall_ns);
    int rc = reader_select(l->reader,
                           "SELECT * FROM quotes ORDER BY symbol COLLATE symbol_order, market",
                           NULL, 0, on_row, &l->view, err);
    quotes_view_end(&l->view);
    if (rc == 0 && (buf_failed(&l->view.out) || buf_failed(&l->view.table.text)))
        rc = err_set(err, -ENOMEM, "too many quotes to show at once: give a PATTERN");
    buf_clear(&l->notes);
    if (rc == 0)
        quotes_notes_put(&l->notes, &l->view, l->reader);
    return rc;
}

static int write_out(const struct buf *out, struct err *err)
{
    if (fwrite(buf_text(out), 1, out->len_bytes, stdout) == out->len_bytes && fflush(stdout) == 0)
        return 0;
    return err_set(err, -errno, "cannot write: %s", strerror(errno));
}

/* On stderr, and only what was not said last time. */
static void tell_notes(struct looking *l)
{
    const char *notes = buf_text(&l->notes);
    if (strcmp(notes, buf_text(&l->told)) == 0)
        return;
    buf_clear(&l->told);
    buf_puts(&l->told, notes);
    while (*notes) {
        int bytes = (int)strcspn(notes, "\n");
        fprintf(stderr, "cinta %s: %.*s\n", l->self->name, bytes, notes);
        notes += bytes + (notes[bytes] == '\n');
    }
}

static void put_table(struct looking *l)
{
    if (table_fit(&l->view.table, screen_width()))
        screen_put_hidden(&l->notes, &l->view.table);
    table_print(&l->view.table, SIZE_MAX, "\n", &l->view.out);
}

static int look_once(struct looking *l, struct err *err)
{
    int rc = take_look(l, err);
    if (rc == 0 && l->view.request.format == QUOTES_TABLE && l->view.all.shown)
        put_table(l);
    if (rc == 0)
        rc = write_out(&l->view.out, err);
    if (rc == 0)
        tell_notes(l);
    return rc;
}

/* --- looking again and again ------------------------------------------------------------------ */

static void draw(struct looking *l)
{
    if (table_fit(&l->view.table, screen_width()))
        screen_put_hidden(&l->notes, &l->view.table);
    screen_draw(&l->view.out, &l->view.table, buf_text(&l->notes));
}

static int look_again(struct looking *l, bool screen, struct err *err)
{
    int rc = take_look(l, err);
    if (rc)
        return rc;
    if (screen) {
        draw(l);
    } else if (l->view.request.format == QUOTES_TABLE) {
        put_table(l);
        buf_puts(&l->view.out, "\n");
    }
    rc = write_out(&l->view.out, err);
    if (rc == 0 && !screen)
        tell_notes(l);
    return rc;
}

/* Waits for the next look; true when INT or TERM asks to end. Another size of the screen does not
 * wait. */
static bool told_to_stop(const sigset_t *signals)
{
    const struct timespec wait = {.tv_sec = WATCH_S};
    int signum = sigtimedwait(signals, NULL, &wait);
    return signum == SIGINT || signum == SIGTERM;
}

static int watch(struct looking *l, struct err *err)
{
    bool screen = l->view.request.format == QUOTES_TABLE && screen_is();
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
        rc = look_again(l, screen, err);
    while (rc == 0 && !told_to_stop(&signals));
    return rc;
}

/* --- the command ------------------------------------------------------------------------------ */

enum { CONFIG, DB, WATCH, COLUMNS, ALL, HIDE_EMPTY, JSON, CSV };

static const struct option_row options[] = {
    [CONFIG] = OPTION_CONFIG,
    [DB] = {"db", 0, "FILE", "this database, whatever the configuration says"},
    [WATCH] = {"watch", 'w', NULL, "look again every second until Ctrl-C"},
    [COLUMNS] = {"columns", 0, "NAMES", "only these columns, with commas, in this order"},
    [ALL] = {"all", 'a', NULL, "instruments that are not recorded any more, too"},
    [HIDE_EMPTY] = {"hide-empty", 0, NULL, "without instruments that have no value at all"},
    [JSON] = {"json", 0, NULL, "an array of objects; with --watch, a line a change"},
    [CSV] = {"csv", 0, NULL, "RFC 4180 with header; with --watch, a line a change"},
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

/* --- what the database has -------------------------------------------------------------------- */

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

/* An age is alarming against what the configuration can reach: 100 instruments at one request a
 * second are 100 s old without anything being wrong. */
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

static int look(struct looking *l, bool again)
{
    struct err err;
    if (again ? watch(l, &err) : look_once(l, &err))
        return cmd_fail(l->self, STATUS_FAILED, "%s", err.text);
    return again || quotes_notes_none_missing(&l->view) ? STATUS_OK : STATUS_FAILED;
}

static int show(const struct cmd *self, struct options *o, const struct config *config,
                struct reader *reader)
{
    struct looking l = {.self = self, .reader = reader};
    struct quotes_names names = {0};
    struct quotes_columns columns;
    struct err err;
    reader_select(reader, "SELECT name FROM pragma_table_info('quotes')", NULL, 0, on_name, &names,
                  NULL);
    int status = o->columns ? choose_columns(self, o, &names, &columns) : STATUS_OK;
    if (status)
        return status;
    o->request.stale_ns = stale_after_ns(reader, config, quotes_names_have(&names, "recorded"));
    buf_init(&l.notes, NOTES_BYTES);
    buf_init(&l.told, NOTES_BYTES);
    if (quotes_view_init(&l.view, &o->request, o->columns ? &columns : NULL, &err))
        status = cmd_fail(self, STATUS_FAILED, "%s", err.text);
    else
        status = look(&l, o->watch);
    quotes_view_finish(&l.view);
    buf_finish(&l.told);
    buf_finish(&l.notes);
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
    .summary = "present quotes as a table, whether the service runs or not",
    .options = options,
    .notes = "A PATTERN is a shell glob over symbols, without case; '*' matches '/' too:\n"
             "\n"
             "  cinta quotes 'DLR/*' 'MERV - XMEV - AL30* - *'\n"
             "  cinta quotes --columns symbol,bid,offer,high_price,low_price 'DLR/*'\n"
             "\n"
             "Shown are the instruments that are recorded now, by product and maturity. On a\n"
             "narrow terminal whole columns are left out; in a pipe none is. NAMES are columns\n"
             "of the view quotes and src, age, bid, offer, last, volume; an unknown one is\n"
             "answered with the list. Times are those of Argentina (ART); JSON and CSV have\n"
             "UTC.\n"
             "\n"
             "The age is the time since the broker last confirmed the quote (up to 5 s too\n"
             "high, because the service writes it in batches). '!' marks one that is older\n"
             "than the configured rate explains, '+' a stamp ahead of this machine's clock.\n"
             "\n"
             "Exit status 1 when a PATTERN matches nothing that is shown, which stderr names,\n"
             "or when there is nothing to show.\n",
    .run = run,
};
