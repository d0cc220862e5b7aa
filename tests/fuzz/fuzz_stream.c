/*
 * Arbitrary bytes from a WebSocket peer: the answer to a handshake, frames received in pieces, and
 * their messages as read by the client and by the server. The first byte selects the size of the
 * pieces.
 */
#include "base/utf8.h"
#include "net/ws_frames.h"
#include "net/ws_handshake.h"
#include "primary/stream.h"
#include "serve/stream_api.h"
#include "support/fuzz.h"

#include <errno.h>
#include <string.h>

#define MESSAGE_MAX 4096

struct wire {
    const char *data;
    size_t len, from, piece;
    struct json_parser *parser;
};

static ssize_t wire_recv(void *arg, void *data, size_t len)
{
    struct wire *w = arg;
    size_t some = w->len - w->from < w->piece ? w->len - w->from : w->piece;
    if (some > len)
        some = len;
    memcpy(data, w->data + w->from, some);
    w->from += some;
    return (ssize_t)some;
}

static ssize_t wire_send(void *arg, const void *data, size_t len)
{
    (void)arg;
    (void)data;
    return (ssize_t)len;
}

static void check_side(const struct side *side)
{
    CHECK(side->count >= 0 && side->count <= QUOTE_DEPTH_MAX);
    for (int i = 0; i < side->count; i++)
        CHECK(isfinite(side->level[i].price) && !isinf(side->level[i].size));
}

static void try_frame(struct json_parser *parser, const char *text, size_t len)
{
    struct stream_decoder decoder = {.parser = parser, .entries = ENTRY_ALL};
    const struct stream_message message = {text, len, 0};
    struct stream_item frame;
    memset(&frame, 0x5a, sizeof(frame));
    stream_decode(&decoder, &message, &frame);
    if (frame.kind == STREAM_MALFORMED)
        CHECK(frame.why.code < 0 && frame.why.text[0]);
    if (frame.kind == STREAM_ERROR)
        CHECK(memchr(decoder.named, '\0', sizeof(decoder.named)) && frame.why.text[0]);
    if (frame.kind != STREAM_DATA)
        return;
    CHECK(frame.symbol.text && frame.market_id.text && frame.ts_event >= 0);
    CHECK((frame.update.entries & ~ENTRY_ALL) == 0);
    CHECK((frame.unreadable.entries & ~frame.update.entries) == 0);
    check_side(&frame.update.quote.bids);
    check_side(&frame.update.quote.offers);
    CHECK(!isinf(frame.update.quote.last_price) && !isinf(frame.update.quote.open_interest));
}

static bool wire_text(void *arg, const char *text, size_t len)
{
    struct wire *w = arg;
    CHECK(len <= MESSAGE_MAX && utf8_valid(text, len));
    try_frame(w->parser, text, len);
    return true;
}

static void wire_pong(void *arg, const void *data, size_t len)
{
    (void)arg;
    (void)data;
    CHECK(len <= 125);
}

static void try_frames(struct json_parser *parser, const char *data, size_t len, size_t piece)
{
    struct wire w = {data, len, 0, piece, parser};
    const struct ws_frames_owner owner = {&w, wire_recv, wire_send, wire_text, wire_pong};
    struct ws_frames *f = ws_frames_create(&owner, MESSAGE_MAX);
    if (!f)
        abort();
    enum ws_frames_state state = ws_frames_pump(f);
    CHECK(state != WS_FRAMES_OPEN); /* the stream has ended */
    CHECK(ws_frames_pump(f) == state);
    CHECK((state == WS_FRAMES_LOST) == (ws_frames_code(f) == 0));
    ws_frames_destroy(f);
}

static void try_handshake(const char *data, size_t len)
{
    struct ws_answer answer;
    struct err err = {0};
    size_t head = ws_head_len(data, len);
    CHECK(head <= len);
    if (ws_answer_read(&answer, data, head, 0, &err) == 0) {
        CHECK(answer.status >= 100 && answer.status <= 999);
        CHECK(answer.retry_after_ms >= -1 && answer.content_length >= -1);
        CHECK(memchr(answer.head, '\0', sizeof(answer.head)));
    }
    if (ws_handshake_check(data, head, "dGhlIHNhbXBsZSBub25jZQ==", &err))
        CHECK(err.text[0]);
}

/* --- server ----------------------------------------------------------------------------------- */

static int32_t find(void *self, const char *market_id, const char *symbol)
{
    (void)self;
    return strcmp(market_id, "ROFX") == 0 && strncmp(symbol, "DLR", 3) == 0 ? 5 : -1;
}

static void origin(void *self, int32_t index, struct source_origin *out)
{
    (void)self;
    CHECK(index == 5);
    *out = (struct source_origin){.source = "rest", .age_ms = 840, .seq = 1207};
}

static const struct instrument *instrument(void *self, int32_t index)
{
    static const struct instrument one = {.market_id = "ROFX", .symbol = "DLR/DIC26"};
    (void)self;
    CHECK(index == 5);
    return &one;
}

static const struct quote *quote(void *self, int32_t index)
{
    static struct quote none;
    (void)self;
    CHECK(index == 5);
    none = quote_none();
    return &none;
}

static enum encode_empty empty(void *self, int32_t index)
{
    (void)self;
    CHECK(index == 5);
    return EMPTY_LIST;
}

/* `origin` and TC as in the local API. */
static const struct market_source source = {.find = find,
                                            .instrument = instrument,
                                            .quote = quote,
                                            .empty = empty,
                                            .takes_tc = true,
                                            .origin = origin};

static void check_frame(struct json_parser *parser, const struct stream_request *request)
{
    const struct stream_frame content = {request->instruments[0], request->entries, request->depth,
                                         1};
    struct buf out;
    buf_init(&out, 65536);
    stream_put_market_data(&out, &source, &content);
    const struct json *root = json_parse(parser, out.data, out.len_bytes, NULL);
    CHECK(json_type(json_get(root, "marketData")) == JSON_OBJECT);
    CHECK((json_type(json_get(root, "cinta")) == JSON_OBJECT) ==
          ((request->entries & STREAM_EXTRAS) != 0));
    buf_finish(&out);
}

/* The frame is an object, and no longer than clients take. */
static void check_error(struct json_parser *parser, const struct buf *answer)
{
    CHECK(!buf_failed(answer) && answer->len_bytes < STREAM_ERROR_BYTES);
    const struct json *root = json_parse(parser, answer->data, answer->len_bytes, NULL);
    CHECK(json_string(json_get(root, "message")) && json_string(json_get(root, "description")));
}

static void try_smd(struct json_parser *parser, const char *text, size_t len)
{
    static int32_t list[STREAM_PRODUCTS_MAX];
    struct stream_request request = {.instruments = list};
    struct buf answer;
    char *copy = strndup(text, len); /* the server's messages are NUL-terminated */
    buf_init(&answer, 65536);
    enum stream_outcome outcome = stream_request_read(&(struct stream_reader){parser, &source},
                                                      copy, strlen(copy), &request, &answer);
    if (outcome == STREAM_SUBSCRIBE) {
        CHECK(request.count >= 0 && request.count <= STREAM_PRODUCTS_MAX);
        CHECK(request.entries && request.depth >= 1 && request.depth <= 5);
        CHECK(request.level >= 1 && request.level <= 5);
        if (request.count > 0)
            check_frame(parser, &request);
    }
    CHECK((outcome == STREAM_REFUSE) == (answer.len_bytes > 0));
    if (outcome == STREAM_REFUSE)
        check_error(parser, &answer);
    buf_finish(&answer);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_parser *parser = json_parser_create();
    if (!parser)
        abort();
    if (size) {
        const char *text = (const char *)data + 1;
        try_frames(parser, text, size - 1, 1u + data[0]);
        try_handshake(text, size - 1);
        try_frame(parser, text, size - 1);
        try_smd(parser, text, size - 1);
    }
    json_parser_destroy(parser);
    return 0;
}
