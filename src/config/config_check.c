#include "config/config_check.h"

#include "base/clock.h"
#include "base/mask.h"
#include "base/near.h"
#include "base/word_list.h"
#include "config/authority.h"
#include "config/listen_address.h"
#include "files/export_names.h"
#include "market/alerts.h"
#include "market/calendar.h"
#include "market/entry.h"
#include "primary/reference.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_BYTES      128
#define TOKEN_BYTES_MAX 200

/* --- URLs ------------------------------------------------------------------------------------- */

static const char *host_of(const char *url)
{
    static const char *const schemes[] = {"https://", "http://", "wss://", "ws://"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        const char *host = authority_after(url, schemes[i]);
        if (host)
            return host;
    }
    return "";
}

/* `host`: the part after the scheme, NULL if there is no scheme. A text that contains a password is
 * not repeated. */
static int check_address(const char *text, const char *host, const char *example, struct err *err)
{
    struct authority authority;
    char shown[MASK_URL_BYTES];
    mask_url(shown, sizeof(shown), text);
    if (strchr(text, '@'))
        return err_set(err, -EINVAL,
                       "contains a user name: use broker.user and broker.password_file instead");
    if (!host)
        return err_set(err, -EINVAL, "'%s' is not an address like %s", shown, example);
    for (const char *c = text; *c; c++) {
        if (*c <= ' ' || *c >= 0x7f || *c == '"' || *c == '\\')
            return err_set(err, -EINVAL, "'%s' has a blank or another character not valid in URLs",
                           shown);
    }
    if (!authority_split(host, &authority))
        return err_set(err, -EINVAL, "'%s' has no valid host and port: write it like %s", shown,
                       example);
    if (strpbrk(authority.rest, "?#"))
        return err_set(err, -EINVAL, "'%s' has a query or fragment: remove it", shown);
    return 0;
}

int check_url(const char *text, struct err *err)
{
    const char *host = authority_after(text, "https://");
    if (!host)
        host = authority_after(text, "http://");
    return check_address(text, host, "https://api.broker.xoms.com.ar/", err);
}

/* The paths of a terminal are known. */
int check_terminal_url(const char *text, struct err *err)
{
    struct authority authority;
    int rc = *text ? check_url(text, err) : 0;
    if (rc || !*text)
        return rc;
    authority_split(host_of(text), &authority);
    if (*authority.rest && strcmp(authority.rest, "/") != 0)
        return err_set(err, -EINVAL,
                       "'%s' has a path: write the address alone, as in "
                       "https://matriz.broker.xoms.com.ar/",
                       text);
    return 0;
}

int check_stream_url(const char *text, struct err *err)
{
    if (!*text)
        return 0;
    const char *host = authority_after(text, "wss://");
    if (!host)
        host = authority_after(text, "ws://");
    return check_address(text, host, "wss://api.broker.xoms.com.ar/", err);
}

bool url_is_plain(const char *url)
{
    return authority_after(url, "http://") || authority_after(url, "ws://");
}

bool url_is_loopback(const char *url)
{
    struct authority a;
    return authority_split(host_of(url), &a) && authority_is_loopback(&a);
}

/* --- fixed words and symbols ------------------------------------------------------------------ */

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
    char list[LIST_BYTES];
    if (word_list_find(words, text) >= 0)
        return 0;
    return err_set(err, -EINVAL, "'%s' is not valid; allowed: %s", text,
                   word_list_text(list, sizeof(list), words, ", "));
}

int check_entry(const char *text, struct err *err)
{
    char list[ENTRY_LIST_TEXT];
    if (entry_from_name(text, strlen(text)) >= 0)
        return 0;
    return err_set(err, -EINVAL, "'%s' is not valid; allowed: %s", text,
                   entry_list_text(list, ENTRY_ALL));
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
    return one_of(text, export_tables, err);
}

/* Also the format that is not implemented yet: `cinta check` says so. */
int check_format(const char *text, struct err *err)
{
    char list[LIST_BYTES];
    if (word_list_find(export_formats, text) >= 0 || strcmp(text, EXPORT_FORMAT_LATER) == 0)
        return 0;
    return err_set(err, -EINVAL, "'%s' is not valid; allowed: %s, " EXPORT_FORMAT_LATER, text,
                   word_list_text(list, sizeof(list), export_formats, ", "));
}

int check_compress(const char *text, struct err *err)
{
    return one_of(text, export_compressions, err);
}

int check_from(const char *text, struct err *err)
{
    return one_of(text, (const char *const[]){"now", "beginning", NULL}, err);
}

int check_isolated(const char *text, struct err *err)
{
    return one_of(text, (const char *const[]){"record", "stop", NULL}, err);
}

int check_start(const char *text, struct err *err)
{
    return one_of(text, (const char *const[]){"beginning", "last", NULL}, err);
}

/* The most similar kind that can be alerted, or NULL. */
static const char *near_kind(const char *text)
{
    int best = near_limit(text) + 1;
    const char *found = NULL;
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        const char *name = event_kind_name((enum event_kind)kind);
        int distance = near_distance(text, name);
        if (distance < best && alerts_possible((enum event_kind)kind)) {
            best = distance;
            found = name;
        }
    }
    return found;
}

int check_alert_kind(const char *text, struct err *err)
{
    int kind = event_kind_find(text);
    const char *similar = near_kind(text);
    if (kind >= 0 && alerts_possible((enum event_kind)kind))
        return 0;
    if (kind >= 0)
        return err_set(err, -EINVAL, "'%s' is no fault, so there is no alert for it: remove it",
                       text);
    if (similar)
        return err_set(err, -EINVAL, "'%s' is no kind of event; did you mean %s?", text, similar);
    return err_set(
        err, -EINVAL,
        "'%s' is no kind of event: docs/database.md, or the table event_kind, lists them", text);
}

/* --- times ------------------------------------------------------------------------------------ */

int check_days(const char *text, struct err *err)
{
    uint8_t days;
    return calendar_parse_days(text, &days)
               ? 0
               : err_set(err, -EINVAL, "'%s' is not like Mon-Fri or Mon,Wed,Fri", text);
}

/* In `shape` '#' is any digit. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape; shape++, text++) {
        if (*shape == '#' ? *text < '0' || *text > '9' : *text != *shape)
            return false;
    }
    return *text == '\0';
}

int check_hours(const char *text, struct err *err)
{
    char swapped[12];
    int from, to;
    if (calendar_parse_hours(text, &from, &to))
        return 0;
    if (!has_shape(text, "##:##-##:##"))
        return err_set(err, -EINVAL, "'%s' is not like 10:00-17:05", text);
    snprintf(swapped, sizeof(swapped), "%.5s-%.5s", text + 6, text);
    if (calendar_parse_hours(swapped, &from, &to))
        return err_set(err, -EINVAL,
                       "'%s' ends before it begins: the opening comes first, as in 10:00-17:05; a "
                       "session that ends after midnight counts on, as in 22:00-26:00",
                       text);
    return err_set(err, -EINVAL,
                   "'%s' is not two times from 00:00 to 24:00, the later one second, as in "
                   "10:00-17:05; a session lasts 24 hours at most",
                   text);
}

/* `which`: its end that is not written, because it is one of the hours. */
static int check_auction(const char *text, const char *example, const char *which, struct err *err)
{
    int minute;
    if (!*text || calendar_parse_time(text, &minute))
        return 0;
    if (has_shape(text, "##:##-##:##"))
        return err_set(err, -EINVAL, "'%s' is two times: give only one, as in %s; %s", text,
                       example, which);
    return err_set(err, -EINVAL, "'%s' is not a time such as %s", text, example);
}

int check_pre_open(const char *text, struct err *err)
{
    return check_auction(text, "10:30", "it ends when hours begins", err);
}

int check_closing_auction(const char *text, struct err *err)
{
    return check_auction(text, "17:05", "it begins when hours ends", err);
}

static bool is_time(const char *text)
{
    return strlen(text) >= 5 && text[0] >= '0' && text[0] <= '2' && text[1] >= '0' &&
           text[1] <= '9' && (text[0] < '2' || text[1] < '4') && text[2] == ':' && text[3] >= '0' &&
           text[3] <= '5' && text[4] >= '0' && text[4] <= '9';
}

int check_time(const char *text, struct err *err)
{
    if (!*text || (strlen(text) == 5 && is_time(text)))
        return 0;
    return err_set(err, -EINVAL, "'%s' is not like 17:30", text);
}

static int check_date(const char *text, struct err *err)
{
    int32_t day;
    if (clock_parse_day(text, &day))
        return 0;
    if (!has_shape(text, "####-##-##"))
        return err_set(err, -EINVAL, "'%s' is not like 2026-12-25", text);
    return err_set(err, -EINVAL, "'%s' does not exist: year, month and day, as in 2026-12-25",
                   text);
}

int check_holiday(const char *text, struct err *err)
{
    return strcmp(text, CALENDAR_ARGENTINA) == 0 ? 0 : check_date(text, err);
}

int check_special(const char *text, struct err *err)
{
    char date[11];
    if (!has_shape(text, "####-##-## ##:##-##:##"))
        return err_set(err, -EINVAL, "'%s' is not like 2026-12-24 10:00-13:00", text);
    snprintf(date, sizeof(date), "%.10s", text);
    int rc = check_date(date, err);
    return rc ? rc : check_hours(text + 11, err);
}

int check_listen(const char *text, struct err *err)
{
    struct listen_address address;
    if (listen_address_parse(text, &address))
        return 0;
    return err_set(err, -EINVAL,
                   "'%s' is not like 127.0.0.1:8787, [::1]:8787, unix:/run/cinta/cinta.sock or "
                   "\"\": write an IP address, not a name, and a port",
                   text);
}

/* It is sent in headers and in URLs. The message does not repeat it. */
int check_token(const char *text, struct err *err)
{
    if (strlen(text) > TOKEN_BYTES_MAX)
        return err_set(err, -EINVAL, "has more than %d bytes", TOKEN_BYTES_MAX);
    for (const char *c = text; *c; c++) {
        if (*c <= ' ' || *c >= 0x7f || strchr("\"&;+%#", *c))
            return err_set(err, -EINVAL,
                           "may contain letters, digits and signs, but no blanks and none of \" & "
                           "; + %% #, which URLs change");
    }
    return 0;
}

int check_origin(const char *text, struct err *err)
{
    const char *host = authority_after(text, "https://");
    struct authority authority;
    if (!host)
        host = authority_after(text, "http://");
    if (!*text)
        return check_not_empty(text, err);
    if (strcmp(text, "null") == 0 ||
        (host && !strpbrk(text, " @\"\\") && authority_split(host, &authority) && !*authority.rest))
        return 0;
    return err_set(
        err, -EINVAL,
        "'%s' is not like https://app.example or http://localhost:3000: scheme, host and "
        "port, without a path",
        text);
}

int check_host(const char *text, struct err *err)
{
    const char *colon = strchr(text, ':');
    bool port = colon && colon == strrchr(text, ':'); /* more of them: an IPv6 address */
    if (!*text)
        return check_not_empty(text, err);
    if (!port && !strpbrk(text, " /@\"\\[]"))
        return 0;
    return err_set(err, -EINVAL, "'%s' is not a host name such as quotes.example, without a port",
                   text);
}
