#include "serve/query.h"

#include <stdio.h>
#include <string.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; '+' is a blank. "%00" and what is not %XX stay as they are. */
static void decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        int high = *from == '%' ? digit(from[1]) : -1;
        int low = high >= 0 ? digit(from[2]) : -1;
        if (low >= 0 && high * 16 + low > 0) {
            *to++ = (char)(high * 16 + low);
            from += 2;
        } else {
            *to++ = *from == '+' ? ' ' : *from;
        }
    }
    *to = '\0';
}

size_t query_rest_cut(char *version)
{
    char *last = strstr(version, " HTTP/");
    for (char *next; last && (next = strstr(last + 1, " HTTP/"));)
        last = next;
    if (!last)
        return 0;
    *last = '\0';
    return strlen(version);
}

/* The text up to the next '&', which is replaced by its end; *rest is what follows. */
static char *next_part(char **rest)
{
    char *part = *rest, *end = strchr(part, '&');
    *rest = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return part;
}

void query_rest_add(struct web_request *request, char *rest, char *text, size_t text_bytes)
{
    char *part = next_part(&rest);
    struct web_param *last = &request->params[request->params_count - 1];
    decode(part);
    snprintf(text, text_bytes, "%s %s", last->value, part);
    last->value = text;
    while (rest && request->params_count < WEB_PARAMS_MAX) {
        part = next_part(&rest);
        char *value = strchr(part, '=');
        if (!value)
            continue;
        *value++ = '\0';
        decode(part);
        decode(value);
        request->params[request->params_count++] = (struct web_param){part, value};
    }
}
