/*
 * quote_list: the recorded instruments in the order of symbols, and the present quotes of them as
 * rows and JSON.
 *
 * Owns the order, which is made by quote_list_renew(). Borrows the market and its source.
 */
#ifndef API_QUOTE_LIST_H
#define API_QUOTE_LIST_H

#include "api/quote_row.h"
#include "base/buf.h"
#include "net/loop.h"
#include "serve/source.h"

struct quote_list;

struct quote_list_parts {
    const struct loop *loop;
    const struct market *market;
    const struct market_source *source; /* its instruments have the numbers of the market */
};

struct quote_list *quote_list_create(const struct quote_list_parts *parts); /* NULL: no memory */
void quote_list_destroy(struct quote_list *list);

void quote_list_stale(struct quote_list *list); /* other instruments may be recorded now */
/* Makes the order if it is stale. Returns its number: with another one, places have changed. */
int64_t quote_list_renew(struct quote_list *list);

/* Places 0..count-1 in the order; the instrument at a place, the place of an instrument (-1). */
int32_t quote_list_count(const struct quote_list *list);
int32_t quote_list_at(const struct quote_list *list, int32_t place);
int32_t quote_list_place(const struct quote_list *list, int32_t instrument);

bool quote_list_known(const struct quote_list *list, int32_t instrument); /* it has a quote */
/* The cells are valid until the market changes. */
void quote_list_cells(const struct quote_list *list, int32_t instrument,
                      struct cell cells[QUOTE_ROW_COLUMNS]);
/* {"order":<place>,"ageMs":...,"calendar":...,"decimals":<of its prices, null = unknown>,<columns
 * of the view quotes>} */
void quote_list_put_json(const struct quote_list *list, int32_t instrument, struct buf *out);
int64_t quote_list_age_ms(const struct quote_list *list, int32_t instrument);

#endif
