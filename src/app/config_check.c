#include "app/config_check.h"

#include "market/entry.h"
#include "primary/reference.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- URLs ------------------------------------------------------------------------------------- */

static const char *after_scheme(const char *url, const char *scheme)
{
    size_t len = strlen(scheme);
    return strncasecmp(url, scheme, len) == 0 ? url + len : NULL;
}

static const char *host_of(const char *url)
{
    static const char *const schemes[] = {"https://", "http://", "wss://", "ws://"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        const char *host = after_scheme(url, schemes[i]);
        if (host)
            return host;
    }
    return "";
}

static int check_host(const char *text, const char *host, struct err *err)
{
    if (*host == '\0' || *host == '/' || *host == ':')
        return err_set(err, -EINVAL, "'%s' names no host", text);
    for (const char *c = text; *c; c++) {
        if (*c <= ' ' || *c == 0x7f || *c == '"' || *c == '\\')
            return err_set(err, -EINVAL, "'%s' has a blank or another character no URL has", text);
    }
    if (strchr(host, '@'))
        return err_set(err, -EINVAL,
                       "has a user in it: give broker.user and a password file instead");
    if (strpbrk(host, "?#"))
        return err_set(err, -EINVAL, "'%s' ends in a query: the address alone is wanted", text);
    return 0;
}

int check_url(const char *text, struct err *err)
{
    const char *host = after_scheme(text, "https://");
    if (!host)
        host = after_scheme(text, "http://");
    if (!host)
        return err_set(err, -EINVAL, "'%s' is no address like https://api.broker.xoms.com.ar/",
                       text);
    return check_host(text, host, err);
}

int check_stream_url(const char *text, struct err *err)
{
    if (!*text)
        return 0;
    const char *host = after_scheme(text, "wss://");
    if (!host)
        host = after_scheme(text, "ws://");
    if (!host)
        return err_set(err, -EINVAL, "'%s' is no address like wss://api.broker.xoms.com.ar/", text);
    return check_host(text, host, err);
}

bool url_is_plain(const char *url)
{
    return after_scheme(url, "http://") || after_scheme(url, "ws://");
}

bool url_is_loopback(const char *url)
{
    const char *host = host_of(url);
    unsigned a, b, c, d;
    int end = 0;
    size_t len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");

    if ((len == 9 && strncasecmp(host, "localhost", 9) == 0) ||
        (len == 5 && strncmp(host, "[::1]", 5) == 0))
        return true;
    /* All four numbers: "127.evil.example" begins with 127 as well. */
    return sscanf(host, "%3u.%3u.%3u.%3u%n", &a, &b, &c, &d, &end) == 4 && (size_t)end == len &&
           a == 127 && b < 256 && c < 256 && d < 256;
}

/* --- words ------------------------------------------------------------------------------------ */

int check_not_empty(const char *text, struct err *err)
{
    return *text ? 0 : err_set(err, -EINVAL, "must not be empty");
}

int check_symbol(const char *text, struct err *err)
{
    if (reference_symbol_valid(text))
        return 0;
    return err_set(err, -EINVAL, "'%s' cannot be a symbol (1 to %d bytes, no control characters)",
                   text, SYMBOL_BYTES_MAX);
}

static int one_of(const char *text, const char *const *words, struct err *err)
{
    char list[128] = "";
    for (size_t i = 0; words[i]; i++) {
        size_t used = strlen(list);
        if (strcmp(text, words[i]) == 0)
            return 0;
        snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", words[i]);
    }
    return err_set(err, -EINVAL, "'%s' is none of: %s", text, list);
}

int check_entry(const char *text, struct err *err)
{
    char list[ENTRY_LIST_TEXT];
    if (entry_from_name(text, strlen(text)) >= 0)
        return 0;
    return err_set(err, -EINVAL, "'%s' is none of: %s", text, entry_list_text(list, ENTRY_ALL));
}

int check_dialect(const char *text, struct err *err)
{
    return one_of(text, (const char *const[]){"primary", "matriz", NULL}, err);
}

int check_durability(const char *text, struct err *err)
{
    return one_of(text, (const char *const[]){"normal", "full", NULL}, err);
}

int check_table(const char *text, struct err *err)
{
    return one_of(text,
                  (const char *const[]){"snapshots", "trades", "bars", "events", "coverage", NULL},
                  err);
}

int check_format(const char *text, struct err *err)
{
    return one_of(text, (const char *const[]){"csv", "jsonl", "parquet", NULL}, err);
}

int check_compress(const char *text, struct err *err)
{
    return one_of(text, (const char *const[]){"none", "gzip", "zstd", NULL}, err);
}

/* --- times ------------------------------------------------------------------------------------ */

static const char *day_name(const char *text)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    for (size_t i = 0; i < 7; i++) {
        if (strncasecmp(text, days[i], 3) == 0)
            return text + 3;
    }
    return NULL;
}

int check_days(const char *text, struct err *err)
{
    const char *at = text;
    while ((at = day_name(at))) {
        if (*at == '-' && !(at = day_name(at + 1)))
            break;
        if (*at == '\0')
            return 0;
        if (*at++ != ',')
            break;
        while (*at == ' ')
            at++;
    }
    return err_set(err, -EINVAL, "'%s' is not like Mon-Fri or Mon,Wed,Fri", text);
}

static bool is_time(const char *text)
{
    return strlen(text) >= 5 && text[0] >= '0' && text[0] <= '2' && text[1] >= '0' &&
           text[1] <= '9' && (text[0] < '2' || text[1] < '4') && text[2] == ':' && text[3] >= '0' &&
           text[3] <= '5' && text[4] >= '0' && text[4] <= '9';
}

int check_hours(const char *text, struct err *err)
{
    if (strlen(text) == 11 && is_time(text) && text[5] == '-' && is_time(text + 6) &&
        strncmp(text, text + 6, 5) < 0)
        return 0;
    return err_set(err, -EINVAL, "'%s' is not like 10:00-17:05", text);
}

int check_time(const char *text, struct err *err)
{
    if (!*text || (strlen(text) == 5 && is_time(text)))
        return 0;
    return err_set(err, -EINVAL, "'%s' is not like 17:30", text);
}

int check_date(const char *text, struct err *err)
{
    int year, month, day, end = 0;
    if (strlen(text) == 10 && sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) == 3 &&
        end == 10 && year >= 1990 && month >= 1 && month <= 12 && day >= 1 && day <= 31)
        return 0;
    return err_set(err, -EINVAL, "'%s' is not like 2026-12-25", text);
}

int check_listen(const char *text, struct err *err)
{
    if (!*text || (strncmp(text, "unix:/", 6) == 0 && text[6]))
        return 0;
    const char *colon = strrchr(text, ':');
    char *end;
    unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 65536;
    if (colon && colon > text && colon[1] >= '0' && colon[1] <= '9' && !*end && port < 65536)
        return 0;
    return err_set(err, -EINVAL, "'%s' is not like 127.0.0.1:8787 or unix:/run/cinta/cinta.sock",
                   text);
}
