#include "api/quote_csv.h"

#include "api/admission.h"
#include "api/quote_match.h"
#include "export/cell_text.h"
#include "serve/deferred.h"

#include <stdlib.h>
#include <strings.h>

#define CSV_TYPE  "text/csv; charset=utf-8"
#define TURN_ROWS 250 /* looked at in one turn of the loop, of all answers together */

/* One way to write a table. */
struct csv_form {
    const char *locale, *begin; /* begin: before the header */
    char separator;
    bool (*omits)(const char *column); /* NULL: no column is omitted */
    void (*put)(struct buf *out, const struct cell *cell);
};

static const struct csv_form forms[] = {
    {"", "", ',', NULL, cell_text_put_csv},
    {"es-AR", CELL_EXCEL_BOM, CELL_EXCEL_SEPARATOR, cell_text_excel_omits, cell_text_put_excel},
};

const struct csv_form *quote_csv_form(const char *locale)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcasecmp(forms[i].locale, locale) == 0)
            return &forms[i];
    }
    return NULL;
}

static void put_line(struct buf *out, const struct csv_form *form,
                     const struct cell cells[QUOTE_ROW_COLUMNS])
{
    for (int i = 0, done = 0; i < QUOTE_ROW_COLUMNS; i++) {
        if (form->omits && form->omits(quote_row_column(i)))
            continue;
        if (done++)
            buf_append(out, &form->separator, 1);
        form->put(out, &cells[i]);
    }
    buf_puts(out, "\r\n");
}

void quote_csv_put_header(struct buf *out, const struct csv_form *form)
{
    struct cell names[QUOTE_ROW_COLUMNS];
    for (int i = 0; i < QUOTE_ROW_COLUMNS; i++)
        names[i] = (struct cell){CELL_TEXT, {.text = quote_row_column(i)}};
    buf_puts(out, form->begin);
    put_line(out, form, names);
}

void quote_csv_put_row(struct buf *out, const struct csv_form *form, const struct quote_list *list,
                       int32_t instrument)
{
    struct cell cells[QUOTE_ROW_COLUMNS];
    quote_list_cells(list, instrument, cells);
    put_line(out, form, cells);
}

/* --- answers ---------------------------------------------------------------------------------- */

/* An answer that is being written. */
struct job {
    struct job *next;
    struct deferred *deferred;
    const struct csv_form *form;
    struct quote_match match;
    int64_t order; /* number of the order that `place` refers to */
    int32_t place; /* rows from here on are still to be written */
};

struct quote_csv {
    struct quote_csv_parts parts;
    struct loop_timer *timer;
    struct job *first;
};

static void begin_rows(struct job *job, int64_t order)
{
    struct buf *body = &deferred_answer(job->deferred)->body;
    job->order = order;
    job->place = 0;
    buf_clear(body);
    quote_csv_put_header(body, job->form);
}

static void put_place(const struct quote_csv *csv, struct job *job)
{
    int32_t instrument = quote_list_at(csv->parts.list, job->place++);
    if (quote_list_known(csv->parts.list, instrument) &&
        quote_match_has(&job->match, market_symbol(csv->parts.market, instrument)))
        quote_csv_put_row(&deferred_answer(job->deferred)->body, job->form, csv->parts.list,
                          instrument);
}

static void end_first(struct quote_csv *csv)
{
    struct job *job = csv->first;
    struct web_answer *answer = deferred_answer(job->deferred);
    csv->first = job->next;
    if (buf_failed(&answer->body))
        web_put(answer, 503, "text/plain", "out of memory\n");
    deferred_complete(job->deferred, WEB_SEND);
    quote_match_finish(&job->match);
    free(job);
}

/* One answer after the other. Begins again when the order has changed meanwhile. */
static void on_timer(void *arg)
{
    struct quote_csv *csv = arg;
    int64_t order = quote_list_renew(csv->parts.list);
    int32_t count = quote_list_count(csv->parts.list);
    for (int n = 0; n < TURN_ROWS && csv->first; n++) {
        struct job *job = csv->first;
        if (job->order != order)
            begin_rows(job, order);
        if (job->place < count && deferred_wanted(job->deferred))
            put_place(csv, job);
        else
            end_first(csv);
    }
    if (csv->first)
        loop_timer_set(csv->timer, 0);
}

static void add_last(struct quote_csv *csv, struct job *job)
{
    struct job **at = &csv->first;
    while (*at)
        at = &(*at)->next;
    *at = job;
    loop_timer_set(csv->timer, 0);
}

/* The answer of the call is complete except for its body. */
static struct job *create_job(const struct api_call *call, const struct csv_form *form)
{
    struct job *job = calloc(1, sizeof(*job));
    if (!job || quote_match_read(&job->match, call->request)) {
        free(job);
        return NULL;
    }
    job->form = form;
    job->deferred = http_connection_defer(call->connection);
    if (job->deferred)
        return job;
    quote_match_finish(&job->match);
    free(job);
    return NULL;
}

enum web_action quote_csv_answer(struct quote_csv *csv, const struct api_call *call)
{
    const char *locale = web_param(call->request, "locale");
    const struct csv_form *form = quote_csv_form(locale ? locale : "");
    if (!form) {
        web_put(call->answer, 400, "text/plain", "locale must be es-AR or absent\n");
        return WEB_SEND;
    }
    web_put(call->answer, 200, CSV_TYPE, "");
    web_add_header(call->answer, "cache-control", "no-store");
    web_add_header(call->answer, "content-disposition", "inline; filename=\"quotes.csv\"");
    admission_share(call->request, call->answer);
    struct job *job = create_job(call, form);
    if (job)
        add_last(csv, job);
    else
        web_put(call->answer, 503, "text/plain", "out of memory\n");
    return WEB_SEND;
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct quote_csv *quote_csv_create(const struct quote_csv_parts *parts)
{
    struct quote_csv *csv = calloc(1, sizeof(*csv));
    if (!csv)
        return NULL;
    csv->parts = *parts;
    csv->timer = loop_timer_create(parts->loop, on_timer, csv);
    if (csv->timer)
        return csv;
    free(csv);
    return NULL;
}

void quote_csv_destroy(struct quote_csv *csv)
{
    if (!csv)
        return;
    while (csv->first)
        end_first(csv);
    loop_timer_destroy(csv->timer);
    free(csv);
}
