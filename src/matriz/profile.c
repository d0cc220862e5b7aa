#include "matriz/profile.h"

#include "base/json_write.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Printable ASCII without blanks: may be sent in a header or a URL. */
static bool is_sendable(const char *text, size_t max_bytes)
{
    size_t len = strnlen(text, max_bytes);
    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    }
    return len < max_bytes;
}

/* An absent value is "". */
static int read_value(const struct json *root, const char *key, char *out, size_t out_bytes,
                      struct err *err)
{
    const char *text = json_string(json_get(root, key));
    if (text && !is_sendable(text, out_bytes))
        return err_set(err, -EBADMSG,
                       "%s of the profile is longer than %zu bytes or not printable ASCII", key,
                       out_bytes - 1);
    strcpy(out, text ? text : "");
    return 0;
}

static int read_values(const struct json *root, struct matriz_profile *out, struct err *err)
{
    if (read_value(root, "csrfToken", out->csrf_token, sizeof(out->csrf_token), err) ||
        read_value(root, "sessionId", out->session_id, sizeof(out->session_id), err) ||
        read_value(root, "connectionId", out->connection_id, sizeof(out->connection_id), err))
        return -EBADMSG;
    if (!*out->csrf_token && !*out->session_id)
        return err_set(err, -EBADMSG, "the profile has neither csrfToken nor sessionId");
    if (!*out->session_id != !*out->connection_id)
        return err_set(err, -EBADMSG, "the profile has only one of sessionId and connectionId");
    return 0;
}

int matriz_profile_read(struct json_parser *parser, const char *body, size_t len_bytes,
                        struct matriz_profile *out, struct err *err)
{
    struct matriz_profile profile;
    const struct json *root = json_parse(parser, body, len_bytes, err);
    if (!root)
        return -EBADMSG;
    if (json_type(root) != JSON_OBJECT)
        return err_set(err, -EBADMSG, "the profile is not a JSON object");
    int rc = read_values(root, &profile, err);
    if (rc == 0)
        *out = profile;
    explicit_bzero(&profile, sizeof(profile));
    return rc;
}

void matriz_put_login(struct buf *out, const char *user, const char *password)
{
    buf_puts(out, "{\"username\":");
    json_put_string(out, user);
    buf_puts(out, ",\"password\":");
    json_put_string(out, password);
    buf_puts(out, "}");
}
