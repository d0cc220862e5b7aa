#include "nats/publisher.h"

#include "base/json.h"
#include "nats/ack.h"

#include <errno.h>
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECT_BYTES 128
#define NUMBER_BYTES  24
#define ID_BYTES      128

struct nats_publisher {
    struct nats_link *link;
    char inbox[SUBJECT_BYTES];
    natsSubscription *acks;
    struct json_parser *parser;
    uint64_t last_seq;      /* in the stream when all that were sent are stored */
    uint64_t acked;         /* the same of those that are acknowledged */
    char last_id[ID_BYTES]; /* of the message that was sent last; "" = none */
};

/* --- create ----------------------------------------------------------------------------------- */

static natsStatus subscribe(struct nats_publisher *p)
{
    char subject[SUBJECT_BYTES + 4];
    natsInbox *inbox = NULL;
    natsStatus s = natsInbox_Create(&inbox);
    if (s != NATS_OK)
        return s;
    snprintf(p->inbox, sizeof(p->inbox), "%s", inbox);
    natsInbox_Destroy(inbox);
    snprintf(subject, sizeof(subject), "%s.*", p->inbox);
    s = natsConnection_SubscribeSync(&p->acks, nats_link_connection(p->link), subject);
    return s == NATS_OK ? natsSubscription_SetPendingLimits(p->acks, -1, -1) : s;
}

int nats_publisher_create(struct nats_publisher **out, struct nats_link *link, uint64_t last_seq,
                          struct err *err)
{
    struct nats_publisher *p = calloc(1, sizeof(*p));
    if (!p)
        return err_set(err, -ENOMEM, "out of memory");
    *p = (struct nats_publisher){.link = link, .last_seq = last_seq, .acked = last_seq};
    p->parser = json_parser_create();
    natsStatus s = p->parser ? subscribe(p) : NATS_NO_MEMORY;
    if (s != NATS_OK) {
        int rc = nats_link_fail(link, (int)s, "cannot publish", err);
        nats_publisher_destroy(p);
        return rc;
    }
    *out = p;
    return 0;
}

void nats_publisher_destroy(struct nats_publisher *p)
{
    if (!p)
        return;
    nats_link_retire(p->link, p->acks);
    json_parser_destroy(p->parser);
    free(p);
}

/* --- sending ---------------------------------------------------------------------------------- */

/* The number alone is not enough: the message of another program may take the place of one of ours.
 * The id alone neither: a server that was restarted may not know the last one any more. */
static natsStatus set_headers(const struct nats_publisher *p, natsMsg *native,
                              const struct nats_outgoing *message)
{
    char expected[NUMBER_BYTES];
    snprintf(expected, sizeof(expected), "%llu", (unsigned long long)p->last_seq);
    natsStatus s = natsMsgHeader_Set(native, "Nats-Msg-Id", message->id);
    if (s == NATS_OK)
        s = natsMsgHeader_Set(native, "Nats-Expected-Last-Sequence", expected);
    if (s == NATS_OK && *p->last_id)
        s = natsMsgHeader_Set(native, "Nats-Expected-Last-Msg-Id", p->last_id);
    for (size_t i = 0; s == NATS_OK && i < message->headers_count; i++)
        s = natsMsgHeader_Set(native, message->headers[i].name, message->headers[i].value);
    return s;
}

int nats_publisher_send(struct nats_publisher *p, const struct nats_outgoing *message,
                        struct err *err)
{
    char reply[SUBJECT_BYTES + NUMBER_BYTES];
    natsMsg *native = NULL;
    snprintf(reply, sizeof(reply), "%s.%llu", p->inbox, (unsigned long long)p->last_seq + 1);
    natsStatus s =
        natsMsg_Create(&native, message->subject, reply, message->data, (int)message->len_bytes);
    if (s == NATS_OK)
        s = set_headers(p, native, message);
    if (s == NATS_OK)
        s = natsConnection_PublishMsg(nats_link_connection(p->link), native);
    natsMsg_Destroy(native);
    if (s != NATS_OK)
        return nats_link_fail(p->link, (int)s, "cannot publish", err);
    p->last_seq++;
    snprintf(p->last_id, sizeof(p->last_id), "%s", message->id);
    return 0;
}

size_t nats_publisher_waiting(const struct nats_publisher *p)
{
    return (size_t)(p->last_seq - p->acked);
}

/* --- acknowledgements ------------------------------------------------------------------------- */

static int read_ack(struct nats_publisher *p, natsMsg *native, uint64_t *seq, struct err *err)
{
    const char *subject = natsMsg_GetSubject(native);
    uint64_t number = p->acked + 1, asked = strtoull(subject + strlen(p->inbox) + 1, NULL, 10);
    int rc = nats_ack_read(p->parser, natsMsg_GetData(native),
                           (size_t)natsMsg_GetDataLength(native), number, err);
    if (rc)
        return rc;
    if (asked != number)
        return err_set(err, -ESTALE, "the stream acknowledged message %llu instead of %llu",
                       (unsigned long long)asked, (unsigned long long)number);
    *seq = p->acked = number;
    return 1;
}

int nats_publisher_ack(struct nats_publisher *p, int64_t wait_ms, uint64_t *seq, struct err *err)
{
    natsMsg *native = NULL;
    natsStatus s = natsSubscription_NextMsg(&native, p->acks, wait_ms);
    if (s == NATS_TIMEOUT)
        return 0;
    if (s == NATS_NO_RESPONDERS)
        return nats_ack_read(p->parser, NULL, 0, 0, err);
    if (s != NATS_OK)
        return nats_link_fail(p->link, (int)s, "no acknowledgement", err);
    int rc = read_ack(p, native, seq, err);
    natsMsg_Destroy(native);
    return rc;
}
