#include "net/certificate.h"

#include "base/utf8.h"
#include "net/http_time.h"
#include "net/multi.h"
#include "net/route.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct certificate_look {
    struct multi *multi;
    CURL *easy;
    struct route *route;
    struct loop_timer *turn; /* reports in the loop's next turn */
    bool ended;
    struct certificate seen;
    certificate_fn *fn;
    void *arg;
};

/* --- what was presented ----------------------------------------------------------------------- */

static void copy(char out[CERTIFICATE_NAME], const char *text)
{
    utf8_clean(out, CERTIFICATE_NAME, text, strlen(text));
}

static void take_date(int64_t *out, const char *text)
{
    int64_t ns;
    if (http_time_ns(text, strlen(text), &ns))
        *out = ns;
}

/* One line of libcurl's description, "Issuer:C = AR, O = Broker". */
static void take_line(struct certificate *out, const char *line)
{
    static const char names[] = "X509v3 Subject Alternative Name:";
    if (strncmp(line, "Subject:", 8) == 0)
        copy(out->subject, line + 8);
    else if (strncmp(line, "Issuer:", 7) == 0)
        copy(out->issuer, line + 7);
    else if (strncmp(line, "Start date:", 11) == 0)
        take_date(&out->from_ns, line + 11);
    else if (strncmp(line, "Expire date:", 12) == 0)
        take_date(&out->until_ns, line + 12);
    else if (strncmp(line, names, sizeof(names) - 1) == 0)
        copy(out->names, line + sizeof(names) - 1);
}

/* The first one is the server's own. */
static bool take_certificate(struct certificate_look *look)
{
    struct curl_certinfo *chain = NULL;
    if (curl_easy_getinfo(look->easy, CURLINFO_CERTINFO, &chain) || !chain ||
        chain->num_of_certs < 1)
        return false;
    for (const struct curl_slist *line = chain->certinfo[0]; line; line = line->next)
        take_line(&look->seen, line->data);
    return true;
}

static size_t on_header(char *line, size_t one, size_t len, void *arg)
{
    struct certificate_look *look = arg;
    if (len > 5 && strncasecmp(line, "Date:", 5) == 0) {
        size_t from = 5, to = len;
        while (from < to && line[from] == ' ')
            from++;
        while (to > from && (line[to - 1] == '\r' || line[to - 1] == '\n'))
            to--;
        int64_t ns;
        if (http_time_ns(line + from, to - from, &ns))
            look->seen.server_ns = ns;
    }
    return one * len;
}

/* --- the connection --------------------------------------------------------------------------- */

static void on_turn(void *arg)
{
    struct certificate_look *look = arg;
    look->fn(look->arg, take_certificate(look) ? &look->seen : NULL);
}

static void end(struct certificate_look *look)
{
    if (!look->ended)
        loop_timer_set(look->turn, 0);
    look->ended = true;
}

static void on_done(void *arg, void *private, int code)
{
    (void)private;
    (void)code; /* the certificate is known even if no answer follows */
    end(arg);
}

static void begin(struct certificate_look *look)
{
    route_apply(look->route, look->easy);
    if (multi_add(look->multi, look->easy))
        end(look);
}

static void on_route(void *arg, const struct err *err)
{
    if (err->code)
        end(arg);
    else
        begin(arg);
}

static void prepare(struct certificate_look *look, const struct link *link, const char *url)
{
    curl_easy_setopt(look->easy, CURLOPT_URL, url);
    link_apply(link, look->easy);
    curl_easy_setopt(look->easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(look->easy, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(look->easy, CURLOPT_CERTINFO, 1L);
    curl_easy_setopt(look->easy, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(look->easy, CURLOPT_TIMEOUT_MS, (long)link->connect_timeout_ms);
    curl_easy_setopt(look->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(look->easy, CURLOPT_HEADERDATA, look);
}

struct certificate_look *certificate_look(struct loop *loop, const struct link *link,
                                          const char *url, certificate_fn *fn, void *arg)
{
    struct certificate_look *look = calloc(1, sizeof(*look));
    if (!look)
        return NULL;
    look->fn = fn;
    look->arg = arg;
    look->turn = loop_timer_create(loop, on_turn, look);
    look->multi = multi_create(loop, 1, on_done, look);
    look->easy = look->multi ? curl_easy_init() : NULL;
    if (!look->turn || !look->easy) {
        certificate_look_end(look);
        return NULL;
    }
    prepare(look, link, url);
    const struct route_parts parts = {.loop = loop,
                                      .link = link,
                                      .url = url,
                                      .timeout_ms = link->connect_timeout_ms,
                                      .fn = on_route,
                                      .arg = look};
    int rc = route_find(&look->route, &parts);
    if (rc == 0)
        begin(look);
    else if (rc != -EINPROGRESS)
        end(look);
    return look;
}

void certificate_look_end(struct certificate_look *look)
{
    if (!look)
        return;
    loop_timer_destroy(look->turn);
    if (look->easy) {
        multi_remove(look->multi, look->easy);
        curl_easy_cleanup(look->easy);
    }
    route_destroy(look->route);
    multi_destroy(look->multi);
    free(look);
}
