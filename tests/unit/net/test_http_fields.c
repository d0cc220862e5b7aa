#include "net/http_fields.h"

#include "support/t.h"

#include <errno.h>
#include <stdlib.h>

static void add(struct http_fields *fields, const char *line)
{
    t_int(http_fields_add(fields, line, strlen(line)), 0);
}

static void values_by_name(void **state)
{
    (void)state;
    struct http_fields f = {0};
    t_str(http_fields_get(&f, "Set-Cookie"), "");
    add(&f, "Set-Cookie: _mtz_web_key=a.b.c; Path=/\r\n");
    add(&f, "Content-Type:application/json\r\n");
    add(&f, "set-cookie:\t SERVERID=x1 \r\n");
    add(&f, "X-Empty:\r\n");
    t_int(f.count, 4);
    t_str(http_fields_get(&f, "SET-COOKIE"), "_mtz_web_key=a.b.c; Path=/");
    t_str(http_fields_at(&f, "Set-Cookie", 0), "_mtz_web_key=a.b.c; Path=/");
    t_str(http_fields_at(&f, "Set-Cookie", 1), "SERVERID=x1");
    assert_null(http_fields_at(&f, "Set-Cookie", 2));
    t_str(http_fields_get(&f, "content-type"), "application/json");
    t_str(http_fields_at(&f, "X-Empty", 0), "");
    assert_null(http_fields_at(&f, "X-Empty", 1));
    assert_null(http_fields_at(&f, "Set", 0));
    assert_null(http_fields_at(&f, "", 0));
    http_fields_finish(&f);
    http_fields_finish(&f);
}

static void unusual_lines(void **state)
{
    (void)state;
    static const struct {
        const char *name, *lines[3];
        int count;
        const char *value; /* of X */
    } rows[] = {
        {"a blank in the value", {"X: a b"}, 1, "a b"},
        {"a colon in the value", {"X: http://h:1/"}, 1, "http://h:1/"},
        {"folded", {"X: a\r\n", "  b\r\n"}, 1, "a b"},
        {"folded twice", {"X: a", "\tb", " c"}, 1, "a b c"},
        {"folded without text", {"X: a", "  \r\n"}, 1, "a"},
        {"folded before any header", {" b", "X: a"}, 1, "a"},
        {"without a colon", {"X", "X: a"}, 1, "a"},
        {"without a name", {": b", "X: a"}, 1, "a"},
        {"empty", {"", "\r\n", "X: a"}, 1, "a"},
        {"the value has the name of another", {"Y: X", "X: a"}, 2, "a"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct http_fields f = {0};
        t_row(rows[i].name);
        for (size_t j = 0; j < 3 && rows[i].lines[j]; j++)
            add(&f, rows[i].lines[j]);
        t_int(f.count, rows[i].count);
        t_str(http_fields_get(&f, "X"), rows[i].value);
        http_fields_finish(&f);
    }
    struct http_fields f = {0};
    t_int(http_fields_add(&f, "A: x\0X: y", 9), 0); /* a NUL could hide the next header's name */
    t_int(f.count, 0);
    http_fields_finish(&f);
}

static void number_is_limited(void **state)
{
    (void)state;
    struct http_fields f = {0};
    for (int i = 0; i < HTTP_FIELDS_MAX; i++)
        add(&f, "X: a");
    t_int(http_fields_add(&f, "X: b", 4), -EMSGSIZE);
    t_int(f.count, HTTP_FIELDS_MAX);
    assert_null(http_fields_at(&f, "X", HTTP_FIELDS_MAX));
    http_fields_clear(&f);
    t_str(http_fields_get(&f, "X"), "");
    add(&f, "X: b");
    t_str(http_fields_get(&f, "X"), "b");
    http_fields_finish(&f);
}

/* "X" and the value, with a NUL after each: exactly HTTP_FIELDS_BYTES fit. */
static void bytes_are_limited(void **state)
{
    (void)state;
    static char line[HTTP_FIELDS_BYTES + 8];
    struct http_fields f = {0};
    memset(line, 'v', sizeof(line));
    line[0] = 'X';
    line[1] = ':';
    t_int(http_fields_add(&f, line, HTTP_FIELDS_BYTES), -EMSGSIZE);
    t_int(f.count, 0);
    t_int(http_fields_add(&f, line, HTTP_FIELDS_BYTES - 1), 0);
    t_int(strlen(http_fields_get(&f, "X")), HTTP_FIELDS_BYTES - 3);
    t_int(http_fields_add(&f, " y", 2), -EMSGSIZE);
    t_int(strlen(http_fields_get(&f, "X")), HTTP_FIELDS_BYTES - 3);
    http_fields_finish(&f);
}

static void cleared_values_are_wiped(void **state)
{
    (void)state;
    struct http_fields f = {0};
    add(&f, "X-Auth-Token: s3cret");
    const char *value = http_fields_get(&f, "X-Auth-Token");
    t_str(value, "s3cret");
    http_fields_clear(&f);
    for (int i = 0; i < 6; i++)
        t_int(value[i], 0);
    http_fields_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_name),           cmocka_unit_test(unusual_lines),
        cmocka_unit_test(number_is_limited),        cmocka_unit_test(bytes_are_limited),
        cmocka_unit_test(cleared_values_are_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
