/*
 * config_text: helpers to parse short configurations, for the tests of config.
 */
#ifndef UNIT_APP_CONFIG_TEXT_H
#define UNIT_APP_CONFIG_TEXT_H

#include "config/config.h"
#include "support/t.h"

#include <errno.h>
#include <stdlib.h>

/* Three lines: text added by a test begins on the fourth. */
#define CONFIG_MINIMAL                                                                             \
    "broker { url = \"https://api.broker.example/\"\n"                                             \
    "user = \"alice\" }\n"                                                                         \
    "instruments { symbols = {\"DLR/DIC26\"} }\n"

/* Parses a copy in a block of exactly that size, so that ASan detects reads past the end. */
static inline int config_from(const char *text, size_t len, struct config **out, struct err *err)
{
    char *copy = malloc(len ? len : 1);
    memcpy(copy, text, len);
    int rc = config_parse(copy, len, "f.conf", out, err);
    free(copy);
    return rc;
}

/* Parses a text that must be valid; the caller frees the result. */
static inline struct config *config_good(const char *text)
{
    struct config *config = NULL;
    struct err err = {0};
    if (config_from(text, strlen(text), &config, &err))
        fail_msg("%s: refused: %s", t_row_name, err.text);
    t_int(err.code, 0);
    return config;
}

/* The error of a text that must be refused; valid until the next call. */
static inline const char *config_bad(const char *text, size_t len)
{
    static struct err err;
    struct config *untouched = (struct config *)&err, *config = untouched;
    err = (struct err){0};
    int rc = config_from(text, len, &config, &err);
    if (rc == 0)
        fail_msg("%s: accepted", t_row_name);
    t_int(err.code, rc);
    t_true(config == untouched);
    t_true(memchr(err.text, '\0', sizeof(err.text)));
    return err.text;
}

static inline const char *config_unless(const char *key, const char *own, const char *line)
{
    return strcmp(key, own) == 0 ? "" : line;
}

/*
 * CONFIG_MINIMAL and one key on line 4: "poll.rate" and "2" make "poll { rate = 2 }". A key of
 * CONFIG_MINIMAL is then on line 4 only, because no key may be given twice.
 */
static inline void config_write(char *out, size_t out_bytes, const char *key, const char *value)
{
    const char *dot = strchr(key, '.');
    int section = dot ? (int)(dot - key) : 0;
    int len = snprintf(out, out_bytes, "broker { %s\n%s}\ninstruments { %s }\n%.*s%s%s = %s%s\n",
                       config_unless(key, "broker.url", "url = \"https://api.broker.example/\""),
                       config_unless(key, "broker.user", "user = \"alice\" "),
                       config_unless(key, "instruments.symbols", "symbols = {\"DLR/DIC26\"}"),
                       section, key, dot ? " { " : "", dot ? dot + 1 : key, value, dot ? " }" : "");
    t_true(len < (int)out_bytes);
}

/* The text that config_print() prints after the key and its '='. */
static inline void config_line(const struct config *config, const char *key, char *out,
                               size_t out_bytes)
{
    char *text = NULL, *line, *rest;
    size_t len = 0, key_len = strlen(key);
    FILE *file = open_memstream(&text, &len);
    config_print(config, file);
    fclose(file);
    *out = '\0';
    for (rest = text; (line = strsep(&rest, "\n"));) {
        if (strncmp(line, key, key_len) == 0 && line[key_len] == ' ' && strchr(line, '='))
            snprintf(out, out_bytes, "%s", strchr(line, '=') + 2);
    }
    free(text);
}

static inline void config_expect_shown(const struct config *config, const char *key,
                                       const char *value, const char *origin)
{
    char line[2048];
    config_line(config, key, line, sizeof(line));
    char *hash = strstr(line, "  # ");
    t_true(hash);
    t_true(strncmp(hash + 4, origin, strlen(origin)) == 0);
    while (hash > line && hash[-1] == ' ')
        hash--;
    *hash = '\0';
    t_str(line, value);
}

static inline void config_accepts(const char *key, const char *written, const char *value)
{
    char row[128], text[1024];
    snprintf(row, sizeof(row), "%s = %.60s", key, written);
    t_row(row);
    config_write(text, sizeof(text), key, written);
    struct config *config = config_good(text);
    config_expect_shown(config, key, value, "line 4");
    config_free(config);
}

/* The error must begin with file and line, name section and key, and contain `words`. */
static inline void config_refuses(const char *key, const char *written, const char *words)
{
    char row[128], text[1024], section[64];
    const char *dot = strchr(key, '.');
    snprintf(row, sizeof(row), "%s = %.60s", key, written);
    t_row(row);
    snprintf(section, sizeof(section), "%.*s", dot ? (int)(dot - key) : 0, key);
    config_write(text, sizeof(text), key, written);
    const char *told = config_bad(text, strlen(text));
    t_contains(told, dot ? dot + 1 : key);
    t_contains(told, words);
    t_true(strncmp(told, "f.conf:4: ", 10) == 0);
    t_true(strncmp(told + 10, section, strlen(section)) == 0);
}

#endif
