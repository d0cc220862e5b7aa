#include "broker/selection.h"

#include "support/config_text.h"

#include <errno.h>

#define TODAY 20784 /* 2026-11-27 */

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
    const struct selection_input input = {config, NULL, TODAY};
    enum reply_class class = selection_read(out, &input, parser, &reply, err);
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
        {"\"ggal\", \"GGAL\"", "", {true, false}, {0}, 1, "GGAL,ggal"},
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
        for (size_t n = 0; n < s.rules.rules_count; n++) {
            const struct rule_match *rule = &s.rules.rules[n];
            size_t at = rule->kind == RULE_SYMBOL ? n : n - s.rules.named_count;
            if (rule->kind == RULE_SYMBOL)
                t_int(selection_is_listed(&s, rule->text), rows[i].present[at]);
            else
                t_int(rule->matched, rows[i].matching[at]);
        }
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
    t_int(selection_named(&s, &(struct selection_input){config, NULL, TODAY}), 0);
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
    t_int(selection_gone(&now, &before.symbols), 2);
    t_int(selection_keep(&now, &before.symbols), 0);
    t_int(selection_lost(&before.symbols, &now.symbols), 0);
    t_int(now.symbols.count, 5);
    selection_finish(&before);
    selection_finish(&now);
    config_free(config);
}

/* --- reference data --------------------------------------------------------------------------- */

/* What an earlier list of details said. */
static struct instrument_list *known_instruments(void)
{
    static const struct {
        const char *symbol, *segment, *maturity;
    } rows[] = {{"DLR/DIC26", "DDF", "20261126"},
                {"DLR/ENE27", "DDF", "20270129"},
                {"OLD", "DDF", "20261126"},
                {"GGAL", "MERV", NULL}};
    struct instrument_list *known = instrument_list_create();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct instrument one = instrument_unknown;
        one.market_id = "ROFX";
        one.symbol = rows[i].symbol;
        one.segment = rows[i].segment;
        one.maturity = rows[i].maturity;
        one.cfi_code = "FXXXSX";
        one.listed = true;
        t_int(instrument_list_put(known, &one), 0);
    }
    return known;
}

static struct config *ruled(const char *rules)
{
    char text[512];
    snprintf(text, sizeof(text),
             "broker { url = \"https://api.broker.example/\" user = \"u\" }\n"
             "instruments { %s }\n",
             rules);
    return config_good(text);
}

static void put_all(char out[256], const struct config_strings *symbols)
{
    *out = '\0';
    for (size_t i = 0; i < symbols->count; i++)
        snprintf(out + strlen(out), 256 - strlen(out), "%s%s", i ? "," : "", symbols->item[i]);
}

/* The broker's list has no segments and no maturities. */
static void rules_use_the_reference_data(void **state)
{
    (void)state;
    static const struct {
        const char *rules, *recorded, *without; /* reference data */
    } rows[] = {
        {"segments = {DDF}", "DLR/ENE27", ""},
        {"symbols = {OLD, GGAL} segments = {DDF}", "DLR/ENE27,GGAL", "GGAL,OLD"},
        {"products = {DLR}", "DLR/ENE27", "DLR/DIC26,DLR/ENE27"},
        {"match = {\"*\"} maturities = 1", "DLR/ENE27,GGAL,I.RFX20", "DLR/DIC26,GGAL,I.RFX20"},
    };
    struct instrument_list *known = known_instruments();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct config *config = ruled(rows[i].rules);
        for (int with = 0; with < 2; with++) {
            struct selection s;
            char all[256];
            struct json_parser *parser = json_parser_create();
            const struct selection_input input = {config, with ? known : NULL, TODAY};
            struct reply reply = {.status = 200,
                                  .content_type = "",
                                  .location = "",
                                  .body = list,
                                  .body_len_bytes = strlen(list)};
            t_row(rows[i].rules);
            t_int(selection_read(&s, &input, parser, &reply, NULL), REPLY_OK);
            put_all(all, &s.symbols);
            t_str(all, with ? rows[i].recorded : rows[i].without);
            selection_finish(&s);
            json_parser_destroy(parser);
        }
        config_free(config);
    }
    instrument_list_release(known);
}

static void put_unfound(void *arg, const char *text, const char *words)
{
    char *all = arg;
    (void)text;
    snprintf(all + strlen(all), 512 - strlen(all), "%s|", words);
}

static void put_segments(struct instrument_list *known)
{
    static const struct {
        const char *id;
        bool listed;
    } segments[] = {{"DDF", true}, {"TEST", true}, {"OLD", false}};
    for (size_t i = 0; i < T_COUNT(segments); i++) {
        const struct market_segment one = {"ROFX", segments[i].id, 0, segments[i].listed};
        t_int(instrument_list_put_segment(known, &one), 0);
    }
}

static void rules_over_values_have_near_matches(void **state)
{
    (void)state;
    static const struct {
        const char *rules, *words; /* with reference data */
    } rows[] = {
        {"segments = {DDF}", ""},
        {"segments = {DDFF}", "instruments.segments: 'DDFF' matches nothing in the broker's list; "
                              "did you mean 'DDF'?|"},
        {"segments = {TEST}", "instruments.segments: 'TEST' matches a segment of the broker that "
                              "lists no instruments|"},
        {"segments = {OLD}", "instruments.segments: 'OLD' matches nothing in the broker's list|"},
        {"segments = {\"QQ*\"}",
         "instruments.segments: 'QQ*' matches nothing in the broker's list|"},
        {"cfi = {FXXSX}", "instruments.cfi: 'FXXSX' matches nothing in the broker's list; did you "
                          "mean 'FXXXSX'?|"},
    };
    struct instrument_list *known = known_instruments();
    put_segments(known);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct config *config = ruled(rows[i].rules);
        for (int with = 0; with < 2; with++) {
            struct selection s;
            char words[512] = "";
            const struct selection_input input = {config, with ? known : NULL, TODAY};
            t_row(rows[i].rules);
            t_int(selection_known(&s, &input), with ? 0 : -ENOENT);
            if (with)
                selection_unfound(&s, put_unfound, words);
            t_str(words, with ? rows[i].words : "");
            if (with)
                selection_finish(&s);
        }
        config_free(config);
    }
    instrument_list_release(known);
}

static void what_is_known_is_a_list(void **state)
{
    (void)state;
    struct selection s;
    char all[256];
    struct config *config = ruled("symbols = {OTHER} match = {\"*\"}");
    struct instrument_list *known = known_instruments();
    const struct selection_input input = {config, known, TODAY};
    t_int(selection_known(&s, &input), 0);
    put_all(all, &s.symbols);
    t_str(all, "DLR/ENE27,GGAL,OTHER"); /* the others have matured */
    t_int(selection_gone(&s, &s.symbols), 0);
    selection_finish(&s);
    instrument_list_release(known);
    config_free(config);
}

/* One that the list has does not make it doubtful when no rule selects it any more. */
static void gone_is_what_the_list_lacks(void **state)
{
    (void)state;
    struct selection before, now;
    struct config *all = wanting("", "\"*\""), *one = wanting("\"GGAL\"", "");
    t_row("another rule");
    t_int(read_list(&before, all, list, NULL), REPLY_OK);
    t_int(
        read_list(&now, one, LIST(ITEM("GGAL") "," ITEM("DLR/DIC26") "," ITEM("DLR/ENE27")), NULL),
        REPLY_OK);
    t_int(selection_lost(&before.symbols, &now.symbols), 3);
    t_int(selection_gone(&now, &before.symbols), 1);
    t_int(selection_keep(&now, &before.symbols), 0);
    t_int(now.symbols.count, 2);
    selection_finish(&before);
    selection_finish(&now);
    config_free(all);
    config_free(one);
}

static void note_matured(void *arg, const char *text, const char *words)
{
    char *all = arg;
    snprintf(all + strlen(all), 512 - strlen(all), "%s %s\n", text, words);
}

static void matured_ones_are_reported(void **state)
{
    (void)state;
    char words[512] = "";
    struct selection before, now;
    struct config *config = ruled("symbols = {OLD, GGAL, NEVER}");
    struct instrument_list *known = known_instruments();
    t_row("a day later");
    t_int(selection_named(&before, &(struct selection_input){config, known, TODAY - 1}), 0);
    t_int(before.symbols.count, 3);
    t_int(selection_named(&now, &(struct selection_input){config, known, TODAY}), 0);
    t_int(now.symbols.count, 2);
    selection_matured(&now, &before.symbols, note_matured, words);
    t_str(words, "OLD matured on 2026-11-26 and is not recorded any more\n");
    selection_finish(&before);
    selection_finish(&now);
    instrument_list_release(known);
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
        const struct selection_input input = {config, NULL, TODAY};
        t_int(selection_read(&s, &input, parser, &reply, NULL), REPLY_OK);
        selection_unfound(&s, note, words);
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
        cmocka_unit_test(rules_use_the_reference_data),
        cmocka_unit_test(rules_over_values_have_near_matches),
        cmocka_unit_test(what_is_known_is_a_list),
        cmocka_unit_test(gone_is_what_the_list_lacks),
        cmocka_unit_test(matured_ones_are_reported),
        cmocka_unit_test(symbols_and_globs_without_a_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
