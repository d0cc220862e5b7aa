#include "sim/terminal_batch.h"

#include "base/json.h"
#include "base/utf8.h"
#include "support/t.h"

static struct terminal_batch batch;

static int make(void **state)
{
    (void)state;
    t_row("");
    terminal_batch_init(&batch);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    terminal_batch_finish(&batch);
    return 0;
}

static void add(const char *line, int32_t instrument)
{
    buf_puts(&batch.lines, line);
    terminal_batch_end_line(&batch, instrument);
}

static void check(enum fault_kind kind, const char *expected)
{
    struct buf out;
    char body[] = "mine";
    const struct fault fault = {.kind = kind, .body = body};
    buf_init(&out, 1 << 20);
    terminal_batch_put(&out, &batch, kind == FAULT_NONE ? NULL : &fault);
    t_str(buf_text(&out), expected);
    buf_finish(&out);
}

static void one_line_and_several(void **state)
{
    (void)state;
    add("M:a|1|\"|2", 7);
    t_int(batch.instruments[0], 7);
    check(FAULT_NONE, "M:a|1|\"|2");
    batch.array = true;
    check(FAULT_NONE, "[\"M:a|1|\\\"|2\"]");
    batch.array = false;
    add("M:b|2|", 8);
    check(FAULT_NONE, "[\"M:a|1|\\\"|2\",\"M:b|2|\"]");
    terminal_batch_clear(&batch);
    t_int(batch.count, 0);
    add("B:c!1!|||!", 9);
    check(FAULT_NONE, "B:c!1!|||!");
}

static void faults_of_content(void **state)
{
    static const struct {
        const char *name;
        enum fault_kind kind;
        const char *one, *two; /* messages with one line and with two */
    } rows[] = {
        {"empty", FAULT_EMPTY, "[]", "[]"},
        {"body", FAULT_BODY, "mine", "mine"},
        {"short", FAULT_SHORT, "M:a|1|2|3", "[\"M:a|1|2|3\",\"B:b!1!5|6\"]"},
        {"nan", FAULT_NAN, "M:a|1|NaN|NaN|NaN|",
         "[\"M:a|1|NaN|NaN|NaN|\",\"B:b!1!NaN|NaN|NaN|NaN!\"]"},
        {"unknown", FAULT_UNKNOWN, "Z:a|1|2|3|4|", "[\"Z:a|1|2|3|4|\",\"Z:b!1!5|6|7|8!\"]"},
        {"truncated", FAULT_TRUNCATED, "M:a|1|", "[\"M:a|1|2|3|4|\","},
        {"utf8", FAULT_UTF8, "M:a|1|2|3|4|\xc3\x28",
         "[\"M:a|1|2|3|4|\",\"B:b!1!5|6|7|8!\"]\xc3\x28"},
        {"of the connection", FAULT_MUTE, "M:a|1|2|3|4|", "[\"M:a|1|2|3|4|\",\"B:b!1!5|6|7|8!\"]"},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        terminal_batch_clear(&batch);
        add("M:a|1|2|3|4|", 1);
        check(rows[i].kind, rows[i].one);
        add("B:b!1!5|6|7|8!", 2);
        check(rows[i].kind, rows[i].two);
        t_true(terminal_batch_applies(rows[i].kind) == (rows[i].kind != FAULT_MUTE));
    }
}

static void json_that_is_not_lines(void **state)
{
    struct json_parser *parser = json_parser_create();
    struct buf out;
    (void)state;
    buf_init(&out, 4096);
    add("M:a|1", 1);
    terminal_batch_put(&out, &batch, &(const struct fault){.kind = FAULT_SHAPE});
    const struct json *root = json_parse(parser, buf_text(&out), out.len_bytes, NULL);
    t_int(json_type(root), JSON_ARRAY);
    t_true(!json_string(json_first(root)));
    buf_clear(&out);
    terminal_batch_put(&out, &batch, &(const struct fault){.kind = FAULT_GARBAGE});
    t_true(out.len_bytes && !json_parse(parser, buf_text(&out), out.len_bytes, NULL));
    buf_finish(&out);
    json_parser_destroy(parser);
}

static void one_huge_line(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 32u << 20);
    add("M:a|1|2", 1);
    for (int lines = 1; lines <= 2; lines++) {
        buf_clear(&out);
        terminal_batch_put(&out, &batch, &(const struct fault){.kind = FAULT_OVERSIZED});
        t_true(out.len_bytes > (10u << 20) && out.len_bytes < (11u << 20));
        add("M:b|1|2", 2);
    }
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_line_and_several, make, finish),
        cmocka_unit_test_setup_teardown(faults_of_content, make, finish),
        cmocka_unit_test_setup_teardown(json_that_is_not_lines, make, finish),
        cmocka_unit_test_setup_teardown(one_huge_line, make, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
