#include "broker/selection.h"

#include "support/config_text.h"

#define LIST(items) "{\"status\":\"OK\",\"instruments\":[" items "]}"
#define ITEM(s)     "{\"instrumentId\":{\"marketId\":\"ROFX\",\"symbol\":\"" s "\"},\"cficode\":\"X\"}"

static const char list[] =
    LIST(ITEM("DLR/DIC26") "," ITEM("DLR/ENE27") "," ITEM("GGAL") "," ITEM("I.RFX20"));

static struct config *wanting(const char *symbols, const char *match)
{
    char text[512];
    snprintf(text, sizeof(text),
             "broker { url = \"https://api.broker.example/\" user = \"u\" }\n"
             "instruments { symbols = {%s} match = {%s} }\n",
             symbols, match);
    return config_good(text);
}

static enum reply_class read_list(struct selection *out, const struct config *config,
                                  const char *body, struct err *err)
{
    struct json_parser *parser = json_parser_create();
    struct reply reply = {.status = 200,
                          .content_type = "",
                          .location = "",
                          .body = body,
                          .body_len_bytes = strlen(body)};
    enum reply_class class = selection_read(out, config, parser, &reply, err);
    json_parser_destroy(parser);
    return class;
}

static void counts(void **state)
{
    (void)state;
    static const struct {
        const char *symbols, *match;
        bool present[2];
        size_t matching[2], found;
        const char *recorded; /* comma-separated */
    } rows[] = {
        {"\"GGAL\"", "", {true}, {0}, 1, "GGAL"},
        {"\"ggal\", \"GGAL\"", "", {false, true}, {0}, 1, "GGAL,ggal"},
        {"\"NONE\"", "", {false}, {0}, 0, "NONE"},
        {"", "\"DLR/*\"", {false}, {2}, 2, "DLR/DIC26,DLR/ENE27"},
        {"", "\"dlr/*\", \"*\"", {false}, {2, 4}, 4, "DLR/DIC26,DLR/ENE27,GGAL,I.RFX20"},
        {"\"DLR/DIC26\", \"GGAL\"",
         "\"DLR/*\", \"X*\"",
         {true, true},
         {2, 0},
         3,
         "DLR/DIC26,DLR/ENE27,GGAL"},
        {"\"A\", \"A\", \"B\"", "\"X*\"", {false}, {0}, 0, "A,B"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct selection s;
        char name[128], recorded[128] = "";
        snprintf(name, sizeof(name), "%s and %s", rows[i].symbols, rows[i].match);
        t_row(name);
        struct config *config = wanting(rows[i].symbols, rows[i].match);
        t_int(read_list(&s, config, list, NULL), REPLY_OK);
        t_int(s.listed, 4);
        t_int(s.found, rows[i].found);
        for (size_t n = 0; n < config->symbols.count && n < 2; n++)
            t_int(s.present[n], rows[i].present[n]);
        for (size_t n = 0; n < config->match.count; n++)
            t_int(s.matching[n], rows[i].matching[n]);
        for (size_t n = 0; n < s.symbols.count; n++)
            snprintf(recorded + strlen(recorded), sizeof(recorded) - strlen(recorded), "%s%s",
                     n ? "," : "", s.symbols.item[n]);
        t_str(recorded, rows[i].recorded);
        selection_finish(&s);
        config_free(config);
    }
}

static void symbols_without_a_list(void **state)
{
    (void)state;
    struct selection s;
    struct config *config = wanting("\"B\", \"A\", \"B\"", "\"*\"");
    t_row("no list");
    t_int(selection_named(&s, config), 0);
    t_int(s.symbols.count, 2);
    t_str(s.symbols.item[0], "A");
    t_str(s.symbols.item[1], "B");
    selection_finish(&s);
    config_free(config);
}

static void unusable_items_are_counted(void **state)
{
    (void)state;
    struct selection s;
    struct config *config = wanting("", "\"*\"");
    t_row("a tab, no symbol");
    t_int(read_list(&s, config, LIST(ITEM("A") "," ITEM("B\\tC") ",{}," ITEM("D")), NULL),
          REPLY_OK);
    t_int(s.listed, 2);
    t_int(s.unusable, 2);
    selection_finish(&s);
    config_free(config);
}

static void not_a_list(void **state)
{
    (void)state;
    static const struct {
        const char *body, *words;
    } rows[] = {
        {LIST(""), "empty"},
        {"", ""},
        {"<html>", ""},
        {"{\"status\":\"ERROR\",\"description\":\"Access Denied\"}", "Access Denied"},
        {"{\"status\":\"OK\"}", ""},
        {"{\"status\":\"OK\",\"instruments\":[" ITEM("A"), ""},
    };
    struct config *config = wanting("\"A\"", "\"*\"");
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct selection s;
        struct err err = {0};
        t_row(rows[i].body);
        t_true(read_list(&s, config, rows[i].body, &err) != REPLY_OK);
        t_true(*err.text);
        t_contains(err.text, rows[i].words);
    }
    config_free(config);
}

/* --- compared with the previous selection ----------------------------------------------------- */

static void an_incomplete_list(void **state)
{
    (void)state;
    static const struct {
        size_t lost, before;
        bool cut;
    } rows[] = {{0, 0, false}, {0, 10, false}, {1, 10, false}, {1, 9, true},  {2, 10, true},
                {1, 1, true},  {3, 30, false}, {4, 30, true},  {10, 10, true}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char name[64];
        snprintf(name, sizeof(name), "%zu of %zu", rows[i].lost, rows[i].before);
        t_row(name);
        t_int(selection_is_cut(rows[i].lost, rows[i].before), rows[i].cut);
    }
}

static void lost_instruments_can_be_kept(void **state)
{
    (void)state;
    struct selection before, now;
    struct config *config = wanting("", "\"*\"");
    t_row("half of the list");
    t_int(read_list(&before, config, list, NULL), REPLY_OK);
    t_int(read_list(&now, config, LIST(ITEM("GGAL") "," ITEM("NEW") "," ITEM("DLR/DIC26")), NULL),
          REPLY_OK);
    t_int(selection_lost(&before.symbols, &now.symbols), 2);
    t_int(selection_lost(&now.symbols, &before.symbols), 1);
    t_int(selection_keep(&now, &before.symbols), 0);
    t_int(selection_lost(&before.symbols, &now.symbols), 0);
    t_int(now.symbols.count, 5);
    selection_finish(&before);
    selection_finish(&now);
    config_free(config);
}

/* --- similar symbols -------------------------------------------------------------------------- */

static void note(void *arg, const char *text, const char *words)
{
    char *all = arg;
    t_true(strstr(words, text));
    snprintf(all + strlen(all), 2048 - strlen(all), "%s\n", words);
}

static void symbols_and_globs_without_a_match(void **state)
{
    (void)state;
    static const char body[] = LIST(ITEM("DLR/DIC26") "," ITEM(
        "MERV - XMEV - GGAL - 24hs") "," ITEM("MERV - XMEV - GGAL - CI") "," ITEM("SOJ.ROS/MAY27"));
    static const struct {
        const char *symbols, *match, *words;
    } rows[] = {
        {"\"DLR/DIC26\"", "\"*\"", ""},
        {"\"dlr/dic26\"", "",
         "instruments.symbols: 'dlr/dic26' is not in the broker's list; did you mean "
         "'DLR/DIC26'?\n"},
        {"\"GGAL\"", "",
         "instruments.symbols: 'GGAL' is not in the broker's list; did you mean "
         "'MERV - XMEV - GGAL - 24hs', 'MERV - XMEV - GGAL - CI'?\n"},
        {"", "\"DLR/*\", \"QQQQ*\"",
         "instruments.match: 'QQQQ*' matches nothing in the broker's list\n"},
        {"\"ZZZZ\"", "\"SOJ/*\"",
         "instruments.symbols: 'ZZZZ' is not in the broker's list\n"
         "instruments.match: 'SOJ/*' matches nothing in the broker's list; did you mean "
         "'SOJ.ROS/MAY27'?\n"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct selection s;
        char words[2048] = "";
        struct config *config = wanting(rows[i].symbols, rows[i].match);
        struct json_parser *parser = json_parser_create();
        struct reply reply = {.status = 200,
                              .content_type = "",
                              .location = "",
                              .body = body,
                              .body_len_bytes = strlen(body)};
        t_row(rows[i].words);
        t_int(selection_read(&s, config, parser, &reply, NULL), REPLY_OK);
        selection_unfound(&s, parser, &reply, note, words);
        t_str(words, rows[i].words);
        selection_finish(&s);
        json_parser_destroy(parser);
        config_free(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(symbols_without_a_list),
        cmocka_unit_test(unusable_items_are_counted),
        cmocka_unit_test(not_a_list),
        cmocka_unit_test(an_incomplete_list),
        cmocka_unit_test(lost_instruments_can_be_kept),
        cmocka_unit_test(symbols_and_globs_without_a_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
