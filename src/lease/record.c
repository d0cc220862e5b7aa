#include "lease/record.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/json_write.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WHOLE_MAX 9007199254740992.0 /* greater whole numbers are not exact in JSON */

/* --- writing ---------------------------------------------------------------------------------- */

static void put_text(struct buf *out, const char *key, const char *text)
{
    buf_printf(out, ",\"%s\":", key);
    json_put_string(out, text);
}

static void put_whole(struct buf *out, const char *key, int64_t value)
{
    buf_printf(out, ",\"%s\":%" PRId64, key, value);
}

void lease_record_write(struct buf *out, const struct lease_record *r)
{
    buf_printf(out, "{\"format\":%d", LEASE_RECORD_FORMAT);
    put_text(out, "holder", r->holder);
    put_text(out, "run", r->run);
    put_text(out, "last", r->last);
    put_text(out, "host", r->host);
    put_whole(out, "term", r->term);
    put_whole(out, "duration_ms", r->duration_ms);
    put_whole(out, "seq", r->seq);
    put_whole(out, "ts_ms", r->ts_ms);
    put_text(out, "broker", r->broker);
    put_text(out, "token", r->token);
    put_whole(out, "token_ms", r->token_ms);
    buf_puts(out, "}");
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool take_whole(const struct json *root, const char *key, int64_t *out)
{
    double value;
    const struct json *member = json_get(root, key);
    if (json_type(member) != JSON_NUMBER || !json_number(member, &value) || value < 0 ||
        value > WHOLE_MAX || value != floor(value))
        return false;
    *out = (int64_t)value;
    return true;
}

/* Printable ASCII, and no longer than `bytes` with the NUL. */
static bool take_text(const struct json *root, const char *key, char *out, size_t bytes)
{
    const char *text = json_string(json_get(root, key));
    if (!text || strlen(text) >= bytes)
        return false;
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c < 0x20 || *c > 0x7e)
            return false;
    }
    strcpy(out, text);
    return true;
}

static bool take_id(const struct json *root, const char *key, char out[LEASE_ID_BYTES])
{
    return take_text(root, key, out, LEASE_ID_BYTES) &&
           strspn(out, "0123456789abcdef") == strlen(out);
}

static bool take_token(const struct json *root, struct lease_record *r)
{
    return take_id(root, "broker", r->broker) &&
           take_text(root, "token", r->token, sizeof(r->token)) &&
           (!*r->token || login_token_valid(r->token)) &&
           take_whole(root, "token_ms", &r->token_ms);
}

static bool take(const struct json *root, struct lease_record *r)
{
    int64_t format;
    return take_whole(root, "format", &format) && format == LEASE_RECORD_FORMAT &&
           take_id(root, "holder", r->holder) && take_id(root, "run", r->run) &&
           take_id(root, "last", r->last) && take_text(root, "host", r->host, sizeof(r->host)) &&
           take_whole(root, "term", &r->term) && take_whole(root, "duration_ms", &r->duration_ms) &&
           take_whole(root, "seq", &r->seq) && take_whole(root, "ts_ms", &r->ts_ms) &&
           take_token(root, r);
}

int lease_record_parse(const char *text, size_t len_bytes, struct lease_record *out,
                       struct err *err)
{
    struct err why;
    struct lease_record read = {0};
    struct json_parser *parser = json_parser_create();
    if (!parser)
        return err_set(err, -ENOMEM, "out of memory");
    const struct json *root =
        len_bytes <= LEASE_RECORD_BYTES ? json_parse(parser, text, len_bytes, &why) : NULL;
    bool good = json_type(root) == JSON_OBJECT && take(root, &read);
    json_parser_destroy(parser);
    if (good)
        *out = read;
    explicit_bzero(read.token, sizeof(read.token));
    return good ? 0
                : err_set(err, -EBADMSG,
                          "the value in the bucket is not a lease of this version of cinta: "
                          "choose another lease.name, or delete that key");
}

char *lease_record_broker(char out[LEASE_ID_BYTES], const char *url, const char *user)
{
    struct buf text;
    buf_init(&text, LEASE_RECORD_BYTES);
    buf_printf(&text, "%s\n%s", url, user);
    struct digest digest = digest_of(buf_text(&text), text.len_bytes);
    buf_finish(&text);
    snprintf(out, LEASE_ID_BYTES, "%016" PRIx64 "%016" PRIx64, digest.half[0], digest.half[1]);
    return out;
}
