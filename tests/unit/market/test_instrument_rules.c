#include "market/instrument_rules.h"

#include "base/clock.h"
#include "support/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TODAY "2026-11-27"

/* symbol, segment, CFI code, currency, maturity; "" = the broker does not say */
static const char *const market[][5] = {
    {"DLR/OCT26", "DDF", "FXXXSX", "ARS", "20261030"},
    {"DLR/NOV26", "DDF", "FXXXSX", "ARS", "20261127"},
    {"DLR/DIC26", "DDF", "FXXXSX", "ARS", "20261230"},
    {"DLR/DIC26A", "DDF", "FXXXSX", "ARS", "20261230"},
    {"DLR/ENE27", "DDF", "FXXXSX", "ARS", "20270129"},
    {"DLR/DIC26/ENE27", "DDF", "FXXXXX", "ARS", "20261230"},
    {"DLR/FEB27", "", "FXXXSX", "", ""},
    {"SOJ.ROS/MAY27", "DDA", "FXXXSX", "USD", "20270523"},
    {"SOJ.ROS/JUL27", "DDA", "FXXXSX", "USD", "20270723"},
    {"SOJ.ROS/MAY27 380 C", "DDA", "OCAFXS", "USD", "20270523"},
    {"I.RFX20", "DUAL", "MRIXXX", "ARS", ""},
    {"MERV - XMEV - AL30 - 24hs", "MERV", "DBXXXX", "ARS", "20300709"},
    {"MERV - XMEV - AL30D - 24hs", "MERV", "DBXXXX", "USD", "20300709"},
    {"MERV - XMEV - GGAL - 24hs", "MERV", "ESXXXX", "ARS", ""},
};
#define MARKET T_COUNT(market)

static int64_t today(void)
{
    int32_t day = 0;
    t_true(clock_parse_day(TODAY, &day));
    return day;
}

static struct instrument_list *listed(void)
{
    struct instrument_list *list = instrument_list_create();
    for (size_t i = 0; i < MARKET; i++) {
        struct instrument one = instrument_unknown;
        one.market_id = "ROFX";
        one.symbol = market[i][0];
        one.segment = *market[i][1] ? market[i][1] : NULL;
        one.cfi_code = market[i][2];
        one.currency = *market[i][3] ? market[i][3] : NULL;
        one.maturity = *market[i][4] ? market[i][4] : NULL;
        one.listed = true;
        t_int(instrument_list_put(list, &one), 0);
    }
    return list;
}

/* "a, b" as texts, in place. */
static struct rule_texts split(char *text, char **item)
{
    struct rule_texts texts = {item, 0};
    for (char *at = strtok(text, ";"); at; at = strtok(NULL, ";"))
        item[texts.count++] = at;
    return texts;
}

struct row {
    const char *texts[RULE_KINDS]; /* separated by ; */
    int maturities;
    const char *currency;
    const char *selected; /* each symbol followed by ; */
};

static void check(const struct row *row)
{
    char copy[RULE_KINDS][256], *items[RULE_KINDS][16], got[1024] = "", name[512] = "";
    struct instrument_rules rules = {.maturities = row->maturities,
                                     .currency = row->currency ? row->currency : ""};
    struct instrument_list *list = listed();
    struct rule_selection s;
    size_t count = 0;
    for (int k = 0; k < RULE_KINDS; k++) {
        snprintf(copy[k], sizeof(copy[k]), "%s", row->texts[k] ? row->texts[k] : "");
        rules.texts[k] = split(copy[k], items[k]);
        snprintf(name + strlen(name), sizeof(name) - strlen(name), "%s {%s} ",
                 rule_kind_key((enum rule_kind)k), row->texts[k] ? row->texts[k] : "");
    }
    t_row(name);
    t_int(instrument_rules_select(&s, &rules, list, today()), 0);
    for (size_t i = 0; i < MARKET; i++) {
        count += s.selected[i];
        if (s.selected[i])
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s;", market[i][0]);
    }
    t_str(got, row->selected);
    t_int(s.selected_count, count);
    rule_selection_finish(&s);
    instrument_list_release(list);
}

static void what_is_selected(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {{0}, 0, "", ""},
        {{[RULE_SYMBOL] = "DLR/DIC26;NOT/LISTED"}, 0, "", "DLR/DIC26;"},
        {{[RULE_MATCH] = "*al30*"}, 0, "", "MERV - XMEV - AL30 - 24hs;MERV - XMEV - AL30D - 24hs;"},
        {{[RULE_SEGMENT] = "dda"}, 0, "", "SOJ.ROS/MAY27;SOJ.ROS/JUL27;SOJ.ROS/MAY27 380 C;"},
        {{[RULE_CFI] = "O*;M*"}, 0, "", "SOJ.ROS/MAY27 380 C;I.RFX20;"},
        /* what has matured is not added; the last day counts */
        {{[RULE_PRODUCT] = "DLR"},
         0,
         "",
         "DLR/NOV26;DLR/DIC26;DLR/DIC26A;DLR/ENE27;DLR/DIC26/ENE27;DLR/FEB27;"},
        {{[RULE_PRODUCT] = "dlr", [RULE_EXCLUDE] = "DLR/*/*;*A"},
         0,
         "",
         "DLR/NOV26;DLR/DIC26;DLR/ENE27;DLR/FEB27;"},
        /* rules add up */
        {{[RULE_PRODUCT] = "GGAL", [RULE_CFI] = "OCAFXS"},
         0,
         "",
         "SOJ.ROS/MAY27 380 C;MERV - XMEV - GGAL - 24hs;"},
        /* the nearest maturities of each product, all of its kinds */
        {{[RULE_PRODUCT] = "DLR;SOJ.ROS", [RULE_EXCLUDE] = "DLR/*/*"},
         2,
         "",
         "DLR/NOV26;DLR/DIC26;DLR/DIC26A;SOJ.ROS/MAY27;SOJ.ROS/JUL27;SOJ.ROS/MAY27 380 C;"},
        {{[RULE_PRODUCT] = "DLR;SOJ.ROS"}, 1, "", "DLR/NOV26;SOJ.ROS/MAY27;SOJ.ROS/MAY27 380 C;"},
        /* those that do not mature stay */
        {{[RULE_MATCH] = "*"},
         1,
         "",
         "DLR/NOV26;SOJ.ROS/MAY27;SOJ.ROS/MAY27 380 C;I.RFX20;MERV - XMEV - AL30 - 24hs;"
         "MERV - XMEV - AL30D - 24hs;MERV - XMEV - GGAL - 24hs;"},
        /* one that is named stays, whatever takes it away, and does not count; unless it has
           matured */
        {{[RULE_SYMBOL] = "DLR/ENE27;DLR/OCT26",
          [RULE_PRODUCT] = "DLR",
          [RULE_EXCLUDE] = "DLR/ENE27"},
         1,
         "USD",
         "DLR/ENE27;DLR/FEB27;"},
        {{[RULE_MATCH] = "MERV*"}, 0, "usd", "MERV - XMEV - AL30D - 24hs;"},
        /* of an unknown currency */
        {{[RULE_MATCH] = "DLR/FEB27"}, 0, "USD", "DLR/FEB27;"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++)
        check(&rows[i]);
}

static void what_each_rule_matched(void **state)
{
    (void)state;
    char *match[] = {"DLR/*", "XYZ*"}, *exclude[] = {"*A"}, *symbols[] = {"I.RFX20", "NONE"};
    struct instrument_rules rules = {
        .texts = {[RULE_SYMBOL] = {symbols, 2},
                  [RULE_MATCH] = {match, 2},
                  [RULE_EXCLUDE] = {exclude, 1}},
        .maturities = 1,
        .currency = "ARS",
    };
    static const struct rule_match expected[] = {{RULE_SYMBOL, "I.RFX20", 1},
                                                 {RULE_SYMBOL, "NONE", 0},
                                                 {RULE_MATCH, "DLR/*", 7},
                                                 {RULE_MATCH, "XYZ*", 0},
                                                 {RULE_EXCLUDE, "*A", 1}};
    struct instrument_list *list = listed();
    struct rule_selection s;
    t_int(instrument_rules_select(&s, &rules, list, today()), 0);
    t_int(s.rules_count, T_COUNT(expected));
    for (size_t i = 0; i < T_COUNT(expected); i++) {
        t_row(expected[i].text);
        t_int(s.rules[i].kind, expected[i].kind);
        t_str(s.rules[i].text, expected[i].text);
        t_int(s.rules[i].matched, expected[i].matched);
    }
    t_int(s.matured, 1);        /* DLR/OCT26 */
    t_int(s.beyond, 4);         /* later than DLR/NOV26 */
    t_int(s.other_currency, 0); /* the one of DLR/FEB27 is unknown */
    rule_selection_finish(&s);
    instrument_list_release(list);
}

static void when_it_matures(void **state)
{
    (void)state;
    static const struct {
        const char *symbol, *maturity, *day; /* NULL: never */
    } rows[] = {
        {"DLR/DIC26", "20261230", "2026-12-30"},
        {"DLR/DIC26", NULL, "2026-12-31"},
        {"DLR/FEB28", "", "2028-02-29"},
        {"DLR/DIC26", "2026-12-", "2026-12-31"},
        {"DLR/DIC26", "20261399", "2026-12-31"},
        {"MERV - XMEV - PESOS - 1D", NULL, NULL},
        {"I.RFX20", NULL, NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct instrument one = instrument_unknown;
        char text[CLOCK_TEXT];
        one.symbol = rows[i].symbol;
        one.maturity = rows[i].maturity;
        t_row(rows[i].symbol);
        int64_t day = instrument_matures(&one);
        t_int(day == INT64_MAX, rows[i].day == NULL);
        if (rows[i].day)
            t_str(clock_day_text(text, day), rows[i].day);
    }
}

static void what_the_rules_need(void **state)
{
    (void)state;
    char *one[] = {"x"};
    struct instrument_rules rules = {.currency = ""};
    rules.texts[RULE_SYMBOL] = rules.texts[RULE_EXCLUDE] = (struct rule_texts){one, 1};
    t_true(!instrument_rules_need_list(&rules));
    rules.texts[RULE_CFI] = (struct rule_texts){one, 1};
    t_true(instrument_rules_need_list(&rules));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_selected),
        cmocka_unit_test(what_each_rule_matched),
        cmocka_unit_test(when_it_matures),
        cmocka_unit_test(what_the_rules_need),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
