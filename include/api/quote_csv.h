/*
 * quote_csv: the present quotes as CSV, for Excel's Power Query, LibreOffice and scripts.
 *
 * Pure. The columns are those of the view `quotes`. Without `locale` RFC 4180; with locale=es-AR as
 * the export's format excel, for programs with Argentine settings.
 */
#ifndef API_QUOTE_CSV_H
#define API_QUOTE_CSV_H

#include "api/quote_list.h"
#include "serve/web.h"

/* Answers GET /csv?match=GLOB&locale=es-AR. */
void quote_csv_answer(struct quote_list *list, const struct market *market,
                      const struct web_request *request, struct web_answer *answer);

#endif
