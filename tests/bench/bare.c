/*
 * The lower limit for comparison: the same requests with libcurl and libev alone. Bodies are
 * discarded, nothing is decoded or stored.
 *
 *   bench_bare TOKEN RATE IN_FLIGHT < urls
 *
 * Requests the URLs (one per line) in turn, RATE requests per second over kept-alive connections,
 * at most IN_FLIGHT at once, with reused handles, until it is killed.
 */
#include <curl/curl.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URLS_MAX 20000

struct bare {
    struct ev_loop *loop;
    CURLM *multi;
    ev_timer curl_timer, rate_limit_timer;
    struct curl_slist *headers;
    char *urls[URLS_MAX];
    int urls_count, next_url;
    double interval_s, due_s;
    CURL **idle;
    int idle_count;
};

static size_t throw_away(char *data, size_t one, size_t len, void *arg)
{
    (void)data;
    (void)one;
    (void)arg;
    return len;
}

static void pump(struct bare *b);

static void collect(struct bare *b)
{
    CURLMsg *msg;
    int left;
    while ((msg = curl_multi_info_read(b->multi, &left))) {
        CURL *easy = msg->easy_handle;
        if (msg->data.result != CURLE_OK)
            fprintf(stderr, "bare: %s\n", curl_easy_strerror(msg->data.result));
        curl_multi_remove_handle(b->multi, easy);
        b->idle[b->idle_count++] = easy;
    }
    pump(b);
}

static void on_socket(struct ev_loop *loop, ev_io *w, int revents)
{
    struct bare *b = ev_userdata(loop);
    int running, mask = (revents & EV_READ ? CURL_CSELECT_IN : 0) |
                        (revents & EV_WRITE ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(b->multi, w->fd, mask, &running);
    collect(b);
}

static void on_curl_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct bare *b = ev_userdata(loop);
    int running;
    (void)w;
    (void)revents;
    curl_multi_socket_action(b->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(b);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct bare *b = arg;
    ev_io *w = known;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w)
            ev_io_stop(b->loop, w);
        free(w);
        return 0;
    }
    if (!w) {
        w = calloc(1, sizeof(*w));
        if (!w)
            abort();
        ev_init(w, on_socket);
        curl_multi_assign(b->multi, fd, w);
    }
    ev_io_stop(b->loop, w);
    ev_io_set(w, fd, (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
    ev_io_start(b->loop, w);
    return 0;
}

static int set_curl_timer(CURLM *multi, long after_ms, void *arg)
{
    struct bare *b = arg;
    (void)multi;
    ev_timer_stop(b->loop, &b->curl_timer);
    if (after_ms >= 0) {
        ev_timer_set(&b->curl_timer, (double)after_ms / 1000, 0);
        ev_timer_start(b->loop, &b->curl_timer);
    }
    return 0;
}

static void pump(struct bare *b)
{
    double now_s = ev_now(b->loop);
    while (b->idle_count && b->due_s <= now_s) {
        CURL *easy = b->idle[--b->idle_count];
        curl_easy_setopt(easy, CURLOPT_URL, b->urls[b->next_url]);
        b->next_url = (b->next_url + 1) % b->urls_count;
        b->due_s += b->interval_s;
        if (b->due_s < now_s - 1)
            b->due_s = now_s;
        curl_multi_add_handle(b->multi, easy);
    }
    ev_timer_stop(b->loop, &b->rate_limit_timer);
    if (b->due_s > now_s) {
        ev_timer_set(&b->rate_limit_timer, b->due_s - now_s, 0);
        ev_timer_start(b->loop, &b->rate_limit_timer);
    }
}

static void on_pace(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    pump(ev_userdata(loop));
}

static CURL *make_easy(const struct bare *b)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        abort();
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, throw_away);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, b->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "cinta/" CINTA_VERSION);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10000L);
    return easy;
}

static void read_urls(struct bare *b)
{
    char line[2048];
    while (b->urls_count < URLS_MAX && fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        b->urls[b->urls_count++] = strdup(line);
    }
}

int main(int argc, char **argv)
{
    static struct bare b;
    char token[600];
    if (argc != 4)
        return 2;
    snprintf(token, sizeof(token), "X-Auth-Token: %s", argv[1]);
    int in_flight = atoi(argv[3]);
    b.interval_s = 1 / atof(argv[2]);
    read_urls(&b);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    b.loop = ev_default_loop(0);
    ev_set_userdata(b.loop, &b);
    ev_init(&b.curl_timer, on_curl_timer);
    ev_init(&b.rate_limit_timer, on_pace);
    b.multi = curl_multi_init();
    curl_multi_setopt(b.multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(b.multi, CURLMOPT_SOCKETDATA, &b);
    curl_multi_setopt(b.multi, CURLMOPT_TIMERFUNCTION, set_curl_timer);
    curl_multi_setopt(b.multi, CURLMOPT_TIMERDATA, &b);
    curl_multi_setopt(b.multi, CURLMOPT_MAXCONNECTS, (long)in_flight);
    b.headers = curl_slist_append(curl_slist_append(NULL, token), "Accept: application/json");
    b.idle = calloc((size_t)in_flight, sizeof(CURL *));
    if (!b.idle || !b.multi || !b.urls_count)
        return 1;
    for (int i = 0; i < in_flight; i++)
        b.idle[b.idle_count++] = make_easy(&b);
    b.due_s = ev_now(b.loop);
    pump(&b);
    ev_run(b.loop, 0);
    return 0;
}
