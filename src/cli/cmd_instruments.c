#include "base/clock.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/instruments_view.h"
#include "cli/owners.h"
#include "cli/refresh_command.h"
#include "cli/screen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct database_options db;
    const char *segment, *cfi, *product, *maturity, *currency;
    bool refresh, all, json, csv;
    struct option_texts patterns;
};

/* --- showing ---------------------------------------------------------------------------------- */

static int on_row(void *arg, int columns, const struct reader_value *values)
{
    return instruments_view_row(arg, columns, values);
}

static int write_out(struct instruments_view *view, struct err *err)
{
    if (view->format == INSTRUMENTS_TABLE && view->rows) {
        table_fit(&view->table, screen_width());
        table_print(&view->table, SIZE_MAX, "\n", &view->out);
    }
    if (buf_failed(&view->out) || buf_failed(&view->table.text))
        return err_set(err, -ENOMEM, "too many instruments to show at once: give a PATTERN");
    if (fwrite(buf_text(&view->out), 1, view->out.len_bytes, stdout) == view->out.len_bytes &&
        fflush(stdout) == 0)
        return 0;
    return err_set(err, -errno, "cannot write: %s", strerror(errno));
}

/* --- notes, on stderr ------------------------------------------------------------------------- */

static int on_read(void *arg, int columns, const struct reader_value *values)
{
    (void)columns;
    *(int64_t *)arg = strtoll(values[0].text, NULL, 10);
    return 0;
}

static void note_age(const struct cmd *self, struct reader *reader)
{
    char when[CLOCK_TEXT];
    int64_t ts_read = 0, now_ns = clock_now().wall_ns;
    reader_select(reader, READER_QUERY("SELECT ts_read FROM instrument_list"), on_read, &ts_read,
                  NULL);
    if (!ts_read)
        cmd_fail(
            self, 0,
            "the broker's reference data was never read completely: --refresh asks for it, and "
            "a running service once a day; a replica gets it from its recorder");
    else if (art_day(ts_read) < art_day(now_ns))
        cmd_fail(self, 0, "the broker's reference data was last read %s ART",
                 art_short_text(when, ts_read, now_ns));
}

static bool has_options(const struct instrument_filter *f)
{
    return f->segment || f->cfi || f->product || f->currency || *f->maturity;
}

static void note_missing(const struct cmd *self, const struct instruments_view *view)
{
    for (int i = 0; i < view->filter.patterns_count; i++) {
        if (!view->matching[i])
            cmd_fail(self, 0, "no instrument matches '%s'%s", view->filter.patterns[i],
                     has_options(&view->filter) ? " with these options" : "");
    }
    if (view->rows == 0 && view->filter.patterns_count == 0 && has_options(&view->filter))
        cmd_fail(self, 0, "no instrument matches these options%s",
                 view->filter.segment ? "; the view segments has the broker's segments" : "");
    if (view->hidden)
        cmd_fail(self, 0, "%d more not listed any more: --all shows them", view->hidden);
}

/* A pattern without a match is a failure for scripts. */
static int status_of(const struct instruments_view *view)
{
    for (int i = 0; i < view->filter.patterns_count; i++) {
        if (!view->matching[i])
            return STATUS_FAILED;
    }
    return view->rows ? STATUS_OK : STATUS_FAILED;
}

static int show(const struct cmd *self, const struct instrument_filter *filter,
                enum instruments_format format, struct reader *reader)
{
    struct instruments_view view;
    struct err err;
    int rc = instruments_view_init(&view, format, filter, &err);
    if (rc == 0)
        rc = reader_select(
            reader,
            READER_QUERY("SELECT * FROM instruments ORDER BY symbol COLLATE symbol_order, market"),
            on_row, &view, &err);
    if (rc == 0) {
        instruments_view_end(&view);
        rc = write_out(&view, &err);
    }
    if (rc && strstr(err.text, "no such table"))
        err_suffix(&err, ": an older version of cinta wrote it; 'cinta run' upgrades it");
    int status = rc ? cmd_fail(self, STATUS_FAILED, "%s", err.text) : status_of(&view);
    if (rc == 0) {
        note_missing(self, &view);
        note_age(self, reader);
    }
    instruments_view_finish(&view);
    return status;
}

/* --- the command ------------------------------------------------------------------------------ */

static int open_and_show(const struct cmd *self, const struct options *o,
                         const struct instrument_filter *filter, const char *path)
{
    enum instruments_format format = o->json  ? INSTRUMENTS_JSON
                                     : o->csv ? INSTRUMENTS_CSV
                                              : INSTRUMENTS_TABLE;
    struct reader *reader;
    struct err err;
    int rc = reader_open(&reader, path, &err);
    if (rc)
        return owners_fail(self, STATUS_FAILED, rc, path, &err);
    int status = show(self, filter, format, reader);
    reader_close(reader);
    return status;
}

static const struct option_row options[] = {
    {OPTION_CONFIG(struct options, db.config_path)},
    {OPTION_DB("use", struct options, db.db_path)},
    {"refresh", 0, NULL, "asks the broker first, also while no service runs",
     OPTION_FLAG(struct options, refresh)},
    {"segment", 0, "GLOB", "only these segments: DDF, MERV, ...",
     OPTION_TEXT(struct options, segment)},
    {"cfi", 0, "GLOB", "only these CFI codes: 'F*', DBXXXX, ...", OPTION_TEXT(struct options, cfi)},
    {"product", 0, "GLOB", "only these products: DLR, AL30, ...",
     OPTION_TEXT(struct options, product)},
    {"maturity", 0, "DATE", "only this maturity: DIC26, 2026-12, 2026, or a day",
     OPTION_TEXT(struct options, maturity)},
    {"currency", 0, "GLOB", "only these currencies: ARS, USD, ...",
     OPTION_TEXT(struct options, currency)},
    {"all", 'a', NULL, "also instruments that the broker does not list any more",
     OPTION_FLAG(struct options, all)},
    {"json", 0, NULL, "an array of objects, with all columns", OPTION_FLAG(struct options, json)},
    {"csv", 0, NULL, "RFC 4180 with header, with all columns", OPTION_FLAG(struct options, csv)},
    {0},
};

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    struct instrument_filter filter = {
        .patterns = (const char *const *)o->patterns.item,
        .patterns_count = o->patterns.count,
        .segment = o->segment,
        .cfi = o->cfi,
        .product = o->product,
        .currency = o->currency,
        .all = o->all,
    };
    struct config *config;
    const char *path;
    if (o->json && o->csv)
        return cmd_usage(self, "--json and --csv exclude each other");
    if (o->maturity && !instrument_filter_maturity(&filter, o->maturity))
        return cmd_usage(self,
                         "--maturity: '%s' is not a maturity: DIC26, 2026-12-31, 2026-12 or "
                         "2026",
                         o->maturity);
    if (o->refresh && o->db.db_path)
        return cmd_usage(self, "--refresh needs the configuration of a broker, so not --db");
    int status = common_database(self, &o->db, &config, &path);
    if (status == STATUS_OK && o->refresh)
        status = common_broker(self, config);
    if (status == STATUS_OK && o->refresh)
        status = refresh_command(self, config);
    if (status == STATUS_OK)
        status = open_and_show(self, o, &filter, path);
    config_free(config);
    return status;
}

const struct cmd cmd_instruments = {
    .name = "instruments",
    .usage = "[-c FILE | --db FILE] [--refresh] [--segment GLOB]\n"
             "                         [--cfi GLOB] [--product GLOB] [--maturity DATE]\n"
             "                         [--currency GLOB] [--all] [--json|--csv] [PATTERN...]",
    .summary = "shows reference data: ticks, limits, multipliers, maturities",
    .options = options,
    .operands = {"PATTERN", NULL, 0, INT_MAX, NULL, offsetof(struct options, patterns)},
    .notes = "A PATTERN is a shell glob for symbols and products, without case:\n"
             "\n"
             "  cinta instruments 'DLR/*'\n"
             "  cinta instruments 'GGAL*'      also finds MERV - XMEV - GGAL - 24hs\n"
             "  cinta instruments --cfi 'F*' --maturity DIC26\n"
             "\n"
             "Shows what the service has stored, whether it runs or not: it reads the broker's\n"
             "list once a day. --refresh reads it now: by the running service, else with its\n"
             "cached token, or a login if there is none. Sorted by product and maturity. A\n"
             "narrow terminal hides whole columns; JSON and CSV have all columns of the view\n"
             "instruments.\n"
             "\n"
             "Exit status 1 when nothing matches a PATTERN, with a message on stderr, or when\n"
             "no instrument is shown at all.\n",
    .options_bytes = sizeof(struct options),
    .run = run,
};
