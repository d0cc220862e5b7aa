/*
 * ids: symbols of the Primary API <-> ids of the browser terminal (protocol section 12.5).
 *
 * Pure. Owns a table of the instruments that are recorded. The id is formed by rule:
 *   MERV - XMEV - AL30 - 24hs   bm_MERV_AL30_24hs
 *   DLR/JUN26                   rx_DDF_DLR_JUN26, where DDF is the segment; '/' becomes '_'
 * If the terminal's own list is known (matriz_ids_learn), an id of this list is preferred: it gives
 * the segment when the broker's list does not, and the ids that no rule gives (an index of BYMA, a
 * twin that ends in _M). The way back is the table: an id that two symbols would have is nobody's.
 */
#ifndef MATRIZ_IDS_H
#define MATRIZ_IDS_H

#include "base/err.h"
#include "base/json.h"

#include <stddef.h>

#define MATRIZ_ID_BYTES_MAX 160   /* longer ones are refused */
#define MATRIZ_SEGMENT      "DDF" /* if it is not known */

struct matriz_ids;

/* Borrowed from the table; the strings stay where they are, the struct until the next add. */
struct matriz_instrument {
    const char *market_id, *symbol, *id;
};

struct matriz_ids *matriz_ids_create(void); /* NULL: no memory */
void matriz_ids_destroy(struct matriz_ids *ids);

/*
 * Learns the ids of the terminal's list, the answer of api/v2/ref-data:
 * {"securities":[{"id":...}]}. Call it before the instruments are added. Returns their number;
 * -EBADMSG with the reason if it is not such a list; -ENOMEM.
 */
int matriz_ids_learn(struct matriz_ids *ids, struct json_parser *parser, const char *body,
                     size_t len_bytes, struct err *err);

/*
 * Adds an instrument (strings copied). `segment` as in the broker's list ("DDF"); "" = unknown.
 * 0; -EINVAL: no id can be formed of this symbol; -EEXIST: another symbol has this id, so neither
 * of the two can be received from now on; -ENOMEM. With the reason.
 */
int matriz_ids_add(struct matriz_ids *ids, const char *market_id, const char *symbol,
                   const char *segment, struct err *err);

/* The id to subscribe, or NULL: unknown, or shared with another symbol. */
const char *matriz_ids_of(const struct matriz_ids *ids, const char *market_id, const char *symbol);

/* The instrument of an id, or NULL: unknown, or shared by several. */
const struct matriz_instrument *matriz_ids_find(const struct matriz_ids *ids, const char *id,
                                                size_t id_bytes);

#endif
