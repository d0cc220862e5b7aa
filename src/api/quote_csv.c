#include "api/quote_csv.h"

#include "api/quote_match.h"
#include "export/cell_text.h"

#include <string.h>
#include <strings.h>

#define CSV_TYPE "text/csv; charset=utf-8"

/* One way to write a table. */
struct form {
    const char *locale, *begin; /* begin: before the header */
    char separator;
    bool (*omits)(const char *column); /* NULL: no column is omitted */
    void (*put)(struct buf *out, const struct cell *cell);
};

static const struct form forms[] = {
    {"", "", ',', NULL, cell_text_put_csv},
    {"es-AR", CELL_EXCEL_BOM, CELL_EXCEL_SEPARATOR, cell_text_excel_omits, cell_text_put_excel},
};

static const struct form *find_form(const char *locale)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcasecmp(forms[i].locale, locale) == 0)
            return &forms[i];
    }
    return NULL;
}

static void put_line(struct buf *out, const struct form *form,
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

static void put_header(struct buf *out, const struct form *form)
{
    struct cell names[QUOTE_ROW_COLUMNS];
    for (int i = 0; i < QUOTE_ROW_COLUMNS; i++)
        names[i] = (struct cell){CELL_TEXT, {.text = quote_row_column(i)}};
    buf_puts(out, form->begin);
    put_line(out, form, names);
}

static void put_rows(struct buf *out, const struct form *form, struct quote_list *list,
                     const struct market *market, const struct quote_match *match)
{
    struct cell cells[QUOTE_ROW_COLUMNS];
    quote_list_renew(list);
    for (int32_t place = 0; place < quote_list_count(list); place++) {
        int32_t instrument = quote_list_at(list, place);
        if (!quote_list_known(list, instrument) ||
            !quote_match_has(match, market_symbol(market, instrument)))
            continue;
        quote_list_cells(list, instrument, cells);
        put_line(out, form, cells);
    }
}

void quote_csv_answer(struct quote_list *list, const struct market *market,
                      const struct web_request *request, struct web_answer *answer)
{
    const char *locale = web_param(request, "locale");
    const struct form *form = find_form(locale ? locale : "");
    struct quote_match match;
    if (!form) {
        web_put(answer, 400, "text/plain", "locale must be es-AR or absent\n");
        return;
    }
    web_put(answer, 200, CSV_TYPE, "");
    web_add_header(answer, "cache-control", "no-store");
    web_add_header(answer, "content-disposition", "inline; filename=\"quotes.csv\"");
    if (quote_match_read(&match, request) == 0) {
        put_header(&answer->body, form);
        put_rows(&answer->body, form, list, market, &match);
        quote_match_finish(&match);
    }
    if (answer->body.len_bytes == 0 || buf_failed(&answer->body))
        web_put(answer, 503, "text/plain", "out of memory\n");
}
