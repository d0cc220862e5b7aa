#include "sim/frame_faults.h"

#include "serve/ws_head.h"

#include <stdlib.h>
#include <string.h>

#define OVERSIZED_BYTES (5 * 1024 * 1024)

/* --- frames that libwebsockets does not send -------------------------------------------------- */

static void put_head(struct buf *raw, unsigned first, bool masked, size_t len)
{
    unsigned char head[WS_HEAD_BYTES];
    size_t head_bytes = ws_head_write(head, first, len);
    head[1] |= masked ? 0x80 : 0;
    buf_append(raw, head, head_bytes);
}

/* Builds a frame here, because libwebsockets does not send invalid ones. */
struct odd_frame {
    unsigned first; /* its first byte */
    bool masked;
    enum websocket_oddity oddity;
};

static void send_by_hand(struct websocket *socket, const char *text, size_t len,
                         struct odd_frame frame)
{
    struct buf raw;
    buf_init(&raw, len + 32);
    put_head(&raw, frame.first, frame.masked, len);
    if (frame.masked)
        buf_append(&raw, "\0\0\0\0", 4); /* a mask of zeros changes nothing */
    buf_append(&raw, text, len);
    if (!buf_failed(&raw))
        websocket_send_odd(socket, frame.oddity, raw.data, raw.len_bytes);
    buf_finish(&raw);
}

static void send_oversized(struct websocket *socket)
{
    char *text = malloc(OVERSIZED_BYTES);
    if (!text)
        return;
    memset(text, ' ', OVERSIZED_BYTES);
    websocket_send(socket, text, OVERSIZED_BYTES);
    free(text);
}

static void send_text(struct websocket *socket, const char *text)
{
    websocket_send(socket, text, strlen(text));
}

/* --- frames ----------------------------------------------------------------------------------- */

bool frame_faults_send(struct websocket *to, const struct fault *fault, const struct buf *frame,
                       const char *previous)
{
    const char *text = buf_text(frame);
    size_t len = frame->len_bytes;
    switch (fault->kind) {
    case FAULT_FRAGMENTED:
        websocket_send_odd(to, WEBSOCKET_FRAGMENTED, text, len);
        return true;
    case FAULT_BINARY:
        websocket_send_odd(to, WEBSOCKET_BINARY, text, len);
        return true;
    case FAULT_MASKED:
        send_by_hand(to, text, len, (struct odd_frame){0x81, true, WEBSOCKET_RAW});
        return true;
    case FAULT_RSV:
        send_by_hand(to, text, len, (struct odd_frame){0xc1, false, WEBSOCKET_RAW});
        return true;
    case FAULT_DRIP:
        send_by_hand(to, text, len, (struct odd_frame){0x81, false, WEBSOCKET_DRIP});
        return true;
    case FAULT_OVERSIZED:
        send_oversized(to);
        return true;
    case FAULT_UTF8:
        send_text(to, "{\"type\":\"Md\",\"x\":\"\xc3\x28\"}");
        return true;
    case FAULT_GARBAGE:
        send_text(to, "{\"type\":\"Md\",\"marketData\":{\"BI\":[{\"price\":1601.,,");
        return true;
    case FAULT_SHAPE:
        send_text(to, "{\"type\":\"Md\",\"instrumentId\":\"none today\",\"marketData\":7}");
        return true;
    case FAULT_BODY:
        send_text(to, fault->body);
        return true;
    case FAULT_DUPLICATE:
        websocket_send(to, text, len);
        websocket_send(to, text, len);
        return true;
    case FAULT_OLD:
        websocket_send(to, text, len);
        if (previous)
            send_text(to, previous);
        return true;
    case FAULT_UNKNOWN:
        send_text(to, "{\"type\":\"hb\"}");
        websocket_send(to, text, len);
        return true;
    default:
        return false;
    }
}

/* --- connections ------------------------------------------------------------------------------ */

bool frame_faults_disturb(struct websocket *socket, enum fault_kind kind, int code, bool *mute)
{
    *mute = kind == FAULT_MUTE || kind == FAULT_DEAF || kind == FAULT_HALF_OPEN ||
            kind == FAULT_GOODBYE;
    switch (kind) {
    case FAULT_MUTE:
        return true;
    case FAULT_DEAF:
    case FAULT_HALF_OPEN:
        websocket_deafen(socket);
        return true;
    case FAULT_RESET:
        websocket_reset(socket);
        return true;
    case FAULT_CLOSE:
        websocket_drop(socket);
        return true;
    case FAULT_GOODBYE:
        websocket_close(socket, code, "simulated");
        return true;
    default:
        return false;
    }
}
