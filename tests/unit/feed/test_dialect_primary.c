#include "feed/dialect_primary.h"

#include "support/config_text.h"

static struct dialect dialect_of(const struct config *config)
{
    struct dialect d;
    t_int(dialect_primary_create(&d, config, NULL), 0);
    return d;
}

static void urls(void **state)
{
    (void)state;
    static const struct {
        const char *broker, *url;
    } rows[] = {
        {"url = \"https://api.b.test/\"", "wss://api.b.test/"},
        {"url = \"HTTPS://api.b.test:8443\"", "wss://api.b.test:8443/"},
        {"url = \"http://127.0.0.1:1/\"", "ws://127.0.0.1:1/"},
        {"url = \"https://api.b.test/\" stream_url = \"wss://stream.b.test/x\"",
         "wss://stream.b.test/x"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[256];
        t_row(rows[i].broker);
        snprintf(text, sizeof(text),
                 "broker { %s\nuser = \"a\" }\ninstruments { symbols = {\"A\"} }\n",
                 rows[i].broker);
        struct config *config = config_good(text);
        struct dialect d = dialect_of(config);
        t_str(d.url(d.arg), rows[i].url);
        d.destroy(d.arg);
        config_free(config);
    }
}

static void messages(void **state)
{
    (void)state;
    struct config *config = config_good(CONFIG_MINIMAL "poll { entries = {BI, LA} }\n"
                                                       "stream { depth = 2 level = 3 }\n");
    struct dialect d = dialect_of(config);
    const struct dialect_instrument instruments[] = {{"ROFX", "A"}, {"ROFX", "B"}};
    const struct dialect_batch batch = {instruments, 2};
    struct buf out;
    buf_init(&out, 1024);
    t_true(d.subscribe(d.arg, &batch, 0, &out));
    t_str(buf_text(&out), "{\"type\":\"smd\",\"level\":3,\"depth\":2,\"entries\":[\"BI\",\"LA\"],"
                          "\"products\":[{\"symbol\":\"A\",\"marketId\":\"ROFX\"},"
                          "{\"symbol\":\"B\",\"marketId\":\"ROFX\"}]}");
    t_true(!d.subscribe(d.arg, &batch, 1, &out)); /* one message per batch */
    buf_finish(&out);
    assert_null(d.keep_alive);
    t_int(d.source, SOURCE_STREAM);
    d.destroy(d.arg);
    config_free(config);
}

static void each_message_is_one_item(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum stream_item_kind kind;
    } rows[] = {
        {"{\"type\":\"Md\",\"instrumentId\":{\"symbol\":\"A\"},\"marketData\":{}}", STREAM_DATA},
        {"[]", STREAM_MALFORMED},
        {"", STREAM_MALFORMED},
        {"<html>", STREAM_PAGE},
    };
    struct config *config = config_good(CONFIG_MINIMAL);
    struct dialect d = dialect_of(config);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct stream_message message = {rows[i].text, strlen(rows[i].text), 0};
        struct stream_item item;
        t_row(rows[i].text);
        t_true(d.decode(d.arg, &message, &item));
        t_int(item.kind, rows[i].kind);
        t_true(!d.decode(d.arg, &message, &item));
    }
    d.destroy(d.arg);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls),
        cmocka_unit_test(messages),
        cmocka_unit_test(each_message_is_one_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
