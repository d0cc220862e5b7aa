#include "feed/poll_answer.h"

#include "base/log.h"
#include "record/events.h"
#include "record/observers.h"
#include "record/recorder.h"
#include "support/t.h"

#define WALL_NS INT64_C(1795446000000000000)

/* One instrument, what is kept of it, and the number of changes that were recorded. */
struct bench {
    struct config *config;
    struct market *market;
    struct observers *observers;
    struct events *events;
    struct recorder *recorder;
    struct json_parser *parser;
    struct poll_memory memory;
    int changes;
    int64_t now_ms;
};

static void on_change(void *arg, const struct market_change *change)
{
    struct bench *b = arg;
    (void)change;
    b->changes++;
}

static void begin(struct bench *b)
{
    static const char text[] = "broker { url = \"https://broker.test/\" user = \"u\" }\n"
                               "poll { entries = {BI, OF, LA} depth = 1 }\nstream { depth = 5 }\n"
                               "instruments { symbols = {\"A\"} }\n";
    struct err err = {0};
    log_init(LOG_LEVEL_ERROR);
    *b = (struct bench){.now_ms = 5000};
    if (config_parse(text, strlen(text), "test.conf", &b->config, &err))
        fail_msg("%s", err.text);
    b->market = market_create(0);
    b->observers = observers_create();
    b->events = events_create(b->observers);
    b->parser = json_parser_create();
    t_true(observers_add(b->observers, &(struct observer){.arg = b, .on_change = on_change}) > 0);
    const struct recorder_parts parts = {b->market, b->observers, b->events};
    t_int(recorder_create(&b->recorder, &parts, &err), 0);
    t_int(recorder_instrument(b->recorder, "ROFX", "A"), 0);
}

static void end(struct bench *b)
{
    recorder_destroy(b->recorder);
    json_parser_destroy(b->parser);
    events_destroy(b->events);
    observers_destroy(b->observers);
    market_destroy(b->market);
    config_free(b->config);
}

static const struct market_quote *quote(const struct bench *b)
{
    return market_quote(b->market, 0);
}

/* The answer to a request that was sent 20 ms ago. */
static struct poll_answer take(struct bench *b, const struct http_reply *http, bool streamed)
{
    const struct poll_answer_parts parts = {
        .recorder = b->recorder,
        .config = b->config,
        .parser = b->parser,
        .streamed = streamed,
        .asked_ms = b->now_ms - 20,
        .drop_ms = 777000,
        .now = {.mono_ms = b->now_ms, .wall_ns = WALL_NS + b->now_ms * NS_PER_MS},
    };
    return poll_answer_take(&parts, http, &b->memory);
}

static struct http_reply ok(const char *body)
{
    return (struct http_reply){.outcome = HTTP_OK,
                               .status = 200,
                               .sends = 1,
                               .content_type = "application/json",
                               .location = "",
                               .retry_after_ms = -1,
                               .body = body,
                               .body_len_bytes = strlen(body)};
}

static struct poll_answer answer(struct bench *b, const char *body, bool streamed)
{
    const struct http_reply http = ok(body);
    b->now_ms += 1000;
    return take(b, &http, streamed);
}

static void stream(struct bench *b, double last)
{
    struct quote_update u = {.entries = ENTRY_BIT(ENTRY_LA), .quote = quote_none()};
    u.quote.last_price = last;
    b->now_ms += 1000;
    recorder_update(b->recorder, 0, &u,
                    &(struct market_stamp){.source = SOURCE_STREAM,
                                           .ts_recv = WALL_NS + b->now_ms * NS_PER_MS,
                                           .recv_ms = b->now_ms});
}

static const char first[] = "{\"status\":\"OK\",\"marketData\":{\"LA\":{\"price\":10,\"size\":1,"
                            "\"date\":1},\"BI\":[{\"price\":9,\"size\":1}],\"OF\":[]},\"depth\":1}";
static const char second[] =
    "{\"status\":\"OK\",\"marketData\":{\"LA\":{\"price\":11,\"size\":1,"
    "\"date\":1},\"BI\":[{\"price\":9,\"size\":1}],\"OF\":[]},\"depth\":1}";

/* --- tests ------------------------------------------------------------------------------------ */

static void a_change_is_recorded_and_the_same_body_is_not_parsed_again(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct poll_answer a = answer(&b, first, false);
    t_int(a.outcome.outcome, PLAN_ANSWERED);
    t_true(!a.unchanged && !a.outdated);
    t_int(b.changes, 1);
    t_double(quote(&b)->quote.last_price, 10);
    t_int(quote(&b)->source, SOURCE_REST);
    int64_t ts_recv = quote(&b)->ts_recv;

    a = answer(&b, first, false);
    t_int(a.outcome.outcome, PLAN_ANSWERED);
    t_true(a.unchanged);
    t_int(b.changes, 1);
    t_int(quote(&b)->ts_recv, ts_recv);
    t_int(quote(&b)->ts_seen, ts_recv + 1000 * NS_PER_MS); /* it was confirmed */

    a = answer(&b, second, false);
    t_true(!a.unchanged);
    t_int(b.changes, 2);
    end(&b);
}

/* The digest of a body is worth nothing once a stream has changed the quote. */
static void the_same_body_after_a_change_of_the_stream_is_recorded(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    answer(&b, first, false);
    stream(&b, 12);
    t_int(b.changes, 2);
    struct poll_answer a = answer(&b, first, false);
    t_true(!a.unchanged && !a.outdated);
    t_int(b.changes, 3);
    t_double(quote(&b)->quote.last_price, 10);
    end(&b);
}

static void an_answer_to_an_older_request_is_outdated(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    stream(&b, 12);
    b.now_ms -= 990; /* the request was sent 10 ms before the stream's message */
    struct poll_answer a = answer(&b, first, true);
    t_true(a.outdated);
    t_int(a.outcome.outcome, PLAN_ANSWERED);
    t_double(quote(&b)->quote.last_price, 12);
    t_int(b.memory.body_len_bytes, 0); /* the next one is parsed */
    end(&b);
}

/* The configuration polls one level and streams five. */
static void a_probe_with_fewer_levels_leaves_the_book(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct quote_update u = {.entries = ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF),
                             .quote = quote_none()};
    u.quote.bids.count = 2;
    u.quote.bids.level[0] = (struct level){9, 1};
    u.quote.bids.level[1] = (struct level){8, 1};
    answer(&b, first, false);
    b.now_ms += 1000;
    recorder_update(b.recorder, 0, &u,
                    &(struct market_stamp){.source = SOURCE_STREAM, .recv_ms = b.now_ms});
    int changes = b.changes;
    struct poll_answer a = answer(&b, first, true);
    t_int(a.outcome.outcome, PLAN_ANSWERED);
    t_true(!a.outdated && !a.unchanged);
    t_int(b.changes, changes);
    t_int(quote(&b)->quote.bids.count, 2);
    answer(&b, second, true); /* its own level differs: the values of REST are taken */
    t_int(quote(&b)->quote.bids.count, 1);
    answer(&b, first, false);
    t_double(quote(&b)->quote.last_price, 10);
    end(&b);
}

static void answers_without_data_record_nothing(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct poll_answer a = answer(
        &b, "{\"status\":\"ERROR\",\"description\":\"Security A:ROFX doesn't exist\"}", false);
    t_int(a.outcome.outcome, PLAN_DROPPED);
    t_int(a.outcome.wait_ms, 777000);
    const struct http_reply lost = {
        .outcome = HTTP_TIMEOUT, .reason = "no answer in 5 s", .body = ""};
    a = take(&b, &lost, false);
    t_int(a.outcome.outcome, PLAN_BROKEN);
    t_str(a.outcome.why.text, "no answer in 5 s");
    struct http_reply limited = ok("");
    limited.status = 429;
    limited.retry_after_ms = 9000;
    a = take(&b, &limited, false);
    t_int(a.outcome.outcome, PLAN_THROTTLED);
    t_int(a.outcome.wait_ms, 9000);
    t_int(b.changes, 0);
    t_int(quote(&b)->seq, 0);
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_recorded_and_the_same_body_is_not_parsed_again),
        cmocka_unit_test(the_same_body_after_a_change_of_the_stream_is_recorded),
        cmocka_unit_test(an_answer_to_an_older_request_is_outdated),
        cmocka_unit_test(a_probe_with_fewer_levels_leaves_the_book),
        cmocka_unit_test(answers_without_data_record_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
