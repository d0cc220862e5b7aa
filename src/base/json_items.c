#include "base/json_items.h"

#include "base/json.h"

#include <errno.h>
#include <string.h>

void json_items_init(struct json_items *s, const char *text, size_t len_bytes, const char *key)
{
    *s = (struct json_items){.text = text, .len_bytes = len_bytes, .key = key};
    buf_init(&s->rest, JSON_ITEM_BYTES);
}

void json_items_finish(struct json_items *s)
{
    buf_finish(&s->rest);
}

static int broken(const struct json_items *s, const char *what, struct err *err)
{
    return err_set(err, -EBADMSG, "%s at byte %zu of %zu", what, s->at, s->len_bytes);
}

/* The next character that is not white space; '\0' at the end. */
static char look(struct json_items *s)
{
    while (s->at < s->len_bytes && s->text[s->at] && strchr(" \t\r\n", s->text[s->at]))
        s->at++;
    return s->at < s->len_bytes ? s->text[s->at] : '\0';
}

static int expect(struct json_items *s, char c, struct err *err)
{
    char words[32] = "not JSON: no '?'";
    if (look(s) != c) {
        words[14] = c;
        return broken(s, words, err);
    }
    s->at++;
    return 0;
}

/* --- skipping a value ------------------------------------------------------------------------- */

static int too_large(const struct json_items *s, struct err *err)
{
    return err_set(err, -EMSGSIZE, "a value of more than %zu bytes before byte %zu",
                   JSON_ITEM_BYTES, s->at);
}

/* From the opening quote to behind the closing one. */
static int skip_string(struct json_items *s, size_t limit, struct err *err)
{
    for (s->at++; s->at < limit; s->at++) {
        if (s->text[s->at] == '\\')
            s->at++;
        else if (s->text[s->at] == '"')
            break;
    }
    if (s->at >= limit)
        return limit < s->len_bytes ? too_large(s, err)
                                    : broken(s, "not JSON: a string does not end", err);
    s->at++;
    return 0;
}

/* An object or an array with all that is in it. */
static int skip_nested(struct json_items *s, size_t limit, struct err *err)
{
    int depth = 0, rc;
    while (s->at < limit) {
        char c = s->text[s->at];
        if (c == '"') {
            if ((rc = skip_string(s, limit, err)))
                return rc;
            continue;
        }
        s->at++;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return 0;
        if (depth > JSON_DEPTH_MAX)
            return err_set(err, -ELOOP, "JSON nested deeper than %d at byte %zu", JSON_DEPTH_MAX,
                           s->at);
    }
    return limit < s->len_bytes ? too_large(s, err)
                                : broken(s, "not JSON: a bracket is not closed", err);
}

static int skip_word(struct json_items *s, size_t limit, struct err *err)
{
    size_t begin = s->at;
    while (s->at < limit && s->text[s->at] && !strchr(",]} \t\r\n", s->text[s->at]))
        s->at++;
    return s->at > begin ? 0 : broken(s, "not JSON: no value", err);
}

/* To behind the value at s->at. */
static int skip_value(struct json_items *s, struct err *err)
{
    char c = look(s);
    size_t left = s->len_bytes - s->at;
    size_t limit = s->at + (left < JSON_ITEM_BYTES ? left : JSON_ITEM_BYTES);
    if (c == '{' || c == '[')
        return skip_nested(s, limit, err);
    return c == '"' ? skip_string(s, limit, err) : skip_word(s, limit, err);
}

/* --- members and elements --------------------------------------------------------------------- */

static bool is_key(const struct json_items *s, const char *name, size_t len_bytes)
{
    return len_bytes == strlen(s->key) + 2 && memcmp(name + 1, s->key, len_bytes - 2) == 0;
}

static void put_rest(struct json_items *s, const char *name, size_t name_bytes, const char *value,
                     size_t value_bytes)
{
    buf_puts(&s->rest, s->rest.len_bytes > 1 ? "," : "");
    buf_append(&s->rest, name, name_bytes);
    buf_puts(&s->rest, ":");
    buf_append(&s->rest, value, value_bytes);
}

/* The array is in the first member of its name, or nowhere, as json_get() reads objects. */
static bool is_wanted(struct json_items *s, size_t name, size_t name_bytes)
{
    bool wanted = !s->found && is_key(s, s->text + name, name_bytes);
    s->found |= wanted;
    return wanted;
}

/* One member; stops inside of it when it is the array. */
static int read_member(struct json_items *s, struct err *err)
{
    int rc = look(s) == '"' ? 0 : broken(s, "not JSON: no name of a member", err);
    size_t name = s->at;
    if (rc == 0)
        rc = skip_value(s, err);
    size_t name_bytes = s->at - name;
    if (rc == 0)
        rc = expect(s, ':', err);
    if (rc)
        return rc;
    bool is_array = look(s) == '[';
    size_t value = s->at;
    if (is_wanted(s, name, name_bytes) && is_array) {
        s->at++;
        s->inside = s->first = true;
        put_rest(s, s->text + name, name_bytes, "[]", 2);
        return 0;
    }
    rc = skip_value(s, err);
    if (rc == 0)
        put_rest(s, s->text + name, name_bytes, s->text + value, s->at - value);
    return rc;
}

/* The comma before the next member or element. 1: the closing bracket was read instead. */
static int next_or_end(struct json_items *s, char closing, struct err *err)
{
    if (look(s) == closing) {
        s->at++;
        return 1;
    }
    int rc = s->first ? 0 : expect(s, ',', err);
    s->first = false;
    return rc;
}

/* Elements until the array ends. 0: one; 1: it has ended. */
static int read_element(struct json_items *s, const char **item, size_t *item_bytes,
                        struct err *err)
{
    int rc = next_or_end(s, ']', err);
    if (rc) {
        s->inside = rc < 0;
        s->first = false; /* of the object: this member was read */
        return rc;
    }
    look(s);
    size_t begin = s->at;
    rc = skip_value(s, err);
    *item = s->text + begin;
    *item_bytes = s->at - begin;
    return rc;
}

static int end(struct json_items *s, struct err *err)
{
    look(s);
    if (s->at < s->len_bytes)
        return broken(s, "text after the JSON value", err);
    buf_puts(&s->rest, "}");
    return buf_failed(&s->rest) ? too_large(s, err) : 0;
}

static int begin(struct json_items *s, struct err *err)
{
    static const char bom[] = "\xef\xbb\xbf";
    if (s->len_bytes >= 3 && memcmp(s->text, bom, 3) == 0)
        s->at = 3;
    if (look(s) == '\0' && s->at == s->len_bytes)
        return err_set(err, -EBADMSG, "an empty body");
    s->begun = s->first = true;
    buf_puts(&s->rest, "{");
    return expect(s, '{', err);
}

enum json_items_step json_items_next(struct json_items *s, const char **item, size_t *item_bytes,
                                     struct err *err)
{
    int rc = s->begun ? 0 : begin(s, err);
    while (rc == 0) {
        if (s->inside) {
            rc = read_element(s, item, item_bytes, err);
            if (rc == 0)
                return JSON_ITEMS_NEXT;
            rc = rc < 0 ? rc : 0;
            continue;
        }
        rc = next_or_end(s, '}', err);
        if (rc == 1)
            return end(s, err) ? JSON_ITEMS_BROKEN : JSON_ITEMS_END;
        if (rc == 0)
            rc = read_member(s, err);
        if (rc == 0 && buf_failed(&s->rest))
            rc = too_large(s, err);
    }
    return JSON_ITEMS_BROKEN;
}
