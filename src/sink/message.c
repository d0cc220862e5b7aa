#include "sink/message.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "base/num.h"
#include "primary/encode.h"
#include "primary/instrument_encode.h"
#include "sink/subject.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BODY_BYTES 65536 /* an event's detail, escaped, is the longest */

void sink_message_init(struct sink_message *m)
{
    *m = (struct sink_message){0};
    buf_init(&m->subject, SINK_SUBJECT_BYTES);
    buf_init(&m->body, BODY_BYTES);
}

void sink_message_finish(struct sink_message *m)
{
    buf_finish(&m->subject);
    buf_finish(&m->body);
}

/* --- headers ---------------------------------------------------------------------------------- */

static char *add(struct sink_message *m, const char *name)
{
    char *text = m->texts[m->headers_count];
    m->headers[m->headers_count++] = (struct nats_header){name, text};
    return text;
}

static void add_text(struct sink_message *m, const char *name, const char *text)
{
    snprintf(add(m, name), SINK_HEADER_BYTES, "%s", text ? text : "");
}

static void add_number(struct sink_message *m, const char *name, int64_t number)
{
    snprintf(add(m, name), SINK_HEADER_BYTES, "%lld", (long long)number);
}

/* `letter`: what the number counts; "" = changes. */
static void begin(struct sink_message *m, const struct sink_author *author,
                  const struct sink_position *position, const char *letter, int64_t number)
{
    buf_clear(&m->body);
    m->headers_count = 0;
    int len =
        snprintf(m->id, sizeof(m->id), "%s:%s%lld", author->recorder, letter, (long long)number);
    if (author->attempt > 0)
        snprintf(m->id + len, sizeof(m->id) - (size_t)len, "~%d", author->attempt);
    add_text(m, SINK_HEADER_RECORDER, author->recorder);
    sink_position_text(add(m, SINK_HEADER_POSITION), position);
}

static struct sink_instrument instrument_of(const struct outbox_name *name)
{
    return (struct sink_instrument){name->market_id, name->symbol, name->segment};
}

/* --- quotes ----------------------------------------------------------------------------------- */

void sink_message_quote(struct sink_message *m, const struct sink_author *author,
                        const struct sink_position *position, const struct outbox_change *change)
{
    const struct store_snapshot *row = &change->row;
    const struct quote *quote = &row->quote;
    const struct sink_instrument of = instrument_of(&change->name);
    sink_quote_subject(&m->subject, author->prefix, &of);
    begin(m, author, position, "", row->seq);
    add_number(m, "Cinta-Seq", row->seq);
    add_text(m, "Cinta-Source", source_name(row->source));
    entry_list_text(add(m, "Cinta-Changed"), row->changed & ENTRY_ALL);
    add_number(m, "Cinta-Ts-Recv", row->ts_recv);
    if (quote->ts_event)
        add_number(m, "Cinta-Ts-Event", quote->ts_event);
    if (isnan(quote->close_price) && quote->close_day != DAY_NONE)
        add_number(m, "Cinta-Close-Day", quote->close_day);
    encode_frame(&m->body,
                 &(struct encode_frame){
                     .market_id = change->name.market_id,
                     .symbol = change->name.symbol,
                     .ts_ms = (quote->ts_event ? quote->ts_event : row->ts_recv) / NS_PER_MS,
                     .quote = quote,
                     .entries = ENTRY_ALL,
                     .depth = QUOTE_DEPTH_MAX,
                     .empty = EMPTY_NULL,
                 });
    buf_puts(&m->body, "}");
}

/* --- trades ----------------------------------------------------------------------------------- */

static void put_trade(struct sink_message *m, const struct outbox_name *name,
                      const struct trade *trade)
{
    add_text(m, "Cinta-Source", trade_origin_name(trade->origin));
    add_number(m, "Cinta-Ts-Event", trade->ts_event);
    buf_puts(&m->body, "{\"type\":\"Trade\",\"instrumentId\":{\"marketId\":");
    json_put_string(&m->body, name->market_id);
    buf_puts(&m->body, ",\"symbol\":");
    json_put_string(&m->body, name->symbol);
    buf_puts(&m->body, "},\"trade\":{\"price\":");
    json_put_number(&m->body, trade->price);
    buf_puts(&m->body, ",\"size\":");
    json_put_number(&m->body, trade->size);
    buf_printf(&m->body, ",\"date\":%lld}}", (long long)(trade->ts_event / NS_PER_MS));
}

void sink_message_trade(struct sink_message *m, const struct sink_author *author,
                        const struct sink_position *position, const struct outbox_change *change,
                        const struct trade *trade)
{
    const struct sink_instrument of = instrument_of(&change->name);
    sink_trade_subject(&m->subject, author->prefix, &of);
    begin(m, author, position, "t", change->row.seq);
    add_number(m, "Cinta-Seq", change->row.seq);
    put_trade(m, &change->name, trade);
}

void sink_message_listed(struct sink_message *m, const struct sink_author *author,
                         const struct sink_position *position, const struct outbox_trade *trade)
{
    const struct sink_instrument of = instrument_of(&trade->name);
    sink_trade_subject(&m->subject, author->prefix, &of);
    begin(m, author, position, "l", trade->listed);
    if (trade->corrects)
        add_number(m, "Cinta-Corrects", trade->corrects);
    put_trade(m, &trade->name, &trade->trade);
}

/* --- events ----------------------------------------------------------------------------------- */

void sink_message_event(struct sink_message *m, const struct sink_author *author,
                        const struct sink_position *position, const struct outbox_event *event)
{
    char time[CLOCK_TEXT];
    sink_event_subject(&m->subject, author->prefix, event->kind);
    begin(m, author, position, "e", event->id);
    add_number(m, "Cinta-Ts-Event", event->ts);
    buf_printf(&m->body,
               "{\"type\":\"Event\",\"time\":\"%s\",\"kind\":", clock_text(time, event->ts));
    json_put_string(&m->body, event->kind);
    buf_puts(&m->body, ",\"symbol\":");
    json_put_string(&m->body, event->symbol);
    buf_puts(&m->body, ",\"detail\":");
    json_put_string(&m->body, event->detail);
    buf_puts(&m->body, "}");
}

/* --- instruments ------------------------------------------------------------------------------ */

void sink_message_instrument(struct sink_message *m, const struct sink_author *author,
                             const struct sink_position *position,
                             const struct instrument *instrument)
{
    struct instrument shown = *instrument;
    const struct sink_instrument of = {instrument->market_id, instrument->symbol,
                                       instrument->segment};
    sink_instrument_subject(&m->subject, author->prefix, &of);
    begin(m, author, position, "i", position->revision);
    add_number(m, "Cinta-Listed", instrument->listed);
    add_number(m, "Cinta-Ts-Listed", instrument->ts_listed);
    if (!shown.description)
        shown.description = ""; /* the symbol would be taken for one */
    buf_puts(&m->body, "{\"type\":\"Instrument\",\"instrument\":");
    instrument_encode(&m->body, &shown);
    buf_puts(&m->body, "}");
}

int sink_message_ready(const struct sink_message *m, struct nats_outgoing *out)
{
    if (buf_failed(&m->subject) || buf_failed(&m->body))
        return -EMSGSIZE;
    *out = (struct nats_outgoing){
        .subject = buf_text(&m->subject),
        .id = m->id,
        .headers = m->headers,
        .headers_count = m->headers_count,
        .data = buf_text(&m->body),
        .len_bytes = m->body.len_bytes,
    };
    return 0;
}
