#include "virtual_terminal.h"

#include "base/clock.h"
#include "tally.h"
#include "virtual_exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ORIGIN        "Origin: https://terminal.test"
#define PUBLIC        "mtr.primary.ventures"
#define PUBLIC_ORIGIN "Origin: https://" PUBLIC

static int session; /* the number of the valid one; 0 = none */
static int sessions;

bool terminal_has(const char *url)
{
    return strstr(url, "//terminal.test/") || strstr(url, "//" PUBLIC "/");
}

void terminal_end_session(void)
{
    session = 0;
}

static bool has_header(const struct http_headers *headers, const char *text)
{
    struct line { /* of libcurl's list */
        char *data;
        struct line *next;
    };
    for (const struct line *l = headers ? http_headers_native(headers) : NULL; l; l = l->next) {
        if (strstr(l->data, text))
            return true;
    }
    return false;
}

static bool has_session(const struct http_headers *headers)
{
    char cookie[64];
    snprintf(cookie, sizeof(cookie), "_mtz_web_key=session-%d.x", session);
    return session && has_header(headers, cookie) && has_header(headers, "SERVERID=s1");
}

void terminal_put_profile(const struct http_headers *headers, char *out, size_t size)
{
    if (has_session(headers))
        snprintf(out, size,
                 "{\"csrfToken\":\"csrf\",\"sessionId\":\"id+%d==\",\"connectionId\":\"conn/%d\"}",
                 session, session);
    else
        snprintf(out, size, "{\"csrfToken\":\"csrf\"}");
}

bool terminal_log_in(const struct http_headers *headers, char *cookie, size_t size)
{
    if (!has_header(headers, "X-CSRF-TOKEN: csrf") || !has_header(headers, ORIGIN))
        return false;
    session = ++sessions;
    tally_add(TALLY_TERMINAL_LOGINS);
    snprintf(cookie, size, "Set-Cookie: _mtz_web_key=session-%d.x; path=/; HttpOnly", session);
    return true;
}

void terminal_put_list(char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "{\"securities\":[");
    for (int i = 0; i < exchange_count() && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s{\"id\":\"rx_DDF_SIM_%02d\"}",
                                 i ? "," : "", i);
    if (used < size)
        snprintf(out + used, size - used, "]}");
}

bool terminal_admits(const char *url, const struct http_headers *headers)
{
    char ids[96];
    if (strstr(url, PUBLIC))
        return strstr(url, "/ws?session_id=&conn_id=") && has_header(headers, PUBLIC_ORIGIN);
    snprintf(ids, sizeof(ids), "/ws?session_id=id%%2B%d%%3D%%3D&conn_id=conn%%2F%d", session,
             session);
    return has_session(headers) && strstr(url, ids) && has_header(headers, ORIGIN);
}

int terminal_find(const char *topic)
{
    char symbol[16];
    const char *id = strstr(topic, "rx_DDF_SIM_");
    if (!id)
        return -1;
    snprintf(symbol, sizeof(symbol), "SIM/%.2s", id + 11);
    return exchange_find(symbol);
}

/* Without a book, and without the size and the milliseconds of the trade. */
void terminal_put_line(char *out, size_t size, int i)
{
    char when[32];
    struct tm tm;
    time_t seconds = (time_t)(exchange_traded_ns(i) / NS_PER_S);
    gmtime_r(&seconds, &tm);
    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
    snprintf(out, size, "M:rx_DDF_SIM_%02d|7|||||%.0f|%s|||||||||||||", i, exchange_price(i), when);
}
