#include "support/t.h"

#include "primary/reference.h"

struct seen {
    char text[1000]; /* "market|symbol|cfi;" each */
    int count;
};

static void on_item(void *arg, const struct reference_item *item)
{
    struct seen *seen = arg;
    size_t used = strlen(seen->text);
    seen->count++;
    snprintf(seen->text + used, sizeof(seen->text) - used, "%s|%s|%s;", item->market_id,
             item->symbol, item->cfi_code);
}

struct row {
    const char *name;
    int status;
    const char *body;
    enum reply_class class;
    const char *items;
    int skipped;
    const char *words;
};

static void check(struct json_parser *parser, const struct row *row)
{
    struct reply reply = {row->status, "application/json", "", row->body, strlen(row->body)};
    struct seen seen = {{0}, 0};
    struct err why = {0};
    int skipped = -1;
    t_row(row->name);
    t_str(reply_class_name(reference_list(parser, &reply, &(struct reference_sink){on_item, &seen},
                                          &skipped, &why)),
          reply_class_name(row->class));
    t_str(seen.text, row->items);
    t_int(skipped, row->skipped);
    t_contains(why.text, row->words);
}

static void lists_in_both_forms(void **state)
{
    (void)state;
    static const struct row rows[] = {
        /* clang-format off */
        {"nested", 200,
         "{\"status\":\"OK\",\"instruments\":[{\"instrumentId\":{\"marketId\":\"ROFX\","
         "\"symbol\":\"DLR/NOV26\"},\"cficode\":\"FXXXSX\"},{\"cficode\":\"DBXXXX\",\"instrumentId\":"
         "{\"symbol\":\"MERV - XMEV - GD35 - 24hs\",\"marketId\":\"ROFX\"}}]}",
         REPLY_OK, "ROFX|DLR/NOV26|FXXXSX;ROFX|MERV - XMEV - GD35 - 24hs|DBXXXX;", 0, ""},
        {"flat", 200,
         "{\"status\":\"OK\",\"instruments\":[{\"marketId\":\"ROFX\",\"symbol\":\"DLR/NOV26\"},"
         "{\"marketId\":\"ROFX\",\"symbol\":\"DLR/DIC26\"}]}",
         REPLY_OK, "ROFX|DLR/NOV26|;ROFX|DLR/DIC26|;", 0, ""},
        {"details: the outer symbol is null", 200,
         "{\"status\":\"OK\",\"instruments\":[{\"symbol\":null,\"cficode\":\"DBXXXX\","
         "\"instrumentId\":{\"marketId\":\"ROFX\",\"symbol\":\"GD35\"}}]}",
         REPLY_OK, "ROFX|GD35|DBXXXX;", 0, ""},
        {"no market: ROFX", 200,
         "{\"status\":\"OK\",\"instruments\":[{\"symbol\":\"A\"},{\"symbol\":\"B\",\"marketId\":null}]}",
         REPLY_OK, "ROFX|A|;ROFX|B|;", 0, ""},
        {"empty", 200, "{\"status\":\"OK\",\"instruments\":[]}", REPLY_OK, "", 0, ""},
        {"null",  200, "{\"status\":\"OK\",\"instruments\":null}", REPLY_OK, "", 0, ""},
        {"invalid ones are counted", 200,
         "{\"status\":\"OK\",\"instruments\":[null,7,\"DLR\",[],{},{\"symbol\":null},{\"symbol\":\"\"},"
         "{\"symbol\":\"A\\nB\"},{\"symbol\":\"A\\u0085B\"},{\"symbol\":5},"
         "{\"symbol\":\"C\",\"marketId\":5},{\"instrumentId\":{\"marketId\":\"ROFX\"}},"
         "{\"symbol\":\"D\",\"cficode\":7}]}",
         REPLY_OK, "ROFX|D|;", 12, ""},
        {"a key twice: the first", 200,
         "{\"status\":\"OK\",\"instruments\":[{\"symbol\":\"A\",\"symbol\":\"B\"}]}",
         REPLY_OK, "ROFX|A|;", 0, ""},
        /* clang-format on */
    };
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < T_COUNT(rows); i++)
        check(parser, &rows[i]);
    json_parser_destroy(parser);
}

static void errors_never_call_back(void **state)
{
    (void)state;
    static const struct row rows[] = {
        /* clang-format off */
        {"invalid token", 401, "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}", REPLY_AUTH, "", 0, "token"},
        {"page",       200, "<html>", REPLY_PAGE, "", 0, "an HTML page"},
        {"empty",      200, "", REPLY_PAGE, "", 0, "an empty body"},
        {"unknown segment", 200, "{\"status\":\"ERROR\",\"description\":\"Segment X:ROFX doesn't exist\"}",
         REPLY_UNKNOWN_SEGMENT, "", 0, "Segment X"},
        {"truncated",  200, "{\"status\":\"OK\",\"instruments\":[{\"symbol\":\"A\"}", REPLY_MALFORMED, "", 0,
         "not JSON at byte"},
        {"no list",    200, "{\"status\":\"OK\"}", REPLY_MALFORMED, "", 0, "instruments is missing"},
        {"an object",  200, "{\"status\":\"OK\",\"instruments\":{\"symbol\":\"A\"}}", REPLY_MALFORMED, "", 0,
         "instruments is not a list"},
        {"no status",  200, "{\"instruments\":[{\"symbol\":\"A\"}]}", REPLY_MALFORMED, "", 0, "status"},
        /* clang-format on */
    };
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < T_COUNT(rows); i++)
        check(parser, &rows[i]);
    json_parser_destroy(parser);
}

static void symbols_that_may_be_stored(void **state)
{
    (void)state;
    char text[SYMBOL_BYTES_MAX + 2];
    t_true(reference_symbol_valid("DLR/DIC26"));
    t_true(reference_symbol_valid("SOJ.ROS/MAY27 380 C"));
    t_true(reference_symbol_valid("D\xc3\xb3lar"));
    t_true(!reference_symbol_valid(""));
    t_true(!reference_symbol_valid("A\tB"));
    t_true(!reference_symbol_valid("\tA"));
    t_true(!reference_symbol_valid("A\x7f"));
    t_true(!reference_symbol_valid("A\xc2\x9b"));
    t_true(!reference_symbol_valid("D\xf3lar"));
    t_true(!reference_symbol_valid("D\xc3"));
    memset(text, 'x', sizeof(text));
    text[SYMBOL_BYTES_MAX] = '\0';
    t_true(reference_symbol_valid(text));
    text[SYMBOL_BYTES_MAX] = 'x';
    text[SYMBOL_BYTES_MAX + 1] = '\0';
    t_true(!reference_symbol_valid(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_in_both_forms),
        cmocka_unit_test(errors_never_call_back),
        cmocka_unit_test(symbols_that_may_be_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
