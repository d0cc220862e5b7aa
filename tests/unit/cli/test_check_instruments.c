#include "cli/check_instruments.h"

#include "support/config_text.h"

#define TODAY 20784 /* 2026-11-27 */

#define ITEM(s)                                                                                    \
    "{\"instrumentId\":{\"marketId\":\"ROFX\",\"symbol\":\"" s "\"},\"cficode\":\"FXXXSX\"}"

static const char list[] = "{\"status\":\"OK\",\"instruments\":[" ITEM("DLR/ENE27") "," ITEM(
    "DLR/DIC26") "," ITEM("DLR/OCT26") "," ITEM("DLR/DIC26/ENE27") "]}";

/* What `cinta check --instruments` prints for these rules and that list. */
static void print(struct buf *out, const char *poll, const char *rules, bool listed)
{
    char text[512];
    struct selection s;
    struct json_parser *parser = json_parser_create();
    const struct reply reply = {200, "", "", list, sizeof(list) - 1};
    snprintf(text, sizeof(text),
             "broker { url = \"https://api.broker.example/\" user = \"u\" }\n"
             "poll { %s }\ninstruments { %s }\n",
             poll, rules);
    struct config *config = config_good(text);
    const struct selection_input input = {config, NULL, TODAY};
    if (listed)
        t_int(selection_read(&s, &input, parser, &reply, NULL), REPLY_OK);
    else
        t_int(selection_named(&s, &input), 0);
    buf_init(out, 65536);
    check_instruments_put(out, &s);
    selection_finish(&s);
    config_free(config);
    json_parser_destroy(parser);
}

static void rules_and_what_they_select(void **state)
{
    (void)state;
    struct buf out;
    t_row("all kinds");
    print(&out, "rate = 1 interval = 1",
          "products = {DLR} exclude = {\"DLR/*/*\"} maturities = 1 currency = ARS symbols = {X}",
          true);
    t_contains(buf_text(&out), "instruments to record: 2, of 4 in the broker's list\n"
                               "without the stream each is polled every 2 s, those that change "
                               "more often, and none less often than every 5 s\n");
    t_contains(buf_text(&out), "symbols X              0  recorded\n");
    t_contains(buf_text(&out), "products DLR           4  recorded\n");
    t_contains(buf_text(&out), "exclude DLR/*/*        1  left out\n");
    t_contains(buf_text(&out), "currency = ARS         0  of another currency, left out\n");
    t_contains(buf_text(&out), "maturities = 1         1  of later maturities, left out\n");
    t_contains(buf_text(&out), "maturity date          1  matured, left out\n");
    t_contains(buf_text(&out), "DLR/DIC26  -        FXXXSX  -         2026-12-31  -\n");
    t_contains(buf_text(&out), "X          -        -       -         -           not in the "
                               "broker's list\n");
    t_true(strstr(buf_text(&out), "DLR/ENE27") == NULL);
    buf_finish(&out);
}

static void symbols_without_a_list(void **state)
{
    (void)state;
    struct buf out;
    t_row("named only");
    print(&out, "rate = 10 interval = 1", "symbols = {B, A}", false);
    t_contains(buf_text(&out), "instruments to record: 2\nwithout the stream each is polled every "
                               "1 s\n");
    t_true(strstr(buf_text(&out), "rule") == NULL);
    t_true(strstr(buf_text(&out), "not in the broker's list") == NULL);
    t_true(strstr(buf_text(&out), "A ") < strstr(buf_text(&out), "\nB "));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_and_what_they_select),
        cmocka_unit_test(symbols_without_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
