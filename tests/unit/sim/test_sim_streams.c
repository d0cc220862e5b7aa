#include "sim_fixture.h"

#define BOND      "MERV - XMEV - AL30 - 24hs" /* listed on any day */
#define ONE_FAULT "fault { path = \"stream/md\" count = 1 kind = "

static int connect_stream(struct sim *s)
{
    struct answer a;
    char header[100];
    log_in(s);
    int fd = dial(&s->running);
    snprintf(header, sizeof(header), "X-Auth-Token: %s\r\n", s->token);
    upgrade(fd, "", header);
    t_true(read_head(fd, &a));
    t_contains(a.head, " 101 ");
    return fd;
}

static void subscribe(int fd, const char *symbol)
{
    char text[300];
    snprintf(text, sizeof(text),
             "{\"type\":\"smd\",\"level\":1,\"depth\":5,\"entries\":[\"BI\",\"LA\"],\"products\":["
             "{\"symbol\":\"%s\",\"marketId\":\"ROFX\"}]}",
             symbol);
    ws_say(fd, text);
}

static void set_rate(struct sim *s, int rate)
{
    char request[60];
    struct answer a;
    make_answer(&a);
    int fd = dial(&s->running);
    snprintf(request, sizeof(request), "POST /sim/market?rate=%d", rate);
    ask(fd, request, CONTROL, &a);
    t_int(a.status, 200);
    close(fd);
    buf_finish(&a.body);
}

static long long stamp(const char *frame)
{
    long long ts_ms = -1;
    t_int(sscanf(frame, "{\"type\":\"Md\",\"timestamp\":%lld", &ts_ms), 1);
    return ts_ms;
}

static void a_snapshot_then_the_changes_of_the_market(void **state)
{
    struct sim s;
    struct ws_frame f;
    long long before = 0;
    (void)state;
    make_frame(&f);
    start_sim(&s, "");
    int fd = connect_stream(&s);
    subscribe(fd, BOND);
    t_true(ws_read(fd, &f));
    t_contains(buf_text(&f.data), "\"symbol\":\"" BOND "\"");
    t_int(counter(&s, "stream_frames"), 1);
    set_rate(&s, 5000);
    for (int i = 0; i < 3; i++) {
        t_true(ws_read(fd, &f));
        t_true(stamp(buf_text(&f.data)) - before >= 95);
        before = stamp(buf_text(&f.data));
    }
    t_int(counter(&s, "smd"), 1);
    t_int(counter(&s, "smd_products"), 1);
    t_int(counter(&s, "streams"), 1);
    close(fd);
    wait_counter(&s, "streams", 0);
    stop_sim(&s);
    buf_finish(&f.data);
}

static void faults_of_frames(void **state)
{
    static const struct row {
        const char *fault;
        int first;            /* byte of the frame */
        const char *contains; /* NULL: not looked at */
        const char *next;     /* NULL: likewise; the frame after it */
    } rows[] = {
        {"\"binary\"", 0x82, "\"type\":\"Md\"", NULL},
        {"\"fragmented\"", 0x01, "{\"type\"", NULL},
        {"\"masked\"", 0x81, "\"type\":\"Md\"", NULL},
        {"\"rsv\"", 0xc1, "\"type\":\"Md\"", NULL},
        {"\"drip\"", 0x81, "\"type\":\"Md\"", NULL},
        {"\"utf8\"", 0x81, "\xc3\x28", NULL},
        {"\"garbage\"", 0x81, "1601.,,", NULL},
        {"\"shape\"", 0x81, "none today", NULL},
        {"\"body\" body = \"mine\"", 0x81, "mine", NULL},
        {"\"duplicate\"", 0x81, "\"type\":\"Md\"", "\"type\":\"Md\""},
        {"\"unknown\"", 0x81, "{\"type\":\"hb\"}", "\"type\":\"Md\""},
        {"\"goodbye\" code = 4001", WS_CLOSE, "\x0f\xa1", NULL},
    };
    struct ws_frame f;
    (void)state;
    make_frame(&f);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char faults[200];
        struct sim s;
        t_row(rows[i].fault);
        snprintf(faults, sizeof(faults), ONE_FAULT "%s }", rows[i].fault);
        start_sim(&s, faults);
        int fd = connect_stream(&s);
        subscribe(fd, BOND);
        t_true(ws_read(fd, &f));
        t_int(f.first, rows[i].first);
        t_true(f.masked == (strcmp(rows[i].fault, "\"masked\"") == 0));
        t_contains(buf_text(&f.data), rows[i].contains);
        if (rows[i].next) {
            t_true(ws_read(fd, &f));
            t_contains(buf_text(&f.data), rows[i].next);
        }
        close(fd);
        stop_sim(&s);
    }
    buf_finish(&f.data);
}

static void the_largest_frame(void **state)
{
    struct sim s;
    struct ws_frame f;
    (void)state;
    make_frame(&f);
    start_sim(&s, ONE_FAULT "\"oversized\" }");
    int fd = connect_stream(&s);
    subscribe(fd, BOND);
    t_true(ws_read(fd, &f));
    t_int(f.data.len_bytes, 5 * MIB);
    close(fd);
    stop_sim(&s);
    buf_finish(&f.data);
}

static void an_old_frame_is_the_one_before(void **state)
{
    struct sim s;
    struct ws_frame f;
    long long stamps[4];
    (void)state;
    make_frame(&f);
    start_sim(&s, ONE_FAULT "\"old\" after = 2 }");
    int fd = connect_stream(&s);
    set_rate(&s, 5000);
    subscribe(fd, BOND);
    for (int i = 0; i < 4; i++) {
        t_true(ws_read(fd, &f));
        stamps[i] = stamp(buf_text(&f.data));
    }
    t_true(stamps[2] > stamps[1]);
    t_int(stamps[3], stamps[1]);
    close(fd);
    stop_sim(&s);
    buf_finish(&f.data);
}

static void faults_of_connections(void **state)
{
    static const struct row {
        const char *faults, *ending;
    } rows[] = {
        {ONE_FAULT "\"reset\" }", "reset"},
        {ONE_FAULT "\"close\" }", "closed"},
        {"fault { path = \"stream/smd\" kind = \"reset\" }", "reset"},
        {"fault { path = \"stream/smd\" kind = \"close\" }", "closed"},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct sim s;
        t_row(rows[i].faults);
        start_sim(&s, rows[i].faults);
        int fd = connect_stream(&s);
        subscribe(fd, BOND);
        t_str(ending(fd), rows[i].ending);
        wait_counter(&s, "streams", 0);
        close(fd);
        stop_sim(&s);
    }
}

static void faults_that_silence_a_client(void **state)
{
    static const char *const rows[] = {
        ONE_FAULT "\"mute\" }",
        ONE_FAULT "\"deaf\" }",
        ONE_FAULT "\"half_open\" }",
        "fault { path = \"stream/smd\" kind = \"mute\" }",
        "fault { path = \"stream/smd\" kind = \"hang\" }", /* the message is ignored */
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct sim s;
        t_row(rows[i]);
        start_sim(&s, rows[i]);
        int fd = connect_stream(&s);
        set_rate(&s, 5000);
        subscribe(fd, BOND);
        wait_counter(&s, "faults", 1);
        for (int n = 0; n < 5; n++)
            counter(&s, "changes"); /* the market and the loop go on */
        struct pollfd any = {.fd = fd, .events = POLLIN};
        t_int(poll(&any, 1, 0), 0);
        t_int(counter(&s, "streams"), 1);
        close(fd);
        stop_sim(&s);
    }
}

static void a_refused_message_and_the_next(void **state)
{
    struct sim s;
    struct ws_frame f;
    (void)state;
    make_frame(&f);
    start_sim(&s, "fault { path = \"stream/smd\" kind = \"error\" body = \"not now\" count = 1 }");
    int fd = connect_stream(&s);
    subscribe(fd, BOND);
    t_true(ws_read(fd, &f));
    t_contains(buf_text(&f.data), "\"description\":\"not now\"");
    subscribe(fd, BOND);
    t_true(ws_read(fd, &f));
    t_contains(buf_text(&f.data), "\"type\":\"Md\"");
    t_int(counter(&s, "smd"), 2);
    t_int(counter(&s, "smd_products"), 1);
    close(fd);
    stop_sim(&s);
    buf_finish(&f.data);
}

static void a_fault_for_all_streams(void **state)
{
    struct sim s;
    struct answer a;
    (void)state;
    make_answer(&a);
    start_sim(&s, "");
    int one = connect_stream(&s), two = connect_stream(&s), fd = dial(&s.running);
    ask(fd, "POST /sim/stream?kind=goodbye&code=4321", CONTROL, &a);
    t_int(close_code(one), 4321);
    t_int(close_code(two), 4321);
    close(one);
    close(two);
    close(fd);
    stop_sim(&s);
    buf_finish(&a.body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_snapshot_then_the_changes_of_the_market),
        cmocka_unit_test(faults_of_frames),
        cmocka_unit_test(the_largest_frame),
        cmocka_unit_test(an_old_frame_is_the_one_before),
        cmocka_unit_test(faults_of_connections),
        cmocka_unit_test(faults_that_silence_a_client),
        cmocka_unit_test(a_refused_message_and_the_next),
        cmocka_unit_test(a_fault_for_all_streams),
    };
    signal(SIGPIPE, SIG_IGN); /* as every program with sockets does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
