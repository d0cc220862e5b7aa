#include "base/json_items.h"

#include "support/t.h"

#include "base/json.h"

#include <errno.h>
#include <stdlib.h>

#define KEY "instruments"

/* All elements as "a;b;", then the rest after '=', or "!" and the reason. */
static const char *walked(const char *text, size_t len_bytes)
{
    static char out[4096];
    struct json_items items;
    const char *item;
    size_t item_bytes, used = 0;
    struct err err = {0};
    enum json_items_step step;
    out[0] = '\0';
    json_items_init(&items, text, len_bytes, KEY);
    while ((step = json_items_next(&items, &item, &item_bytes, &err)) == JSON_ITEMS_NEXT) {
        t_true(item >= text && item + item_bytes <= text + len_bytes);
        used += (size_t)snprintf(out + used, sizeof(out) - used, "%.*s;", (int)item_bytes, item);
    }
    snprintf(out + used, sizeof(out) - used, "%s%s", step == JSON_ITEMS_END ? "=" : "!",
             step == JSON_ITEMS_END ? buf_text(&items.rest) : err.text);
    t_int(err.code < 0, step == JSON_ITEMS_BROKEN);
    json_items_finish(&items);
    return out;
}

struct row {
    const char *name, *text, *result;
};

static void elements_and_the_rest(void **state)
{
    (void)state;
    static const struct row rows[] = {
        /* clang-format off */
        {"the usual order", "{\"status\":\"OK\",\"instruments\":[{\"a\":1},{\"b\":2}]}",
         "{\"a\":1};{\"b\":2};={\"status\":\"OK\",\"instruments\":[]}"},
        {"the envelope after the list", "{\"instruments\":[1],\"status\":\"ERROR\"}",
         "1;={\"instruments\":[],\"status\":\"ERROR\"}"},
        {"white space everywhere", " \r\n{ \"instruments\" : [ {} , [ ] ,\t\"x\" ] , \"s\" : 1 } \n",
         "{};[ ];\"x\";={\"instruments\":[],\"s\":1}"},
        {"a byte order mark", "\xef\xbb\xbf{\"instruments\":[]}", "={\"instruments\":[]}"},
        {"an empty list", "{\"instruments\":[]}", "={\"instruments\":[]}"},
        {"no list", "{\"status\":\"OK\"}", "={\"status\":\"OK\"}"},
        {"an empty object", "{}", "={}"},
        {"null instead of the list", "{\"instruments\":null}", "={\"instruments\":null}"},
        {"an object instead of the list", "{\"instruments\":{\"a\":[1]}}", "={\"instruments\":{\"a\":[1]}}"},
        {"a list of another name", "{\"other\":[1,2],\"instruments\":[3]}", "3;={\"other\":[1,2],\"instruments\":[]}"},
        {"the name deeper down", "{\"a\":{\"instruments\":[1]},\"instruments\":[2]}",
         "2;={\"a\":{\"instruments\":[1]},\"instruments\":[]}"},
        {"twice", "{\"instruments\":[1],\"instruments\":[2]}", "1;={\"instruments\":[],\"instruments\":[2]}"},
        {"null first", "{\"instruments\":null,\"instruments\":[2]}", "={\"instruments\":null,\"instruments\":[2]}"},
        {"brackets and quotes in strings", "{\"instruments\":[{\"a\":\"]}\\\"[{\"},\"\\\\\"]}",
         "{\"a\":\"]}\\\"[{\"};\"\\\\\";={\"instruments\":[]}"},
        {"nested lists", "{\"instruments\":[{\"t\":{\"0\":[{}]}}]}", "{\"t\":{\"0\":[{}]}};={\"instruments\":[]}"},
        {"a key with an escape is another key", "{\"instr\\u0075ments\":[1]}", "={\"instr\\u0075ments\":[1]}"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_str(walked(rows[i].text, strlen(rows[i].text)), rows[i].result);
    }
}

static void broken_texts(void **state)
{
    (void)state;
    static const struct row rows[] = {
        /* clang-format off */
        {"empty", "", "!an empty body"},
        {"blank", "  \n", "!an empty body"},
        {"a list", "[1]", "!not JSON: no '{' at byte 0 of 3"},
        {"a page", "<html>", "!not JSON: no '{' at byte 0 of 6"},
        {"cut in the list", "{\"instruments\":[{\"a\":1},", "{\"a\":1};!not JSON: no value at byte 24 of 24"},
        {"cut in an element", "{\"instruments\":[{\"a\":1", "!not JSON: a bracket is not closed at byte 22 of 22"},
        {"cut in a string", "{\"instruments\":[\"abc", "!not JSON: a string does not end at byte 20 of 20"},
        {"cut in an escape", "{\"instruments\":[\"abc\\", "!not JSON: a string does not end at byte 22 of 21"},
        {"cut after the list", "{\"instruments\":[1]", "1;!not JSON: no ',' at byte 18 of 18"},
        {"no comma between elements", "{\"instruments\":[1 2]}", "1;!not JSON: no ',' at byte 18 of 21"},
        {"a comma too many", "{\"instruments\":[1,]}", "1;!not JSON: no value at byte 18 of 20"},
        {"a comma too many in the object", "{\"instruments\":[1],}", "1;!not JSON: no name of a member at byte 19 of 20"},
        {"no colon", "{\"instruments\" [1]}", "!not JSON: no ':' at byte 15 of 19"},
        {"no name", "{1:2}", "!not JSON: no name of a member at byte 1 of 5"},
        {"no value", "{\"a\":}", "!not JSON: no value at byte 5 of 6"},
        {"text behind", "{\"instruments\":[]}x", "!text after the JSON value at byte 18 of 19"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_str(walked(rows[i].text, strlen(rows[i].text)), rows[i].result);
    }
}

static void a_nul_is_not_white_space(void **state)
{
    (void)state;
    static const char text[] = "{\"instruments\":[1\0]}";
    t_contains(walked(text, sizeof(text) - 1), "!not JSON");
}

/* `before`, many times `filler`, `after`. */
static char *long_text(const char *before, char filler, size_t count, const char *after)
{
    size_t head = strlen(before), tail = strlen(after);
    char *text = malloc(head + count + tail + 1);
    memcpy(text, before, head);
    memset(text + head, filler, count);
    memcpy(text + head + count, after, tail + 1);
    return text;
}

static void limits(void **state)
{
    (void)state;
    static const struct {
        const char *name, *before, *after;
        char filler;
        size_t count;
        const char *words;
    } rows[] = {
        {"a long element", "{\"instruments\":[\"", "\"]}", 'a', JSON_ITEM_BYTES, "a value of more"},
        {"a long nested element", "{\"instruments\":[{\"x\":\"", "\"}]}", 'a', JSON_ITEM_BYTES,
         "a value of more"},
        {"a long member", "{\"x\":\"", "\"}", 'a', JSON_ITEM_BYTES, "a value of more"},
        {"a deep element", "{\"instruments\":[", "", '[', JSON_DEPTH_MAX + 1, "nested deeper"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char *text = long_text(rows[i].before, rows[i].filler, rows[i].count, rows[i].after);
        t_row(rows[i].name);
        t_contains(walked(text, strlen(text)), rows[i].words);
        free(text);
    }
}

static void many_members_are_too_much(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_puts(&text, "{");
    for (int i = 0; i < 20000; i++)
        buf_printf(&text, "%s\"%d\":1", i ? "," : "", i);
    buf_puts(&text, "}");
    t_contains(walked(buf_text(&text), text.len_bytes), "a value of more");
    buf_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_and_the_rest),     cmocka_unit_test(broken_texts),
        cmocka_unit_test(a_nul_is_not_white_space),  cmocka_unit_test(limits),
        cmocka_unit_test(many_members_are_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
