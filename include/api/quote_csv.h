/*
 * quote_csv: the present quotes as CSV, for Excel's Power Query, LibreOffice and scripts.
 *
 * The columns are those of the view `quotes`. Without `locale` RFC 4180; with locale=es-AR as the
 * export's format excel, for programs with Argentine settings. Owns the answers that are being
 * written: some rows in each turn of the loop, so that thousands of them do not stop it.
 */
#ifndef API_QUOTE_CSV_H
#define API_QUOTE_CSV_H

#include "api/context.h"
#include "api/quote_list.h"

struct quote_csv;

struct quote_csv_parts {
    struct loop *loop;
    const struct market *market;
    struct quote_list *list;
};

struct quote_csv *quote_csv_create(const struct quote_csv_parts *parts); /* NULL: no memory */
/* After the server: answers that are not complete have no client any more. */
void quote_csv_destroy(struct quote_csv *csv);

/* Answers GET /csv?match=GLOB&locale=es-AR. */
enum web_action quote_csv_answer(struct quote_csv *csv, const struct api_call *call);

/* For tests, and pure: the header, then the row of an instrument. */
struct csv_form;
const struct csv_form *quote_csv_form(const char *locale); /* NULL: there is no such form */
void quote_csv_put_header(struct buf *out, const struct csv_form *form);
void quote_csv_put_row(struct buf *out, const struct csv_form *form, const struct quote_list *list,
                       int32_t instrument);

#endif
