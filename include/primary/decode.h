/*
 * decode: messages with market data -> quote updates, each in one pass over its text (protocol
 * section 7): answers to rest/marketdata/get, and the frames of the WebSocket, which
 * primary/stream judges.
 *
 * A message is refused as a whole only if it is not JSON (or nested too deep) or has no market
 * data; primary/entries says how its values are read.
 */
#ifndef PRIMARY_DECODE_H
#define PRIMARY_DECODE_H

#include "base/err.h"
#include "base/json_scan.h"
#include "market/quote.h"
#include "market/unreadable.h"
#include "primary/reply.h"

#include <stdbool.h>
#include <stdint.h>

struct decode_out {
    struct quote_update *update;
    struct unreadable *unreadable; /* `entries` is always set */
    struct err *why;               /* the reason of a failure; may be NULL */
};

/*
 * The answer of rest/marketdata/get. `asked` are the entries of the request: each of them that is
 * absent, null or [] in the answer is cleared, and the update's `entries` = asked. Entries not
 * asked for and unknown keys are skipped. The reason says what and where ("marketData is missing",
 * "not JSON at byte 17 of 90"). The update is written on success only.
 */
enum reply_class decode_market_data(struct json_parser *parser, const struct reply *reply,
                                    uint32_t asked, const struct decode_out *out);

/* --- any message ------------------------------------------------------------------------------ */

enum decode_data {
    DECODE_DATA_ABSENT,
    DECODE_DATA_NONE,   /* null or [] */
    DECODE_DATA_OBJECT, /* the update has its values */
    DECODE_DATA_OTHER,  /* neither */
};

/* The members of a message, each the first of its name; texts are borrowed from the message. */
struct decode_message {
    bool object;     /* else the message is another JSON value, and has no members */
    bool has_status; /* of any type */
    struct json_text status, type;
    struct json_scan_number timestamp_ms;
    struct json_text symbol, market_id; /* of "instrumentId" */
    const char *instrument;             /* the value of "instrumentId" as it is written */
    size_t instrument_bytes;
    enum decode_data data;
};

struct decode_in {
    struct json_parser *parser; /* borrowed; for texts with escapes, and for the words of errors */
    const char *text;
    size_t len_bytes;
    uint32_t asked; /* other entries are skipped */
};

/*
 * Reads any message. On success the update's `entries` are those that are in the message, null and
 * [] too. The errors of json_parse(): it is not JSON; the update is undefined then.
 */
int decode_message(const struct decode_in *in, const struct decode_out *out,
                   struct decode_message *message);
/* Whether "status" is written OK, in any case; an escaped one is left to reply_by_envelope(). */
bool decode_status_ok(const struct decode_message *message);
/* Checks that the message has market data: 0 or -EBADMSG. */
int decode_require_data(const struct decode_message *message, struct err *why);

#endif
