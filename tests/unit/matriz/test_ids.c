#include "support/t.h"

#include "matriz/ids.h"

#include <errno.h>

static struct json_parser *parser;

static const char *symbol_of(const struct matriz_ids *ids, const char *id)
{
    const struct matriz_instrument *found = matriz_ids_find(ids, id, strlen(id));
    return found ? found->symbol : NULL;
}

static void learn(struct matriz_ids *ids, const char *body, int expected)
{
    struct err err = {0};
    t_int(matriz_ids_learn(ids, parser, body, strlen(body), &err), expected);
    t_true((expected < 0) == (err.text[0] != '\0'));
}

static void ids_by_rule(void **state)
{
    (void)state;
    static const struct {
        const char *symbol, *segment, *id; /* NULL: no id */
    } rows[] = {
        {"DLR/JUN26", "", "rx_DDF_DLR_JUN26"},
        {"DLR/JUN26", "DDF", "rx_DDF_DLR_JUN26"},
        {"DLR/JUN26/JUL26", "", "rx_DDF_DLR_JUN26_JUL26"},
        {"DLR/AGO26M", "", "rx_DDF_DLR_AGO26M"},
        {"DLR/SPOT", "", "rx_DDF_DLR_SPOT"},
        {"SOJ.ROS/MAY27", "DDA", "rx_DDA_SOJ.ROS_MAY27"},
        {"SOJ.ROS/MAY27 380 C", "DDA", "rx_DDA_SOJ.ROS_MAY27 380 C"},
        {"CAARS/1D", "MAE", "rx_MAE_CAARS_1D"},
        {"GGAL/DIC26", "DUAL", "rx_DUAL_GGAL_DIC26"},
        {"MERV - XMEV - AL30 - 24hs", "MERV", "bm_MERV_AL30_24hs"},
        {"MERV - XMEV - AL30 - CI", "", "bm_MERV_AL30_CI"},
        {"MERV - XMEV - PESOS - 1D", "", "bm_MERV_PESOS_1D"},
        {"MERV - XMEV - I.MERVAL", "", NULL},
        {"MERV - XMEV - A - B - C", "", NULL},
        {"", "", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct matriz_ids *ids = matriz_ids_create();
        struct err err = {0};
        t_row(rows[i].symbol);
        t_int(matriz_ids_add(ids, "ROFX", rows[i].symbol, rows[i].segment, &err),
              rows[i].id ? 0 : -EINVAL);
        t_true(rows[i].id || err.text[0]);
        t_str(matriz_ids_of(ids, "ROFX", rows[i].symbol), rows[i].id);
        t_str(matriz_ids_of(ids, "XMEV", rows[i].symbol), NULL);
        if (rows[i].id)
            t_str(symbol_of(ids, rows[i].id), rows[i].symbol);
        matriz_ids_destroy(ids);
    }
}

static void the_longest_id(void **state)
{
    (void)state;
    for (int longer = 0; longer <= 1; longer++) {
        struct matriz_ids *ids = matriz_ids_create();
        char symbol[2 * MATRIZ_ID_BYTES_MAX];
        size_t len = MATRIZ_ID_BYTES_MAX - strlen("rx_DDF_") + (size_t)longer;
        memset(symbol, 'S', len);
        symbol[len] = '\0';
        t_row(longer ? "too long" : "the longest");
        t_int(matriz_ids_add(ids, "ROFX", symbol, "", NULL), longer ? -EINVAL : 0);
        snprintf(symbol, sizeof(symbol), "MERV - XMEV - %0*d - CI",
                 (int)(MATRIZ_ID_BYTES_MAX - strlen("bm_MERV__CI")) + longer, 7);
        t_int(matriz_ids_add(ids, "ROFX", symbol, "", NULL), longer ? -EINVAL : 0);
        matriz_ids_destroy(ids);
    }
}

#define LIST                                                                                       \
    "{\"securities\":[{\"id\":\"rx_DDA_SOJ.ROS_MAY27\",\"cfiCode\":\"FXXXSX\"},"                   \
    "{\"id\":\"rx_DDF_ORO_DIC26\"},{\"id\":\"rx_U-DDF_ORO_DIC26\"},{\"id\":\"rx_DUAL_ORO_ENE27\"}" \
    ","                                                                                            \
    "{\"id\":\"rx_X_ORO_ENE27\"},{\"id\":\"bm_MERV_I.MERVAL\"},{\"id\":\"rx_DDF_A_B_M\"},"         \
    "{\"id\":5},{},{\"id\":\"\"},{\"id\":\"rx_\"},{\"id\":\"rx_DDF_ORO_DIC26\"}]}"

static void the_terminals_list_is_preferred(void **state)
{
    (void)state;
    static const struct {
        const char *name, *symbol, *segment, *id;
    } rows[] = {
        {"the only segment", "SOJ.ROS/MAY27", "", "rx_DDA_SOJ.ROS_MAY27"},
        {"another segment", "SOJ.ROS/MAY27", "DDF", "rx_DDA_SOJ.ROS_MAY27"},
        {"two segments, one by rule", "ORO/DIC26", "", "rx_DDF_ORO_DIC26"},
        {"two segments, one known", "ORO/DIC26", "U-DDF", "rx_U-DDF_ORO_DIC26"},
        {"two segments, neither by rule", "ORO/ENE27", "", "rx_DDF_ORO_ENE27"},
        {"an index", "MERV - XMEV - I.MERVAL", "", "bm_MERV_I.MERVAL"},
        {"a twin", "A/BM", "", "rx_DDF_A_B_M"},
        {"not listed", "DLR/JUN26", "", "rx_DDF_DLR_JUN26"},
        {"an index that is not listed", "MERV - XMEV - I.BYMA", "", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct matriz_ids *ids = matriz_ids_create();
        t_row(rows[i].name);
        learn(ids, LIST, 8);
        t_int(matriz_ids_add(ids, "ROFX", rows[i].symbol, rows[i].segment, NULL),
              rows[i].id ? 0 : -EINVAL);
        t_str(matriz_ids_of(ids, "ROFX", rows[i].symbol), rows[i].id);
        matriz_ids_destroy(ids);
    }
}

static void lists_that_cannot_be_read(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int result;
    } rows[] = {
        {"", -EBADMSG},
        {"<html>", -EBADMSG},
        {"[]", -EBADMSG},
        {"{\"securities\":{}}", -EBADMSG},
        {"{}", -EBADMSG},
        {"{\"securities\":[]}", 0},
        {"{\"securities\":[5,null,{\"id\":null}]}", 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct matriz_ids *ids = matriz_ids_create();
        t_row(rows[i].body);
        learn(ids, rows[i].body, rows[i].result);
        matriz_ids_destroy(ids);
    }
}

static void an_id_of_two_symbols_is_nobodys(void **state)
{
    (void)state;
    struct matriz_ids *ids = matriz_ids_create();
    struct err err = {0};
    t_int(matriz_ids_add(ids, "ROFX", "A/B", "", NULL), 0);
    t_int(matriz_ids_add(ids, "ROFX", "A/B", "", NULL), 0); /* the same again */
    t_str(symbol_of(ids, "rx_DDF_A_B"), "A/B");
    t_int(matriz_ids_add(ids, "ROFX", "A_B", "", &err), -EEXIST);
    t_str(err.text, "A_B and A/B have the same id at the terminal, rx_DDF_A_B");
    t_str(symbol_of(ids, "rx_DDF_A_B"), NULL);
    t_str(matriz_ids_of(ids, "ROFX", "A/B"), NULL);
    t_str(matriz_ids_of(ids, "ROFX", "A_B"), NULL);
    t_int(matriz_ids_add(ids, "ROFX", "A_B", "", &err), -EEXIST);
    t_contains(err.text, "other symbols");
    t_int(matriz_ids_add(ids, "ROFX", "A/B", "DDA", NULL), 0); /* known, so it keeps its id */
    t_str(symbol_of(ids, "rx_DDA_A_B"), NULL);
    matriz_ids_destroy(ids);
}

static void thousands_of_instruments(void **state)
{
    (void)state;
    struct matriz_ids *ids = matriz_ids_create();
    char symbol[40], id[48];
    for (int i = 0; i < 10000; i++) {
        snprintf(symbol, sizeof(symbol), "MERV - XMEV - T%d - 24hs", i);
        t_int(matriz_ids_add(ids, "ROFX", symbol, "", NULL), 0);
    }
    for (int i = 0; i < 10000; i++) {
        snprintf(symbol, sizeof(symbol), "MERV - XMEV - T%d - 24hs", i);
        snprintf(id, sizeof(id), "bm_MERV_T%d_24hs", i);
        t_str(symbol_of(ids, id), symbol);
        t_str(matriz_ids_of(ids, "ROFX", symbol), id);
    }
    t_str(symbol_of(ids, "bm_MERV_T10000_24hs"), NULL);
    matriz_ids_destroy(ids);
}

static int setup(void **state)
{
    (void)state;
    parser = json_parser_create();
    return parser ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    json_parser_destroy(parser);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_by_rule),
        cmocka_unit_test(the_longest_id),
        cmocka_unit_test(the_terminals_list_is_preferred),
        cmocka_unit_test(lists_that_cannot_be_read),
        cmocka_unit_test(an_id_of_two_symbols_is_nobodys),
        cmocka_unit_test(thousands_of_instruments),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
