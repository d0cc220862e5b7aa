#include "net/cookies.h"

#include "base/clock.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DATE_BYTES_MAX 63

struct cookie {
    char name[COOKIE_NAME_BYTES], value[COOKIE_VALUE_BYTES];
};

struct cookies {
    int count;
    struct cookie each[COOKIES_MAX];
    const char *pairs[2 * COOKIES_MAX + 1];
};

struct cookies *cookies_create(void)
{
    return calloc(1, sizeof(struct cookies));
}

void cookies_forget(struct cookies *cookies)
{
    explicit_bzero(cookies, sizeof(*cookies));
}

void cookies_destroy(struct cookies *cookies)
{
    if (!cookies)
        return;
    cookies_forget(cookies);
    free(cookies);
}

/* --- one line --------------------------------------------------------------------------------- */

/* A part of a line, without the blanks around it. */
struct part {
    const char *text;
    size_t len;
};

static struct part trimmed(const char *text, size_t len)
{
    while (len && (*text == ' ' || *text == '\t')) {
        text++;
        len--;
    }
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return (struct part){text, len};
}

/* The next part up to a ';', split at its first '='. False: there are no more. */
static bool next_part(const char **line, struct part *name, struct part *value)
{
    if (!**line)
        return false;
    size_t len = strcspn(*line, ";");
    size_t name_len = strcspn(*line, "=;");
    *name = trimmed(*line, name_len);
    *value =
        name_len < len ? trimmed(*line + name_len + 1, len - name_len - 1) : (struct part){"", 0};
    *line += len + ((*line)[len] == ';');
    return true;
}

static bool is(struct part part, const char *name)
{
    return part.len == strlen(name) && strncasecmp(part.text, name, part.len) == 0;
}

static bool is_past_date(struct part date, int64_t wall_ns)
{
    char text[DATE_BYTES_MAX + 1];
    if (date.len > DATE_BYTES_MAX)
        return false;
    snprintf(text, sizeof(text), "%.*s", (int)date.len, date.text);
    time_t then = curl_getdate(text, NULL);
    return then >= 0 && then <= wall_ns / NS_PER_S;
}

static bool is_not_positive(struct part age)
{
    char text[24];
    char *end;
    snprintf(text, sizeof(text), "%.*s", (int)age.len, age.text);
    long long seconds = strtoll(text, &end, 10);
    return end != text && !*end && seconds <= 0;
}

/* By its attributes; Max-Age comes before Expires (RFC 6265, 5.3). */
static bool is_expired(const char *attributes, int64_t wall_ns)
{
    struct part name, value;
    bool by_age = false, age_over = false, date_over = false;
    while (next_part(&attributes, &name, &value)) {
        if (is(name, "Max-Age")) {
            by_age = true;
            age_over = is_not_positive(value);
        } else if (is(name, "Expires")) {
            date_over = is_past_date(value, wall_ns);
        }
    }
    return by_age ? age_over : date_over;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int find(const struct cookies *c, struct part name)
{
    for (int i = 0; i < c->count; i++) {
        if (strlen(c->each[i].name) == name.len &&
            memcmp(c->each[i].name, name.text, name.len) == 0)
            return i;
    }
    return -1;
}

static void drop(struct cookies *c, int at)
{
    c->count--;
    memmove(&c->each[at], &c->each[at + 1], (size_t)(c->count - at) * sizeof(c->each[0]));
    explicit_bzero(&c->each[c->count], sizeof(c->each[0]));
}

static void put(struct cookies *c, int at, struct part name, struct part value)
{
    if (at < 0 && c->count == COOKIES_MAX)
        return;
    struct cookie *cookie = &c->each[at < 0 ? c->count++ : at];
    explicit_bzero(cookie, sizeof(*cookie));
    memcpy(cookie->name, name.text, name.len);
    memcpy(cookie->value, value.text, value.len);
}

/* What can be sent back in a header. */
static bool is_clean(struct part part)
{
    for (size_t i = 0; i < part.len; i++) {
        unsigned char byte = (unsigned char)part.text[i];
        if (byte < 0x20 || byte == 0x7f)
            return false;
    }
    return true;
}

static bool is_name(struct part name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.text[i] <= ' ' || name.text[i] > '~' ||
            strchr("\"(),/:;<=>?@[\\]{}", name.text[i]))
            return false;
    }
    return name.len > 0 && name.len < COOKIE_NAME_BYTES;
}

static void take_line(struct cookies *c, const char *line, int64_t wall_ns)
{
    struct part name, value;
    if (!next_part(&line, &name, &value) || !is_name(name) || !is_clean(value) ||
        value.len >= COOKIE_VALUE_BYTES)
        return;
    int at = find(c, name);
    if (!is_expired(line, wall_ns))
        put(c, at, name, value);
    else if (at >= 0)
        drop(c, at);
}

void cookies_take(struct cookies *c, const struct http_fields *fields, int64_t wall_ns)
{
    const char *line;
    for (int i = 0; (line = http_fields_at(fields, "Set-Cookie", i)); i++)
        take_line(c, line, wall_ns);
}

const char *const *cookies_pairs(struct cookies *c)
{
    for (int i = 0; i < c->count; i++) {
        c->pairs[2 * i] = c->each[i].name;
        c->pairs[2 * i + 1] = c->each[i].value;
    }
    c->pairs[2 * c->count] = NULL;
    return c->pairs;
}
