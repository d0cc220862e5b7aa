/*
 * message: what is published, made from a row of the database.
 *
 * Pure. The body of a quote is the broker's own `Md` (protocol section 10.3) with all entries and
 * levels; trades and events have bodies of the same kind, `Trade` and `Event`; `Instrument` has the
 * details of rest/instruments/detail (section 6.4). Headers have what
 * the broker's message lacks, under the names of the database's columns:
 *
 *   Nats-Msg-Id       recorder and number; with "~" and a further number when the servers had
 *                     taken that id for a repeat
 *   Cinta-Recorder    who recorded it
 *   Cinta-Position    see sink/position
 *   Cinta-Seq         of the change; of trades, of the change that shows it
 *   Cinta-Source      rest, stream, matriz, history
 *   Cinta-Corrects    seq of a trade that had no time or size of its own; the message has both
 *   Cinta-Changed     entries, such as BI,LA (quotes)
 *   Cinta-Ts-Recv     when it arrived, ns UTC (quotes)
 *   Cinta-Ts-Event    the broker's time, ns UTC, if known
 *   Cinta-Listed      1: the broker's last list has it; 0: not any more (instruments)
 *   Cinta-Ts-Listed   when a list last had it, ns UTC (instruments)
 *   Cinta-Close-Day   days since 1970-01-01: the session of a previous close whose price is not
 *                     known, with which the body cannot say it (quotes)
 */
#ifndef SINK_MESSAGE_H
#define SINK_MESSAGE_H

#include "base/buf.h"
#include "market/entry.h"
#include "market/instrument.h"
#include "nats/publisher.h"
#include "sink/position.h"
#include "store/read/outbox.h"

#define SINK_HEADER_RECORDER "Cinta-Recorder"
#define SINK_HEADER_POSITION "Cinta-Position"
#define SINK_NAME_BYTES      33 /* of a recorder, with the NUL */
#define SINK_HEADERS_MAX     9
#define SINK_HEADER_BYTES    128

/* Reused from message to message. */
struct sink_message {
    struct buf subject, body;
    char id[SINK_NAME_BYTES + 32];
    char texts[SINK_HEADERS_MAX][SINK_HEADER_BYTES];
    struct nats_header headers[SINK_HEADERS_MAX];
    size_t headers_count;
};

void sink_message_init(struct sink_message *message);
void sink_message_finish(struct sink_message *message);

/* Who publishes, below which subject; and the position that the message reaches. */
struct sink_author {
    const char *recorder, *prefix;
    int attempt; /* > 0: a part of the ids */
};

void sink_message_quote(struct sink_message *message, const struct sink_author *author,
                        const struct sink_position *position, const struct outbox_change *change);
/* The trade that the change shows. */
void sink_message_trade(struct sink_message *message, const struct sink_author *author,
                        const struct sink_position *position, const struct outbox_change *change,
                        const struct trade *trade);
/* A trade of a list of the broker. */
void sink_message_listed(struct sink_message *message, const struct sink_author *author,
                         const struct sink_position *position, const struct outbox_trade *trade);
void sink_message_event(struct sink_message *message, const struct sink_author *author,
                        const struct sink_position *position, const struct outbox_event *event);
/* The reference data of an instrument at its revision, which `position` has. */
void sink_message_instrument(struct sink_message *message, const struct sink_author *author,
                             const struct sink_position *position,
                             const struct instrument *instrument);

/* Borrows from it. -EMSGSIZE, -ENOMEM: it could not be made. */
int sink_message_ready(const struct sink_message *message, struct nats_outgoing *out);

#endif
