#include "sim/terminal_client.h"

#include "base/clock.h"
#include "sim/frame_faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_BYTES   160
#define MESSAGE_BYTES (12u * 1024 * 1024)

void terminal_client_disturb(struct terminal_client *c, enum fault_kind kind, int code)
{
    bool mute;
    frame_faults_disturb(c->socket, kind, code, &mute);
    if (!mute)
        return;
    c->mute = true;
    subscriptions_drop(c->quotes);
    subscriptions_drop(c->books);
}

/* --- events ----------------------------------------------------------------------------------- */

void terminal_client_tell_time(struct terminal_client *c, int64_t now_ns)
{
    char now[CLOCK_TEXT], event[EVENT_BYTES];
    int len = snprintf(event, sizeof(event), "X:{\"d\":{\"now\":\"%.19sZ\"},\"t\":\"clock\"}",
                       clock_text(now, now_ns));
    websocket_send(c->socket, event, (size_t)len);
}

static void tell_state(struct terminal_client *c, const char *market, bool closed)
{
    char event[EVENT_BYTES];
    int len = snprintf(event, sizeof(event),
                       "X:{\"d\":{\"market\":\"%s\",\"status\":\"%s\"},\"t\":\"fixstatus\"}",
                       market, closed ? "closed" : "open");
    websocket_send(c->socket, event, (size_t)len);
}

void terminal_client_greet(struct terminal_client *c, int64_t now_ns, bool closed)
{
    terminal_client_tell_time(c, now_ns);
    tell_state(c, "rx", closed);
    tell_state(c, "bm", closed);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void send_message(struct terminal_client *c, const struct buf *message,
                         const struct fault *fault)
{
    if (!fault || terminal_batch_applies(fault->kind))
        websocket_send(c->socket, buf_text(message), message->len_bytes);
    else if (!frame_faults_send(c->socket, fault, message, c->previous))
        terminal_client_disturb(c, fault->kind, fault->code); /* hang: it is not sent */
    if (!c->keep_previous)
        return;
    free(c->previous);
    c->previous = strdup(buf_text(message));
}

void terminal_client_send_batch(struct terminal_client *c, const struct fault *fault)
{
    struct buf message;
    buf_init(&message, MESSAGE_BYTES);
    terminal_batch_put(&message, &c->batch, fault);
    terminal_batch_clear(&c->batch);
    if (buf_failed(&message))
        websocket_drop(c->socket); /* no memory: it connects again */
    else if (!c->mute)
        send_message(c, &message, fault);
    buf_finish(&message);
}

struct terminal_client *terminal_client_create(struct websocket *socket,
                                               struct subscriptions *quotes,
                                               struct subscriptions *books)
{
    struct terminal_client *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->socket = socket;
    terminal_batch_init(&c->batch);
    c->quotes = subscriptions_add(quotes, c);
    c->books = subscriptions_add(books, c);
    if (c->quotes && c->books)
        return c;
    terminal_client_destroy(c);
    return NULL;
}

void terminal_client_destroy(struct terminal_client *c)
{
    subscriptions_remove(c->quotes);
    subscriptions_remove(c->books);
    terminal_batch_finish(&c->batch);
    free(c->previous);
    free(c);
}
