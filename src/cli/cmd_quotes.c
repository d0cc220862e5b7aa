#include "base/clock.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/owners.h"
#include "cli/quotes_notes.h"
#include "cli/screen.h"
#include "market/instrument.h"
#include "market/poll_shares.h"

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
    struct database_options db;
    const char *columns;
    bool watch, all, hide_empty, json, csv;
    struct option_texts patterns;
};

struct quotes_run {
    const struct cmd *self;
    struct reader *reader;
    const struct calendar_set *sessions; /* NULL: there is no configuration */
    struct quotes_view view;
    struct buf notes, printed; /* of this query; those that were printed last */
};

/* --- one query -------------------------------------------------------------------------------- */

static int on_row(void *arg, int columns, const struct reader_value *values)
{
    return quotes_view_row(arg, columns, values);
}

static int on_decimals(void *arg, int columns, const struct reader_value *values)
{
    (void)columns;
    quotes_cells_price_decimals(arg, values[0].text, atoi(values[1].text));
    return 0;
}

/* Of the broker's reference data; a database of an older version has none. */
static void read_decimals(struct quotes_run *q)
{
    reader_select(q->reader,
                  READER_QUERY("SELECT symbol, price_decimals FROM instrument"
                               " WHERE ts_recorded IS NOT NULL AND price_decimals IS NOT NULL"),
                  on_decimals, &q->view.cells, NULL);
}

static int on_segment(void *arg, int columns, const struct reader_value *values)
{
    struct quotes_run *q = arg;
    const struct instrument known = {.segment = columns > 1 ? values[1].text : NULL};
    int at = calendar_set_find(q->sessions, calendar_set_segment(&known, values[0].text));
    bool open = calendar_open(&q->sessions->each[at].calendar, clock_now().wall_ns);
    quotes_cells_quiet(&q->view.cells, values[0].text, !open);
    return 0;
}

/* A database of an older version has no segments. */
static void read_segments(struct quotes_run *q)
{
    if (q->sessions &&
        reader_select(q->reader,
                      READER_QUERY("SELECT symbol, coalesce(segment, '') FROM instrument"
                                   " WHERE ts_recorded IS NOT NULL"),
                      on_segment, q, NULL))
        reader_select(q->reader, READER_QUERY("SELECT symbol FROM instrument"), on_segment, q,
                      NULL);
}

static int query(struct quotes_run *q, struct err *err)
{
    if (q->view.request.format == QUOTES_TABLE) {
        read_decimals(q);
        read_segments(q);
    }
    quotes_view_begin(&q->view, clock_now().wall_ns);
    int rc = reader_select(
        q->reader,
        READER_QUERY("SELECT * FROM quotes ORDER BY symbol COLLATE symbol_order, market"), on_row,
        &q->view, err);
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
    bool table = !o->json && !o->csv;
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
 * reach 250 s in normal operation (market/poll_shares). */
static int64_t stale_after_ns(struct reader *reader, const struct config *config, bool recorded)
{
    int64_t count = 0;
    double s = STALE_S;
    if (config) {
        reader_select(reader,
                      READER_QUERY(recorded ? "SELECT count(*) FROM quotes WHERE recorded"
                                            : "SELECT count(*) FROM quote"),
                      count_row, &count, NULL);
        double interval = (double)config->poll.interval_ms / 1000;
        double longest = POLL_ROUNDS_MAX * (double)count / config->poll.rate + interval;
        s = (longest > 3 * interval ? longest : 3 * interval) + SEEN_LATE_S;
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

static struct quotes_request request_of(const struct options *o)
{
    return (struct quotes_request){
        .format = o->json  ? QUOTES_JSON
                  : o->csv ? QUOTES_CSV
                           : QUOTES_TABLE,
        .patterns = (const char *const *)o->patterns.item,
        .patterns_count = o->patterns.count,
        .all = o->all,
        .hide_empty = o->hide_empty,
        .follows = o->watch,
    };
}

static int show(const struct cmd *self, const struct options *o, const struct config *config,
                struct reader *reader)
{
    struct quotes_run q = {
        .self = self, .reader = reader, .sessions = config ? &config->sessions : NULL};
    struct quotes_request request = request_of(o);
    struct quotes_names names = {0};
    struct quotes_columns columns;
    struct err err;
    reader_select(reader, READER_QUERY("SELECT name FROM pragma_table_info('quotes')"), on_name,
                  &names, NULL);
    int status = o->columns ? choose_columns(self, o, &names, &columns) : STATUS_OK;
    if (status)
        return status;
    request.stale_ns = stale_after_ns(reader, config, quotes_names_have(&names, "recorded"));
    buf_init(&q.notes, NOTES_BYTES);
    buf_init(&q.printed, NOTES_BYTES);
    if (quotes_view_init(&q.view, &request, o->columns ? &columns : NULL, &err))
        status = cmd_fail(self, STATUS_FAILED, "%s", err.text);
    else
        status = show_quotes(&q, o->watch);
    quotes_view_finish(&q.view);
    buf_finish(&q.printed);
    buf_finish(&q.notes);
    return status;
}

static int open_and_show(const struct cmd *self, const struct options *o,
                         const struct config *config, const char *path)
{
    struct reader *reader;
    struct err err;
    int rc = reader_open(&reader, path, &err);
    if (rc)
        return owners_fail(self, STATUS_FAILED, rc, path, &err);
    int status = show(self, o, config, reader);
    reader_close(reader);
    return status;
}

/* --- the command ------------------------------------------------------------------------------ */

static const struct option_row options[] = {
    {OPTION_CONFIG(struct options, db.config_path)},
    {OPTION_DB("use", struct options, db.db_path)},
    {"watch", 'w', NULL, "refresh every second until Ctrl-C", OPTION_FLAG(struct options, watch)},
    {"columns", 0, "NAMES", "only these columns, separated by commas, in this order",
     OPTION_TEXT(struct options, columns)},
    {"all", 'a', NULL, "also instruments that are no longer recorded",
     OPTION_FLAG(struct options, all)},
    {"hide-empty", 0, NULL, "hide instruments that have no value",
     OPTION_FLAG(struct options, hide_empty)},
    {"json", 0, NULL, "an array of objects; with --watch, one line per change",
     OPTION_FLAG(struct options, json)},
    {"csv", 0, NULL, "RFC 4180 with header; with --watch, one line per change",
     OPTION_FLAG(struct options, csv)},
    {0},
};

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    struct config *config;
    const char *path;
    if (o->json && o->csv)
        return cmd_usage(self, "--json and --csv exclude each other");
    int status = common_database(self, &o->db, &config, &path);
    if (status == STATUS_OK)
        status = open_and_show(self, o, config, path);
    config_free(config);
    return status;
}

const struct cmd cmd_quotes = {
    .name = "quotes",
    .usage = "[-c FILE | --db FILE] [--watch] [--columns NAMES]\n"
             "                    [--all] [--hide-empty] [--json|--csv] [PATTERN...]",
    .summary = "shows the present quotes, whether the service runs or not",
    .options = options,
    .operands = {"PATTERN", NULL, 0, INT_MAX, NULL, offsetof(struct options, patterns)},
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
    .options_bytes = sizeof(struct options),
    .run = run,
};
