#include "net/ws_frames.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <wslay/wslay.h>

#define INPUT_BYTES 65536
#define KEEP_BYTES  65536 /* a buffer that grew larger is freed after use */
#define CONTROL_MAX 125   /* bytes in a control frame */
#define SLACK_BYTES 4096  /* above the queue's maximum, for pongs and the close frame */

enum {
    CODE_PROTOCOL = 1002,
    CODE_UNSUPPORTED = 1003,
    CODE_NO_STATUS = 1005,
    CODE_NOT_UTF8 = 1007,
    CODE_TOO_BIG = 1009,
};

struct ws_frames {
    struct ws_frames_owner owner;
    wslay_frame_context_ptr wslay;
    enum ws_frames_state state;
    int code;

    char *input; /* INPUT_BYTES: received, not yet taken by wslay, whose own buffer is small */
    size_t input_from, input_to;
    bool dry;   /* recv has no more bytes now */
    bool ended; /* the stream ended, or the owner stopped reading */

    uint64_t left; /* payload bytes of the current frame not received yet */
    int opcode;    /* of that frame */
    bool last;     /* it is the last frame of its message */
    bool between;  /* between two frames */
    bool in_message;
    struct buf message;
    size_t message_max;
    char control[CONTROL_MAX];
    size_t control_len;

    struct buf out;
    size_t out_from;
    bool goodbye_said;
};

/* --- callbacks of wslay ----------------------------------------------------------------------- */

static ssize_t on_recv(uint8_t *out, size_t len, int flags, void *arg)
{
    struct ws_frames *f = arg;
    (void)flags;
    if (f->input_from == f->input_to) {
        ssize_t n = f->owner.recv(f->owner.arg, f->input, INPUT_BYTES);
        f->input_from = 0;
        f->input_to = n > 0 ? (size_t)n : 0;
        f->dry = f->input_to == 0;
        f->ended |= f->dry && n != -EAGAIN;
        if (f->dry)
            return -1;
    }
    size_t some = f->input_to - f->input_from;
    if (some > len)
        some = len;
    memcpy(out, f->input + f->input_from, some);
    f->input_from += some;
    return (ssize_t)some;
}

static ssize_t on_send(const uint8_t *data, size_t len, int flags, void *arg)
{
    struct ws_frames *f = arg;
    (void)flags;
    return buf_append(&f->out, data, len) ? -1 : (ssize_t)len;
}

static int on_mask(uint8_t *out, size_t len, void *arg)
{
    (void)arg;
    return getrandom(out, len, 0) == (ssize_t)len ? 0 : -1;
}

/* --- sending ---------------------------------------------------------------------------------- */

static size_t waiting(const struct ws_frames *f)
{
    return f->out.len_bytes - f->out_from;
}

static int put_frame(struct ws_frames *f, uint8_t opcode, const void *data, size_t len)
{
    struct wslay_frame_iocb io = {
        .fin = 1,
        .opcode = opcode,
        .mask = 1,
        .payload_length = len,
        .data = data,
        .data_length = len,
    };
    size_t before = f->out.len_bytes;
    do { /* usually one call: on_send accepts everything */
        ssize_t n = wslay_frame_send(f->wslay, &io);
        if (n < 0) {
            f->out.len_bytes = before;
            return -ENOMEM;
        }
        io.data += n;
        io.data_length -= (size_t)n;
    } while (io.data_length);
    return 0;
}

int ws_frames_text(struct ws_frames *f, const char *text, size_t len_bytes)
{
    if (f->goodbye_said || waiting(f) + len_bytes > WS_FRAMES_QUEUE_MAX)
        return -ENOBUFS;
    return put_frame(f, WSLAY_TEXT_FRAME, text, len_bytes);
}

/* Pings and pongs; refused when the server does not read and the queue is full. */
static int put_control(struct ws_frames *f, uint8_t opcode, const void *data, size_t len)
{
    if (f->goodbye_said || waiting(f) + len > WS_FRAMES_QUEUE_MAX)
        return -ENOBUFS;
    return put_frame(f, opcode, data, len);
}

int ws_frames_ping(struct ws_frames *f, const void *data, size_t len_bytes)
{
    return put_control(f, WSLAY_PING, data, len_bytes);
}

void ws_frames_goodbye(struct ws_frames *f, int code)
{
    const unsigned char text[2] = {(unsigned char)(code >> 8), (unsigned char)code};
    if (!f->goodbye_said)
        put_frame(f, WSLAY_CONNECTION_CLOSE, text, code == CODE_NO_STATUS ? 0 : sizeof(text));
    f->goodbye_said = true;
}

static void flush(struct ws_frames *f)
{
    while (waiting(f)) {
        ssize_t n = f->owner.send(f->owner.arg, f->out.data + f->out_from, waiting(f));
        if (n <= 0) {
            f->ended |= n != -EAGAIN;
            return;
        }
        f->out_from += (size_t)n;
    }
    f->out_from = 0;
    if (f->out.cap_bytes > KEEP_BYTES)
        buf_finish(&f->out);
    buf_clear(&f->out);
}

/* --- receiving -------------------------------------------------------------------------------- */

static bool violation(struct ws_frames *f, int code)
{
    ws_frames_goodbye(f, code);
    f->state = WS_FRAMES_VIOLATION;
    f->code = code;
    return false;
}

/* Codes that are allowed in a close frame: RFC 6455 section 7.4. */
static bool code_may_be_said(int code)
{
    return (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) ||
           (code >= 3000 && code <= 4999);
}

static bool take_goodbye(struct ws_frames *f)
{
    const unsigned char *text = (const unsigned char *)f->control;
    int code = f->control_len ? CODE_PROTOCOL : CODE_NO_STATUS;
    if (f->control_len >= 2)
        code = text[0] << 8 | text[1];
    if (f->control_len && (f->control_len < 2 || !code_may_be_said(code)))
        return violation(f, CODE_PROTOCOL);
    if (f->control_len > 2 && !utf8_valid(f->control + 2, f->control_len - 2))
        return violation(f, CODE_NOT_UTF8);
    ws_frames_goodbye(f, code);
    f->state = WS_FRAMES_CLOSED;
    f->code = code;
    return false;
}

static bool take_control(struct ws_frames *f)
{
    switch (f->opcode) {
    case WSLAY_CONNECTION_CLOSE:
        return take_goodbye(f);
    case WSLAY_PING:
        if (put_control(f, WSLAY_PONG, f->control, f->control_len))
            return violation(f, CODE_PROTOCOL); /* it sends pings and does not read the pongs */
        return true;
    default:
        f->owner.pong(f->owner.arg, f->control, f->control_len);
        return true;
    }
}

static bool take_text(struct ws_frames *f, const char *text, size_t len)
{
    if (!utf8_valid(text, len))
        return violation(f, CODE_NOT_UTF8);
    bool go_on = f->owner.text(f->owner.arg, text, len);
    f->ended |= !go_on;
    return go_on;
}

/* Checks a frame's first two bytes and its length. Returns 0 or a close code. */
static int judge_frame(const struct ws_frames *f, const struct wslay_frame_iocb *io)
{
    bool control = wslay_is_ctrl_frame(io->opcode);
    if (io->rsv || io->mask)
        return CODE_PROTOCOL;
    if (control) {
        bool known = io->opcode == WSLAY_CONNECTION_CLOSE || io->opcode == WSLAY_PING ||
                     io->opcode == WSLAY_PONG;
        return known && io->fin && io->payload_length <= CONTROL_MAX ? 0 : CODE_PROTOCOL;
    }
    if (io->opcode == WSLAY_BINARY_FRAME)
        return f->in_message ? CODE_PROTOCOL : CODE_UNSUPPORTED;
    if (io->opcode != (f->in_message ? WSLAY_CONTINUATION_FRAME : WSLAY_TEXT_FRAME))
        return CODE_PROTOCOL;
    return io->payload_length > f->message_max - f->message.len_bytes ? CODE_TOO_BIG : 0;
}

static bool begin_frame(struct ws_frames *f, const struct wslay_frame_iocb *io)
{
    int code = judge_frame(f, io);
    if (code)
        return violation(f, code);
    f->between = false;
    f->left = io->payload_length;
    f->opcode = io->opcode;
    f->last = io->fin;
    f->control_len = 0;
    return true;
}

static bool end_frame(struct ws_frames *f)
{
    f->between = true;
    if (wslay_is_ctrl_frame(f->opcode))
        return take_control(f);
    f->in_message = !f->last;
    if (f->in_message)
        return true;
    bool go_on = take_text(f, buf_text(&f->message), f->message.len_bytes);
    if (f->message.cap_bytes > KEEP_BYTES)
        buf_finish(&f->message);
    buf_clear(&f->message);
    return go_on;
}

/* A piece of payload. A message of one frame received in one piece (usual) is not copied. */
static bool take_piece(struct ws_frames *f, const struct wslay_frame_iocb *io)
{
    bool whole =
        !f->in_message && f->last && io->data_length == f->left && f->message.len_bytes == 0;
    f->left -= io->data_length;
    if (wslay_is_ctrl_frame(f->opcode)) {
        memcpy(f->control + f->control_len, io->data, io->data_length);
        f->control_len += io->data_length;
    } else if (whole) {
        f->between = true;
        return take_text(f, (const char *)io->data, io->data_length);
    } else if (io->data_length && buf_append(&f->message, io->data, io->data_length)) {
        return violation(f, CODE_TOO_BIG);
    }
    return f->left || end_frame(f);
}

static void receive(struct ws_frames *f)
{
    bool go_on = true;
    f->dry = false;
    while (go_on) {
        struct wslay_frame_iocb io;
        ssize_t n = wslay_frame_recv(f->wslay, &io);
        if (n == WSLAY_ERR_WANT_READ && !f->dry)
            continue; /* a short read does not mean that no more bytes are available */
        if (n == WSLAY_ERR_PROTO)
            violation(f, CODE_PROTOCOL);
        if (n < 0)
            return;
        go_on = (!f->between || begin_frame(f, &io)) && take_piece(f, &io);
    }
}

enum ws_frames_state ws_frames_pump(struct ws_frames *f)
{
    if (f->state == WS_FRAMES_OPEN)
        receive(f);
    flush(f);
    if (f->state == WS_FRAMES_OPEN && f->ended)
        f->state = WS_FRAMES_LOST;
    return f->state;
}

int ws_frames_code(const struct ws_frames *f)
{
    return f->code;
}

const char *ws_frames_words(int code)
{
    switch (code) {
    case 1003:
        return "a binary message; only text is expected";
    case 1007:
        return "text that is not UTF-8";
    case 1009:
        return "a message larger than the maximum";
    default:
        return "a frame that violates the WebSocket protocol";
    }
}

bool ws_frames_wants_room(const struct ws_frames *f)
{
    return waiting(f) > 0;
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct ws_frames *ws_frames_create(const struct ws_frames_owner *owner, size_t message_max_bytes)
{
    static const struct wslay_frame_callbacks callbacks = {on_send, on_recv, on_mask};
    struct ws_frames *f = calloc(1, sizeof(*f));
    if (!f)
        return NULL;
    f->owner = *owner;
    f->between = true;
    f->message_max = message_max_bytes;
    buf_init(&f->message, message_max_bytes);
    buf_init(&f->out, 2 * WS_FRAMES_QUEUE_MAX + SLACK_BYTES);
    f->input = malloc(INPUT_BYTES);
    if (!f->input || wslay_frame_context_init(&f->wslay, &callbacks, f)) {
        f->wslay = NULL;
        ws_frames_destroy(f);
        return NULL;
    }
    return f;
}

void ws_frames_destroy(struct ws_frames *f)
{
    if (!f)
        return;
    if (f->wslay)
        wslay_frame_context_free(f->wslay);
    buf_finish(&f->message);
    buf_finish(&f->out);
    free(f->input);
    free(f);
}
