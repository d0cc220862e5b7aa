#include "net/ws_handshake.h"

#include "base/mask.h"
#include "base/num.h"
#include "base/utf8.h"
#include "net/retry_after.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define GUID       "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define SHA1_BYTES 20

/* --- address ---------------------------------------------------------------------------------- */

static char *part(CURLU *url, CURLUPart what)
{
    char *text = NULL;
    return curl_url_get(url, what, &text, 0) == CURLUE_OK ? text : NULL;
}

static char *join(const char *a, const char *between, const char *b)
{
    char *text;
    return asprintf(&text, "%s%s%s", a, b ? between : "", b ? b : "") < 0 ? NULL : text;
}

static int take_parts(struct ws_address *address, CURLU *url)
{
    char *host = part(url, CURLUPART_HOST), *port = part(url, CURLUPART_PORT);
    char *path = part(url, CURLUPART_PATH), *query = part(url, CURLUPART_QUERY);
    bool whole = host && path;
    if (whole) {
        address->host = join(host, ":", port);
        address->target = join(path, "?", query);
    }
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_free(query);
    return whole ? 0 : -EINVAL;
}

int ws_address_init(struct ws_address *address, const char *url, struct err *err)
{
    char shown[MASK_URL_BYTES];
    *address = (struct ws_address){0};
    mask_url(shown, sizeof(shown), url);
    bool secure = strncasecmp(url, "wss://", 6) == 0;
    if (!secure && strncasecmp(url, "ws://", 5) != 0)
        return err_set(err, -EINVAL, "'%s' is not a ws:// or wss:// URL", shown);
    CURLU *parsed = curl_url();
    address->http_url = join(secure ? "https" : "http", "", url + (secure ? 3 : 2));
    int rc = -ENOMEM;
    if (parsed && address->http_url)
        rc = curl_url_set(parsed, CURLUPART_URL, address->http_url, 0) == CURLUE_OK
                 ? take_parts(address, parsed)
                 : -EINVAL;
    curl_url_cleanup(parsed);
    if (rc == 0 && (!address->host || !address->target))
        rc = -ENOMEM;
    if (rc == 0)
        return 0;
    ws_address_finish(address);
    if (rc == -ENOMEM)
        return err_set(err, rc, "out of memory");
    return err_set(err, rc, "'%s' is not a valid URL", shown);
}

/* Its query may contain the ids of a session. */
static void wipe_text(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void ws_address_finish(struct ws_address *address)
{
    wipe_text(address->http_url);
    wipe_text(address->target);
    free(address->host);
    *address = (struct ws_address){0};
}

/* --- request ---------------------------------------------------------------------------------- */

void ws_handshake_key(char key[WS_KEY_TEXT], const unsigned char nonce[WS_NONCE_BYTES])
{
    EVP_EncodeBlock((unsigned char *)key, nonce, WS_NONCE_BYTES);
}

void ws_handshake_accept(char accept[WS_KEY_TEXT], const char *key)
{
    char text[WS_KEY_TEXT + sizeof(GUID)];
    unsigned char digest[SHA1_BYTES];
    int len = snprintf(text, sizeof(text), "%.*s" GUID, WS_KEY_TEXT - 1, key);
    if (!EVP_Q_digest(NULL, "SHA1", NULL, text, (size_t)len, digest, NULL))
        memset(digest, 0, sizeof(digest)); /* then no answer is accepted */
    EVP_EncodeBlock((unsigned char *)accept, digest, SHA1_BYTES);
}

void ws_handshake_request(struct buf *out, const struct ws_address *address, const char *key,
                          const char *const *lines)
{
    buf_printf(out,
               "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n"
               "User-Agent: cinta/" CINTA_VERSION "\r\n",
               address->target, address->host, key);
    for (; *lines; lines++)
        buf_printf(out, "%s\r\n", *lines);
    buf_puts(out, "\r\n");
}

/* --- reading a head --------------------------------------------------------------------------- */

/* A part of the head, not NUL-terminated. */
struct piece {
    const char *text;
    size_t len;
};

static struct piece trimmed(const char *text, size_t len)
{
    while (len && (*text == ' ' || *text == '\t'))
        text++, len--;
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t' || text[len - 1] == '\r'))
        len--;
    return (struct piece){text, len};
}

size_t ws_head_len(const char *text, size_t len_bytes)
{
    for (size_t i = 0; i + 1 < len_bytes; i++) {
        if (text[i] != '\n')
            continue;
        if (text[i + 1] == '\n')
            return i + 2;
        if (text[i + 1] == '\r' && i + 2 < len_bytes && text[i + 2] == '\n')
            return i + 3;
    }
    return 0;
}

/* The next line from `*at` on, without its line end. */
static bool next_line(const char **at, const char *end, struct piece *line)
{
    if (*at >= end)
        return false;
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    if (!stop)
        stop = end;
    *line = trimmed(*at, (size_t)(stop - *at));
    *at = stop + 1;
    return true;
}

/* The value of the next header of that name from `*at` on. */
static bool next_header(const char **at, const char *end, const char *name, struct piece *value)
{
    size_t name_len = strlen(name);
    struct piece line;
    while (next_line(at, end, &line)) {
        if (line.len <= name_len || line.text[name_len] != ':' ||
            strncasecmp(line.text, name, name_len) != 0)
            continue;
        *value = trimmed(line.text + name_len + 1, line.len - name_len - 1);
        return true;
    }
    return false;
}

static bool first_header(const char *head, size_t len, const char *name, struct piece *value)
{
    const char *at = head;
    return next_header(&at, head + len, name, value);
}

static bool is_word(struct piece p, const char *word)
{
    return p.len == strlen(word) && strncasecmp(p.text, word, p.len) == 0;
}

/* True if `word` is in the header, which may occur several times, each time as a list. */
static bool header_lists(const char *head, size_t len, const char *name, const char *word)
{
    const char *at = head;
    struct piece value;
    while (next_header(&at, head + len, name, &value)) {
        while (value.len) {
            const char *comma = memchr(value.text, ',', value.len);
            size_t item = comma ? (size_t)(comma - value.text) : value.len;
            if (is_word(trimmed(value.text, item), word))
                return true;
            size_t used = item + (comma != NULL);
            value = (struct piece){value.text + used, value.len - used};
        }
    }
    return false;
}

static void copy_header(const char *head, size_t len, const char *name, char *out, size_t out_bytes)
{
    struct piece value;
    out[0] = '\0';
    if (first_header(head, len, name, &value))
        utf8_clean(out, out_bytes, value.text, value.len);
}

static double number_header(const char *head, size_t len, const char *name, double max)
{
    struct piece value;
    double number;
    if (!first_header(head, len, name, &value) || !num_parse(value.text, value.len, &number) ||
        number < 0 || number > max)
        return -1;
    return number;
}

static int status_of(const char *head, size_t len)
{
    if (len < 12 || memcmp(head, "HTTP/1.", 7) != 0 || head[8] != ' ')
        return -1;
    for (int i = 9; i < 12; i++) {
        if (head[i] < '0' || head[i] > '9')
            return -1;
    }
    if (head[12] != ' ' && head[12] != '\r' && head[12] != '\n')
        return -1;
    return (head[9] - '0') * 100 + (head[10] - '0') * 10 + head[11] - '0';
}

/* The head for the log: the URL of a redirect is masked. */
static void keep_head(struct ws_answer *answer, const char *head, size_t len)
{
    const char *end = head + len, *line = head, *at = head;
    size_t used = 0, room = sizeof(answer->head);
    struct piece piece;
    while (next_line(&at, end, &piece) && used + 1 < room) {
        char url[sizeof(answer->location)], shown[MASK_URL_BYTES];
        const char *from = line;
        struct piece value;
        int n;
        if (next_header(&from, at < end ? at : end, "Location", &value)) {
            snprintf(url, sizeof(url), "%.*s", (int)value.len, value.text);
            n = snprintf(answer->head + used, room - used, "Location: %s\r\n",
                         mask_url(shown, sizeof(shown), url));
        } else {
            n = snprintf(answer->head + used, room - used, "%.*s",
                         (int)((at < end ? at : end) - line), line);
        }
        used += (size_t)n < room - used ? (size_t)n : room - used - 1;
        line = at;
    }
}

int ws_answer_read(struct ws_answer *answer, const char *head, size_t len_bytes, int64_t wall_ns,
                   struct err *err)
{
    *answer = (struct ws_answer){.retry_after_ms = -1, .content_length = -1};
    int status = len_bytes > 12 ? status_of(head, len_bytes) : -1;
    if (status < 100)
        return err_set(err, -EBADMSG, "the answer is not HTTP/1.1");
    answer->status = status;
    keep_head(answer, head, len_bytes);
    copy_header(head, len_bytes, "Location", answer->location, sizeof(answer->location));
    copy_header(head, len_bytes, "Content-Type", answer->content_type,
                sizeof(answer->content_type));
    answer->content_length = (int64_t)number_header(head, len_bytes, "Content-Length", 1e15);
    struct piece wait;
    if (first_header(head, len_bytes, "Retry-After", &wait))
        answer->retry_after_ms = retry_after_ms(wait.text, wait.len, wall_ns);
    return 0;
}

static int broken(struct err *err, const char *words)
{
    return err_set(err, -EPROTO, "the server violates the WebSocket protocol: %s", words);
}

int ws_handshake_check(const char *head, size_t len_bytes, const char *key, struct err *err)
{
    char wanted[WS_KEY_TEXT];
    struct piece value;
    ws_handshake_accept(wanted, key);
    if (!header_lists(head, len_bytes, "Upgrade", "websocket"))
        return broken(err, "101 without \"Upgrade: websocket\"");
    if (!header_lists(head, len_bytes, "Connection", "upgrade"))
        return broken(err, "101 without \"Connection: Upgrade\"");
    if (!first_header(head, len_bytes, "Sec-WebSocket-Accept", &value))
        return broken(err, "no Sec-WebSocket-Accept");
    if (value.len != strlen(wanted) || memcmp(value.text, wanted, value.len) != 0)
        return broken(err, "Sec-WebSocket-Accept does not match the key that was sent");
    if (first_header(head, len_bytes, "Sec-WebSocket-Extensions", &value) && value.len)
        return broken(err, "an extension that was not requested");
    if (first_header(head, len_bytes, "Sec-WebSocket-Protocol", &value) && value.len)
        return broken(err, "a subprotocol that was not requested");
    return 0;
}
