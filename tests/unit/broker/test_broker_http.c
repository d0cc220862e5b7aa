#include "broker/broker_http.h"

#include "support/t.h"

static void an_answer_keeps_its_parts(void **state)
{
    (void)state;
    const struct http_reply http = {.outcome = HTTP_OK,
                                    .status = 302,
                                    .content_type = "text/html",
                                    .location = "https://x/login",
                                    .body = "ab\0c",
                                    .body_len_bytes = 4};
    struct reply reply = broker_http_reply(&http);
    t_int(reply.status, 302);
    t_str(reply.content_type, "text/html");
    t_str(reply.location, "https://x/login");
    t_true(reply.body == http.body);
    t_int(reply.body_len_bytes, 4);
}

static void the_certificate_file_is_used(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    char missing[] = "/nowhere/ca.pem", none[] = "";
    struct config_broker broker = {.ca_file = missing, .timeout_ms = 1000};
    struct err err = {0};
    t_true(!broker_http_create(loop, &broker, 1000, 1, &err));
    t_true(err.code < 0);
    t_contains(err.text, "/nowhere/ca.pem");
    broker.ca_file = none;
    struct http *http = broker_http_create(loop, &broker, 1000, 1, &err);
    t_true(http);
    http_destroy(http);
    loop_destroy(loop);
}

static void a_body_is_taken_or_copied(void **state)
{
    (void)state;
    struct buf memory, taken;
    struct http_reply http = {.body = "abc", .body_len_bytes = 3};
    t_int(broker_http_take_body(&http, &taken), 0);
    t_str(buf_text(&taken), "abc");
    t_true(buf_text(&taken) != http.body);
    buf_finish(&taken);
    t_row("taken");
    buf_init(&memory, 100);
    buf_puts(&memory, "large");
    http.body_memory = &memory;
    http.body = buf_text(&memory);
    http.body_len_bytes = memory.len_bytes;
    t_int(broker_http_take_body(&http, &taken), 0);
    t_true(buf_text(&taken) == http.body);
    t_int(taken.len_bytes, 5);
    t_int(memory.len_bytes, 0);
    t_int(memory.max_bytes, 100);
    buf_finish(&taken);
    buf_finish(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_keeps_its_parts),
        cmocka_unit_test(the_certificate_file_is_used),
        cmocka_unit_test(a_body_is_taken_or_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
