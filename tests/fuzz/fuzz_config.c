/*
 * Arbitrary configuration text. An accepted configuration must satisfy config.h: complete, in
 * range, without control characters. A refusal must have an error text, and neither may affect the
 * next configuration that is read.
 */
#include "config/config.h"
#include "config/config_check.h"
#include "config/config_keys.h"
#include "market/entry.h"
#include "primary/reference.h"
#include "support/fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME "fuzz.conf"

static void check_text(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        CHECK(*c >= 0x20 && *c != 0x7f);
}

static void check_symbols(const struct rule_texts *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        CHECK(reference_symbol_valid(strings->item[i]));
}

static void check_broker(const struct config_broker *b)
{
    CHECK(strncasecmp(b->url, "http://", 7) == 0 || strncasecmp(b->url, "https://", 8) == 0);
    CHECK(b->url[strlen(b->url) - 1] == '/');
    CHECK(!strpbrk(b->url, " \"\\@?#"));
    CHECK(!url_is_plain(b->url) || url_is_loopback(b->url) || b->allow_insecure);
    CHECK(!*b->stream_url || check_stream_url(b->stream_url, NULL) == 0);
    CHECK(*b->user);
    CHECK(b->timeout_ms >= 1000 && b->timeout_ms <= 120000);
    check_text(b->url);
    check_text(b->user);
    check_text(b->password_file);
    check_text(b->ca_file);
}

static void check_calendar(const struct calendar *c)
{
    int from = c->open_minute - c->pre_open_minutes, to = c->close_minute + c->closing_minutes;
    CHECK(from >= 0 && c->open_minute < c->close_minute && to - from <= CALENDAR_DAY_MINUTES);
    CHECK(c->pre_open_minutes >= 0 && c->closing_minutes >= 0 && c->days);
    CHECK(c->special_count <= CALENDAR_SPECIAL_MAX && c->holidays_count <= CALENDAR_HOLIDAYS_MAX);
    for (size_t i = 0; i < c->special_count; i++)
        CHECK(calendar_special_of(c, c->special[i].day) == &c->special[i]);
}

static void check_sessions(const struct calendar_set *set)
{
    CHECK(set->count >= 1 && set->count <= CALENDARS_MAX);
    for (int i = 0; i < set->count; i++) {
        check_calendar(&set->each[i].calendar);
        check_text(set->each[i].segment);
        CHECK(calendar_set_find(set, set->each[i].segment) == i);
    }
}

/* Of config_print(): one for each key, and for each segment its name and what it sets. */
static size_t lines_of(const struct config *c)
{
    size_t lines = 0;
    for (size_t i = 0; i < config_keys_count; i++) {
        lines += strcmp(config_keys[i].section, CONFIG_SEGMENT) != 0;
        for (size_t k = 0; k < c->parsed.segments_count; k++)
            lines += c->parsed.segments[k].values[i].line > 0;
    }
    return lines + c->parsed.segments_count;
}

static void check_config(const struct config *c)
{
    CHECK(strcmp(c->file, NAME) == 0);
    check_broker(&c->broker);
    CHECK(c->poll.interval_ms >= 50 && c->poll.interval_ms <= 86400000);
    CHECK(c->poll.rate >= 0.01 && c->poll.rate <= 100000);
    CHECK(c->poll.in_flight >= 1 && c->poll.in_flight <= 1024);
    CHECK(c->poll.depth >= 1 && c->poll.depth <= 5);
    CHECK(c->poll.entries && !(c->poll.entries & ~ENTRY_ALL));
    CHECK(c->rules.texts[RULE_SYMBOL].count || instrument_rules_need_list(&c->rules));
    check_symbols(&c->rules.texts[RULE_SYMBOL]);
    check_symbols(&c->rules.texts[RULE_MATCH]);
    check_sessions(&c->sessions);
    CHECK(*c->store.path && *c->state_dir);
    CHECK(c->store.commit_every_ms >= 10 && c->store.commit_every_ms <= 60000);
    check_text(c->store.path);
    check_text(c->state_dir);
}

/* One line per key; the token must not appear. The caller frees the result. */
static char *print(const struct config *c)
{
    char *text = NULL;
    size_t len = 0, lines = 0;
    FILE *file = open_memstream(&text, &len);
    if (!file)
        abort();
    config_print(c, file);
    fclose(file);
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    CHECK(strlen(text) == len && lines == lines_of(c));
    const char *token = strstr(text, "\nserve.token ");
    CHECK(token && (token = strchr(token, '=')));
    CHECK(strncmp(token, "= \"\" ", 5) == 0 || strncmp(token, "= \"***\" ", 8) == 0);
    return text;
}

/* The output of config_print(), or the error text. The caller frees it. */
static char *read_once(const uint8_t *data, size_t size)
{
    struct config *const untouched = (struct config *)&size, *c = untouched;
    struct err err;
    memset(&err, 0x55, sizeof(err));
    int rc = config_parse((const char *)data, size, NAME, &c, &err);
    if (rc == 0) {
        check_config(c);
        char *text = print(c);
        config_free(c);
        return text;
    }
    CHECK(c == untouched);
    CHECK(rc == err.code && (rc == -EINVAL || rc == -EFBIG));
    CHECK(memchr(err.text, '\0', sizeof(err.text)));
    CHECK(strncmp(err.text, NAME ":", strlen(NAME ":")) == 0);
    return strdup(err.text);
}

static void read_a_good_one(void)
{
    static const char good[] = "broker { url = \"https://a.example\" user = u }\n"
                               "instruments { symbols = {A, \"B C\"} }\n";
    struct config *c = NULL;
    CHECK(config_parse(good, strlen(good), NAME, &c, NULL) == 0);
    const struct rule_texts *symbols = &c->rules.texts[RULE_SYMBOL];
    CHECK(symbols->count == 2 && strcmp(symbols->item[1], "B C") == 0);
    config_free(c);
}

/* The same text must give the same result after another configuration was read. */
static void try_config(const uint8_t *data, size_t size)
{
    char *first = read_once(data, size);
    read_a_good_one();
    char *second = read_once(data, size);
    CHECK(first && second && strcmp(first, second) == 0);
    free(first);
    free(second);
}

static void try_checks(const char *text)
{
    static config_check_fn *const checks[] = {
        check_url,   check_stream_url, check_not_empty, check_symbol,  check_entry,
        check_days,  check_dialect,    check_hours,     check_holiday, check_time,
        check_table, check_durability, check_listen,    check_format,  check_compress};
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        struct err err = {0};
        if (checks[i](text, &err))
            CHECK(err.code == -EINVAL && *err.text && memchr(err.text, '\0', sizeof(err.text)));
        else
            CHECK(err.code == 0);
    }
    if (url_is_loopback(text)) {
        const char *host = strstr(text, "://");
        CHECK(host && (strncmp(host, "://127.", 7) == 0 || strncmp(host, "://[::1]", 8) == 0 ||
                       strncasecmp(host, "://localhost", 12) == 0));
    }
}

static void try_near(const char *text, size_t room)
{
    static const char *const sections[] = {"", "broker", "poll", "no such section"};
    char out[64];
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        memset(out, 0x55, sizeof(out));
        const char *near = config_key_near(sections[i], text, out, room);
        CHECK(!near || (near == out && memchr(out, '\0', room)));
        CHECK(out[room] == 0x55);
        CHECK(near || !config_key_find(sections[i], text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    try_config(data, size);
    try_checks(text);
    try_near(text, 1 + size % 40);
    free(text);
    return 0;
}
