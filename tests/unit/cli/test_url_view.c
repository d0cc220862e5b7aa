#include "cli/url_view.h"

#include "base/json.h"
#include "support/t.h"

static struct url_findings found;

static void lines(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 65536);
    url_explain("wss://example.com/#hunter2", &found);
    url_view(&out, &found, 60, false);
    t_contains(buf_text(&out), "ok       URL           read wss://example.com/#(7 bytes)\n"
                               "failed   cause         The host example.com is not one of a\n"
                               "                       known broker\n"
                               "                       means: ");
    t_contains(buf_text(&out), "failed   also          There is a # in the URL\n");
    t_contains(buf_text(&out), "\n\nThe host example.com is not one of a known broker: ");
    t_true(out.data[out.len_bytes - 1] == '\n' && out.data[out.len_bytes - 2] == '.');
    buf_clear(&out);
    url_explain("ws://127.0.0.1:8787/", &found);
    url_view(&out, &found, 80, true);
    t_contains(buf_text(&out), "\033[32mok      \033[0m cause         The URL can be");
    buf_finish(&out);
}

static void json(void **state)
{
    (void)state;
    struct buf out;
    struct json_parser *parser = json_parser_create();
    buf_init(&out, 65536);
    url_explain("wss://example.com/#hunter2", &found);
    url_view_json(&out, &found);
    const struct json *root = json_parse(parser, out.data, out.len_bytes, NULL);
    t_str(json_string(json_get(root, "cause")), "host_unknown");
    t_str(json_string(json_get(root, "class")), "CONFIG");
    t_str(json_string(json_get(root, "sentence")), found.sentence);
    const struct json *step = json_first(json_get(root, "steps"));
    t_str(json_string(json_get(step, "name")), "url");
    t_str(json_string(json_get(step, "state")), "failed");
    t_str(json_string(json_get(step, "tried")), "wss://example.com/#(7 bytes)");
    t_str(json_string(json_get(step, "came_back")), found.finding[0].what);
    t_int(json_type(json_get(step, "ms")), JSON_NULL);
    step = json_next(step);
    t_str(json_string(json_get(step, "cause")), "fragment");
    t_true(!json_next(step));
    json_parser_destroy(parser);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
