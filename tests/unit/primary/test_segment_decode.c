#include "primary/segment_decode.h"

#include "support/t.h"

#include <stdlib.h>

#define OK(segments) "{\"status\":\"OK\",\"segments\":" segments "}"

static void put_all(char out[256], const struct instrument_list *list)
{
    *out = '\0';
    for (size_t i = 0; i < instrument_list_segments(list); i++) {
        const struct market_segment *s = instrument_list_segment(list, i);
        t_true(s->listed && s->ts_listed == 7);
        snprintf(out + strlen(out), 256 - strlen(out), "%s%s:%s", i ? "," : "", s->market_id,
                 s->id);
    }
}

static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int status;
        const char *body;
        enum reply_class class;
        const char *segments, *words;
    } rows[] = {
        /* clang-format off */
        {"as documented", 200, OK("[{\"marketSegmentId\":\"DDF\",\"marketId\":\"ROFX\"},"
                                  "{\"marketId\":\"ROFX\",\"marketSegmentId\":\"MERV\"}]"),
         REPLY_OK, "ROFX:DDF,ROFX:MERV", ""},
        {"the same twice", 200, OK("[{\"marketSegmentId\":\"DDF\"},{\"marketSegmentId\":\"DDF\",\"marketId\":null}]"),
         REPLY_OK, "ROFX:DDF", ""},
        {"of two markets", 200, OK("[{\"marketSegmentId\":\"A\",\"marketId\":\"X\"},{\"marketSegmentId\":\"A\"}]"),
         REPLY_OK, "X:A,ROFX:A", ""},
        {"unusable ones", 200, OK("[null,7,\"DDF\",[],{},{\"marketSegmentId\":null},{\"marketSegmentId\":\"\"},"
                                  "{\"marketSegmentId\":\"a\\u0007b\"},{\"marketSegmentId\":5},"
                                  "{\"marketSegmentId\":\"A\",\"marketId\":5},{\"marketSegmentId\":\"OK\",\"more\":{}}]"),
         REPLY_OK, "ROFX:OK", ""},
        {"null", 200, OK("null"), REPLY_OK, "", ""},
        {"empty", 200, OK("[]"), REPLY_OK, "", ""},
        {"missing", 200, "{\"status\":\"OK\"}", REPLY_MALFORMED, "", "segments is missing"},
        {"an object", 200, OK("{}"), REPLY_MALFORMED, "", "segments is not a list"},
        {"cut off", 200, "{\"status\":\"OK\",\"segments\":[{\"mark", REPLY_MALFORMED, "", "JSON"},
        {"an error", 200, "{\"status\":\"ERROR\",\"description\":\"Invalid URL\"}", REPLY_BAD_PATH, "", "Invalid URL"},
        {"a page", 200, "<html><title>Mantenimiento</title>", REPLY_PAGE, "", "Mantenimiento"},
        {"unauthorized", 401, "", REPLY_AUTH, "", "401"},
        {"the server", 500, "", REPLY_SERVER, "", "500"},
        /* clang-format on */
    };
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const char *body = rows[i].body;
        struct reply reply = {rows[i].status, "application/json", "", body, strlen(body)};
        struct instrument_list *list = instrument_list_create();
        struct err why = {0};
        char all[256];
        if (*body == '<')
            reply.content_type = "text/html";
        t_row(rows[i].name);
        t_str(reply_class_name(segment_decode(parser, &reply, 7, list, &why)),
              reply_class_name(rows[i].class));
        put_all(all, list);
        t_str(all, rows[i].segments);
        t_contains(why.text, rows[i].words);
        instrument_list_release(list);
    }
    json_parser_destroy(parser);
}

static void not_more_than_fit(void **state)
{
    (void)state;
    struct buf body;
    struct err why = {0};
    struct json_parser *parser = json_parser_create();
    struct instrument_list *list = instrument_list_create();
    buf_init(&body, 1 << 20);
    buf_puts(&body, "{\"status\":\"OK\",\"segments\":[");
    for (int i = 0; i < 2 * SEGMENTS_MAX; i++)
        buf_printf(&body, "%s{\"marketSegmentId\":\"S%d\"}", i ? "," : "", i);
    buf_puts(&body, "]}");
    const struct reply reply = {200, "application/json", "", buf_text(&body), body.len_bytes};
    t_int(segment_decode(parser, &reply, 7, list, &why), REPLY_OK);
    t_int(instrument_list_segments(list), SEGMENTS_MAX);
    t_str(instrument_list_segment(list, SEGMENTS_MAX - 1)->id, "S255");
    instrument_list_release(list);
    json_parser_destroy(parser);
    buf_finish(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(not_more_than_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
