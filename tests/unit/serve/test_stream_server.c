#include "serve/stream_server.h"

#include "ws_fixture.h"

#define COUNT 40

/* --- market source ---------------------------------------------------------------------------- */

static struct quote quotes[COUNT];
static _Atomic int quotes_read;

static int32_t source_count(void *self)
{
    (void)self;
    return COUNT;
}

static int32_t source_find(void *self, const char *market_id, const char *symbol)
{
    int i;
    (void)self;
    (void)market_id;
    return sscanf(symbol, "I%d", &i) == 1 && i >= 0 && i < COUNT ? i : -1;
}

static const struct instrument *source_instrument(void *self, int32_t i)
{
    static char symbol[16];
    static struct instrument instrument = {.market_id = "ROFX", .symbol = symbol};
    (void)self;
    snprintf(symbol, sizeof(symbol), "I%d", i);
    return &instrument;
}

static const struct quote *source_quote(void *self, int32_t i)
{
    (void)self;
    quotes_read++;
    return &quotes[i];
}

static enum encode_empty source_empty(void *self, int32_t i)
{
    (void)self;
    (void)i;
    return EMPTY_NULL;
}

/* Taken up for clients: their data arrive when the test says so. */
static bool unready[COUNT];

static bool demand_want(void *self, const char *market_id, const char *symbol)
{
    (void)self;
    (void)market_id;
    (void)symbol;
    return false;
}

static void demand_settle(void *self, bool keep)
{
    (void)self;
    (void)keep;
}

static bool demand_ready(void *self, int32_t i)
{
    (void)self;
    return !unready[i];
}

static const struct source_demand demand = {
    .want = demand_want, .settle = demand_settle, .ready = demand_ready};

static const struct market_source source = {.demand = &demand,
                                            .count = source_count,
                                            .find = source_find,
                                            .instrument = source_instrument,
                                            .quote = source_quote,
                                            .empty = source_empty};

/* --- server ----------------------------------------------------------------------------------- */

static struct stream_server *streams;
static enum { NORMAL, REFUSE_SMD, REPLACE_FRAMES, MUTE_AT_FRAME } deviation;
static int hooks_opened, hooks_closed;

static void hook_opened(void *arg, struct stream_client *client)
{
    hooks_opened++;
    stream_client_set_user(client, arg);
}

static void hook_closed(void *arg, struct stream_client *client)
{
    hooks_closed += stream_client_user(client) == arg;
}

static bool hook_subscribe(void *arg, struct stream_client *client,
                           const struct stream_request *request, const char *text)
{
    (void)arg;
    (void)text;
    if (deviation != REFUSE_SMD)
        return false;
    websocket_send(stream_client_socket(client), request->count == 1 ? "one" : "more",
                   request->count == 1 ? 3 : 4);
    return true;
}

static bool hook_send(void *arg, struct stream_client *client, int32_t instrument,
                      const struct buf *frame)
{
    (void)arg;
    (void)instrument;
    t_contains(buf_text(frame), "\"type\":\"Md\"");
    if (deviation == MUTE_AT_FRAME)
        stream_client_mute(client);
    if (deviation == REPLACE_FRAMES)
        websocket_send(stream_client_socket(client), "replaced", 8);
    return deviation == REPLACE_FRAMES;
}

static bool on_upgrade(void *arg, const struct web_request *request, struct web_answer *answer,
                       enum web_action *action)
{
    (void)arg;
    (void)request;
    (void)answer;
    (void)action;
    return true;
}

static void on_opened(void *arg, struct websocket *socket)
{
    stream_server_opened(*(struct stream_server **)arg, socket);
}

static void on_text(void *arg, struct websocket *socket, const char *text, size_t len)
{
    stream_server_text(*(struct stream_server **)arg, socket, text, len);
}

static void on_closed(void *arg, struct websocket *socket)
{
    stream_server_closed(*(struct stream_server **)arg, socket);
}

static void on_room(void *arg, struct websocket *socket)
{
    stream_server_room(*(struct stream_server **)arg, socket);
}

static void change(int32_t i, double price)
{
    quotes[i].last_price = price;
    stream_server_changed(streams, i);
}

/* "I/P": instrument I has the price P; "all/P": all instruments, each twice; "hold/I", "ready/I",
 * "unknown/I": the first data of I are expected, have arrived, or it does not exist; "normal" and
 * the other deviations. */
static void on_call(const char *what)
{
    int i, price;
    if (sscanf(what, "%d/%d", &i, &price) == 2)
        change(i, price);
    for (i = 0; sscanf(what, "all/%d", &price) == 1 && i < 2 * COUNT; i++)
        change(i % COUNT, price);
    if (sscanf(what, "hold/%d", &i) == 1 && i < COUNT)
        unready[i] = true;
    if (sscanf(what, "ready/%d", &i) == 1 && i < COUNT) {
        unready[i] = false;
        stream_server_ready(streams, i);
    }
    if (sscanf(what, "unknown/%d", &price) == 1)
        stream_server_unknown(streams, price);
    if (strcmp(what, "normal") == 0)
        deviation = NORMAL;
    else if (strcmp(what, "refuse") == 0)
        deviation = REFUSE_SMD;
    else if (strcmp(what, "replace") == 0)
        deviation = REPLACE_FRAMES;
    else if (strcmp(what, "mute") == 0)
        deviation = MUTE_AT_FRAME;
}

static int start_with_idle(void **state, int64_t idle_ms)
{
    int rc = start(state);
    struct running *r = *state;
    stop_loop(r);
    for (int i = 0; i < COUNT; i++)
        quotes[i] = quote_none();
    for (int i = 0; i < COUNT; i++)
        unready[i] = false;
    deviation = NORMAL;
    hooks_opened = hooks_closed = 0;
    handler.call = on_call;
    streams = stream_server_create(&(struct stream_server_parts){
        r->loop,
        &source,
        idle_ms,
        {&hooks_opened, hook_opened, hook_closed, hook_subscribe, hook_send}});
    server_take_websockets(r->server, &(struct websocket_handlers){.arg = &streams,
                                                                   .upgrade = on_upgrade,
                                                                   .opened = on_opened,
                                                                   .text = on_text,
                                                                   .closed = on_closed,
                                                                   .room = on_room,
                                                                   .stall_ms = 60000});
    r->stopped = false;
    return rc ? rc : pthread_create(&r->thread, NULL, run, r);
}

static int start_streams(void **state)
{
    return start_with_idle(state, 0);
}

static int start_idle(void **state)
{
    return start_with_idle(state, 200);
}

static int finish_streams(void **state)
{
    struct running *r = *state;
    stop_loop(r);
    server_destroy(r->server);
    r->server = NULL;
    stream_server_destroy(streams);
    t_int(hooks_closed, hooks_opened);
    return finish(state);
}

/* --- clients ---------------------------------------------------------------------------------- */

static void subscribe(int fd, int first, int count, int level)
{
    static char text[60000];
    int used = snprintf(text, sizeof(text),
                        "{\"type\":\"smd\",\"level\":%d,\"depth\":1,\"entries\":[\"LA\",\"SE\"],"
                        "\"products\":[",
                        level);
    for (int n = 0; n < count; n++)
        used += snprintf(text + used, sizeof(text) - (size_t)used,
                         "%s{\"symbol\":\"I%d\",\"marketId\":\"ROFX\"}", n ? "," : "", first + n);
    snprintf(text + used, sizeof(text) - (size_t)used, "]}");
    ws_say(fd, text);
}

struct frame {
    int instrument, price; /* -1: null */
    int64_t ts_ms;
};

static struct frame read_frame(int fd)
{
    struct ws_frame f;
    struct frame out = {-1, -1, -1};
    long long ts_ms;
    make_frame(&f);
    if (!ws_read(fd, &f))
        fail_msg("%s: no frame", t_row_name);
    const char *text = buf_text(&f.data);
    const char *price = strstr(text, "\"price\":");
    if (sscanf(text,
               "{\"type\":\"Md\",\"timestamp\":%lld,\"instrumentId\":{\"marketId\":\"ROFX\","
               "\"symbol\":\"I%d\"},",
               &ts_ms, &out.instrument) != 2)
        fail_msg("%s: not market data: %s", t_row_name, text);
    out.ts_ms = ts_ms;
    if (price)
        out.price = atoi(price + 8);
    buf_finish(&f.data);
    return out;
}

static void check_frame(int fd, int instrument, int price)
{
    struct frame frame = read_frame(fd);
    t_int(frame.instrument, instrument);
    t_int(frame.price, price);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void a_snapshot_at_once_then_each_change(void **state)
{
    struct running *r = *state;
    int control = dial(r), fd = dial_ws(r), other = dial_ws(r);
    call(control, "2/20");
    subscribe(fd, 1, 3, 1);
    check_frame(fd, 1, -1);
    check_frame(fd, 2, 20);
    check_frame(fd, 3, -1);
    subscribe(other, 3, 1, 1);
    check_frame(other, 3, -1);
    call(control, "7/1"); /* nobody wants it */
    call(control, "3/31");
    check_frame(fd, 3, 31);
    check_frame(other, 3, 31);
    subscribe(fd, 9, 1, 1); /* subscriptions add up */
    check_frame(fd, 9, -1);
    call(control, "2/21");
    check_frame(fd, 2, 21);
    subscribe(fd, 2, 1, 1); /* a snapshot again */
    check_frame(fd, 2, 21);
    close(fd);
    call(control, "3/32"); /* the other client is still there */
    check_frame(other, 3, 32);
    close(other);
    close(control);
}

static void changes_within_the_interval_become_one_frame(void **state)
{
    char what[20];
    struct running *r = *state;
    int control = dial(r), fd = dial_ws(r);
    subscribe(fd, 1, 1, 1);
    struct frame before = read_frame(fd);
    for (int price = 1; price <= 500; price++) {
        snprintf(what, sizeof(what), "1/%d", price);
        call(control, what);
    }
    int frames = 0;
    for (struct frame frame = {0}; frame.price < 500; before = frame) {
        frame = read_frame(fd);
        t_true(frame.ts_ms - before.ts_ms >= 95); /* the wall clock and the monotonic one */
        t_true(frame.price > before.price);
        frames++;
    }
    t_true(frames < 500);
    close(fd);
    close(control);
}

/* Clients that want an instrument in two forms, one after the other. */
static void each_form_of_a_frame_is_made_once(void **state)
{
    enum { CLIENTS = 10 };
    static const char *const forms[] = {"\"LA\",\"SE\"", "\"LA\""};
    const struct timespec pauses = {0, 120000000}; /* longer than those of all clients */
    struct running *r = *state;
    struct ws_frame f;
    char request[120];
    int control = dial(r), fds[CLIENTS];
    make_frame(&f);
    for (int n = 0; n < CLIENTS; n++) {
        fds[n] = dial_ws(r);
        snprintf(request, sizeof(request),
                 "{\"type\":\"smd\",\"entries\":[%s],\"products\":["
                 "{\"symbol\":\"I1\",\"marketId\":\"ROFX\"}]}",
                 forms[n % 2]);
        ws_say(fds[n], request);
        check_frame(fds[n], 1, -1);
    }
    nanosleep(&pauses, NULL); /* the test needs time to pass */
    quotes_read = 0;
    call(control, "1/10");
    for (int n = 0; n < CLIENTS; n++) {
        t_true(ws_read(fds[n], &f));
        t_contains(buf_text(&f.data), "\"price\":10");
        t_int(strstr(buf_text(&f.data), "\"SE\"") != NULL, n % 2 == 0);
        close(fds[n]);
    }
    t_int(quotes_read, 2);
    close(control);
    buf_finish(&f.data);
}

static void a_message_with_an_unknown_product_is_refused_whole(void **state)
{
    static const char request[] = "{\"type\":\"smd\",\"entries\":[\"LA\"],\"products\":["
                                  "{\"symbol\":\"I1\",\"marketId\":\"ROFX\"},"
                                  "{\"symbol\":\"X\",\"marketId\":\"ROFX\"}]}";
    struct running *r = *state;
    struct ws_frame f;
    make_frame(&f);
    int fd = dial_ws(r), control = dial(r);
    ws_say(fd, "{\"type\":\"other\"}"); /* ignored */
    ws_say(fd, request);
    t_true(ws_read(fd, &f));
    t_contains(buf_text(&f.data), "\"status\":\"ERROR\"");
    t_contains(buf_text(&f.data), "Product X:ROFX don't exist");
    call(control, "1/1");
    subscribe(fd, 2, 1, 1);
    check_frame(fd, 2, -1); /* nothing of I1 before it */
    close(fd);
    close(control);
    buf_finish(&f.data);
}

static void nothing_is_sent_before_the_first_data(void **state)
{
    struct running *r = *state;
    struct ws_frame f;
    make_frame(&f);
    int fd = dial_ws(r), other = dial_ws(r), control = dial(r);
    call(control, "hold/30");
    call(control, "hold/31");
    subscribe(fd, 29, 3, 5); /* I29 is recorded; I30 and I31 are not yet */
    subscribe(other, 31, 1, 5);
    check_frame(fd, 29, -1);
    call(control, "30/7"); /* a value, but none that the broker has confirmed */
    call(control, "ready/30");
    check_frame(fd, 30, 7); /* at once, not after the 6 s of the level */
    call(control, "unknown/31");
    t_true(ws_read(other, &f));
    t_contains(buf_text(&f.data), "\"description\":\"Product I31:ROFX don't exist\"");
    t_contains(buf_text(&f.data), "\\\"level\\\":5");
    t_true(ws_read(fd, &f));
    t_contains(buf_text(&f.data), "Product I31:ROFX don't exist");
    call(control, "31/8");
    call(control, "ready/31"); /* nobody is subscribed to it any more */
    call(control, "ready/30");
    check_frame(fd, 30, 7);
    close(fd);
    close(other);
    close(control);
    buf_finish(&f.data);
}

static void the_hooks_may_deviate(void **state)
{
    struct running *r = *state;
    int fd = dial_ws(r), control = dial(r);
    call(control, "refuse");
    subscribe(fd, 1, 1, 1);
    check_text(fd, "one");
    subscribe(fd, 1, 2, 1);
    check_text(fd, "more");
    call(control, "replace");
    subscribe(fd, 3, 1, 1);
    check_text(fd, "replaced");
    call(control, "normal");
    call(control, "3/33");
    check_frame(fd, 3, 33);
    call(control, "mute");
    call(control, "3/34");
    check_frame(fd, 3, 34); /* the last one */
    call(control, "normal");
    call(control, "3/35");
    subscribe(fd, 4, 1, 1); /* ignored */
    for (int i = 0; i < 20; i++)
        still_serves(r);
    struct pollfd any = {.fd = fd, .events = POLLIN};
    t_int(poll(&any, 1, 0), 0);
    close(fd);
    close(control);
}

static void an_idle_client_is_closed(void **state)
{
    struct running *r = *state;
    int fd = dial_ws(r);
    t_int(close_code(fd), 1001);
    close(fd);
}

/* A client that reads nothing gets the newest of each product when it reads again, and the other
 * gets all meanwhile. */
static void a_slow_client_delays_nobody(void **state)
{
    enum { CHANGES = 300 };
    char what[20];
    struct running *r = *state;
    int small = 8192;
    int control = dial(r), fd = dial_ws(r), slow = dial_ws(r);
    setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    subscribe(slow, 0, COUNT, 1);
    subscribe(fd, 5, 1, 1);
    check_frame(fd, 5, -1);
    int seen = -1;
    for (int price = 1; price <= CHANGES; price++) {
        snprintf(what, sizeof(what), "all/%d", price);
        call(control, what);
        if (price % 100 == 0)
            while (seen < price)
                seen = read_frame(fd).price;
    }
    int newest[COUNT];
    memset(newest, -1, sizeof(newest));
    for (int complete = 0; complete < COUNT;) {
        struct frame frame = read_frame(slow);
        t_true(frame.price >= newest[frame.instrument]);
        complete += frame.price == CHANGES && newest[frame.instrument] != CHANGES;
        newest[frame.instrument] = frame.price;
    }
    close(slow);
    close(fd);
    close(control);
}

static void a_thousand_clients(void **state)
{
    enum { CLIENTS = 1000, PRODUCTS = 5 };
    static int fds[CLIENTS];
    struct running *r = *state;
    int control = dial(r);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = dial_ws(r);
        subscribe(fds[i], 3, PRODUCTS, 1);
    }
    for (int i = 0; i < CLIENTS; i++)
        for (int n = 0; n < PRODUCTS; n++)
            check_frame(fds[i], 3 + n, -1);
    call(control, "4/44");
    for (int i = 0; i < CLIENTS; i++)
        check_frame(fds[i], 4, 44);
    for (int i = 0; i < CLIENTS / 2; i++)
        close(fds[i]); /* the rest is there when the server is destroyed */
    still_serves(r);
    stop_loop(r);
    t_int(stream_server_stats(streams).opened, CLIENTS);
    t_int(stream_server_stats(streams).products, CLIENTS * PRODUCTS);
    t_int(stream_server_stats(streams).frames, CLIENTS * (PRODUCTS + 1));
    for (int i = CLIENTS / 2; i < CLIENTS; i++)
        close(fds[i]);
    close(control);
}

#define STREAM_TEST(test) cmocka_unit_test_setup_teardown(test, start_streams, finish_streams)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STREAM_TEST(a_snapshot_at_once_then_each_change),
        STREAM_TEST(changes_within_the_interval_become_one_frame),
        STREAM_TEST(each_form_of_a_frame_is_made_once),
        STREAM_TEST(a_message_with_an_unknown_product_is_refused_whole),
        STREAM_TEST(nothing_is_sent_before_the_first_data),
        STREAM_TEST(the_hooks_may_deviate),
        cmocka_unit_test_setup_teardown(an_idle_client_is_closed, start_idle, finish_streams),
        STREAM_TEST(a_slow_client_delays_nobody),
        STREAM_TEST(a_thousand_clients),
    };
    signal(SIGPIPE, SIG_IGN); /* as every program with sockets does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
