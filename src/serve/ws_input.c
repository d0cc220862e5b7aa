#include "serve/ws_input.h"

#include "base/utf8.h"

#define CODE_MAX        4999 /* RFC 6455 section 7.4.2 */
#define CODE_PROTOCOL   1002 /* section 7.4.1 */
#define CODE_UNACCEPTED 1003
#define CODE_NOT_UTF8   1007
#define CODE_TOO_LARGE  1009

void ws_input_init(struct ws_input *input, size_t max_bytes)
{
    buf_init(&input->text, max_bytes);
}

void ws_input_finish(struct ws_input *input)
{
    buf_finish(&input->text);
}

/* With what its frame announces, so that a client learns of it at once. */
static bool is_too_large(const struct buf *text, const struct ws_piece *piece)
{
    size_t room = text->max_bytes - text->len_bytes;
    return piece->len_bytes > room || piece->rest_bytes > room - piece->len_bytes;
}

int ws_input_take(struct ws_input *input, const struct ws_piece *piece)
{
    struct buf *text = &input->text;
    if (piece->binary)
        return CODE_UNACCEPTED;
    if (is_too_large(text, piece) || buf_append(text, piece->data, piece->len_bytes))
        return CODE_TOO_LARGE;
    if (!piece->final || piece->rest_bytes)
        return WS_INPUT_PARTIAL;
    return utf8_valid(buf_text(text), text->len_bytes) ? WS_INPUT_COMPLETE : CODE_NOT_UTF8;
}

/* libwebsockets replaces the codes below 3000 that nobody may send by 1002 itself. */
int ws_input_close_code(const void *payload, size_t len_bytes)
{
    const unsigned char *bytes = payload;
    if (len_bytes == 0)
        return 0;
    if (len_bytes == 1 || (bytes[0] << 8 | bytes[1]) > CODE_MAX)
        return CODE_PROTOCOL;
    return utf8_valid((const char *)bytes + 2, len_bytes - 2) ? 0 : CODE_NOT_UTF8;
}
