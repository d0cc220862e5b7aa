#include "app/roll_call.h"

#include "unit/app/config_text.h"

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

static void counts(void **state)
{
    (void)state;
    static const struct {
        const char *symbols, *match;
        bool present[2];
        size_t matching[2], selected;
    } rows[] = {
        {"\"GGAL\"", "", {true}, {0}, 1},
        {"\"ggal\", \"GGAL\"", "", {false, true}, {0}, 1},
        {"\"NONE\"", "", {false}, {0}, 0},
        {"", "\"DLR/*\"", {false}, {2}, 2},
        {"", "\"dlr/*\", \"*\"", {false}, {2, 4}, 4},
        {"\"DLR/DIC26\", \"GGAL\"", "\"DLR/*\", \"X*\"", {true, true}, {2, 0}, 3},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct roll_call roll;
        char name[128];
        snprintf(name, sizeof(name), "%s and %s", rows[i].symbols, rows[i].match);
        t_row(name);
        struct config *config = wanting(rows[i].symbols, rows[i].match);
        t_int(roll_call_take(&roll, config, list, strlen(list), NULL), 0);
        t_int(roll.listed, 4);
        t_int(roll.selected, rows[i].selected);
        for (size_t n = 0; n < config->symbols.count; n++)
            t_int(roll.present[n], rows[i].present[n]);
        for (size_t n = 0; n < config->match.count; n++)
            t_int(roll.matching[n], rows[i].matching[n]);
        roll_call_finish(&roll);
        config_free(config);
    }
}

static void what_is_no_list(void **state)
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
        struct roll_call roll;
        struct err err = {0};
        t_row(rows[i].body);
        t_int(roll_call_take(&roll, config, rows[i].body, strlen(rows[i].body), &err), -EBADMSG);
        t_true(*err.text);
        t_contains(err.text, rows[i].words);
    }
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(what_is_no_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
