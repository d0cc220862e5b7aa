/* The value of a lease: what is written is read back, and nothing else is accepted. */
#include "lease/record.h"

#include "support/t.h"

#include <errno.h>

static const struct lease_record full = {
    .holder = "0123456789abcdef",
    .run = "fedcba9876543210",
    .last = "0123456789abcdef",
    .host = "a.example",
    .term = 3,
    .duration_ms = 10000,
    .seq = 2000000017,
    .ts_ms = 1795446000000,
    .broker = "00112233445566778899aabbccddeeff",
    .token = "token+of/the=broker",
    .token_ms = 1795446000123,
};

static int parse(const char *text, struct lease_record *out, struct err *err)
{
    return lease_record_parse(text, strlen(text), out, err);
}

static void a_value_is_read_back(void **state)
{
    struct lease_record read;
    struct buf text;
    struct err err;
    (void)state;
    buf_init(&text, LEASE_RECORD_BYTES);
    lease_record_write(&text, &full);
    t_int(parse(buf_text(&text), &read, &err), 0);
    t_str(read.holder, full.holder);
    t_str(read.run, full.run);
    t_str(read.last, full.last);
    t_str(read.host, full.host);
    t_int(read.term, full.term);
    t_int(read.duration_ms, full.duration_ms);
    t_int(read.seq, full.seq);
    t_int(read.ts_ms, full.ts_ms);
    t_str(read.broker, full.broker);
    t_str(read.token, full.token);
    t_int(read.token_ms, full.token_ms);
    buf_finish(&text);
}

/* Each row replaces one member of a value that is accepted. */
static void anything_else_is_refused(void **state)
{
    static const char whole[] =
        "{\"format\":1,\"holder\":\"\",\"run\":\"\",\"last\":\"ab\",\"host\":\"a\",\"term\":1,"
        "\"duration_ms\":3000,\"seq\":5,\"ts_ms\":0,\"broker\":\"\",\"token\":\"\",\"token_ms\":0,"
        "\"more\":[1]}";
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"\"format\":1", "\"format\":2"},
        {"\"format\":1,", ""},
        {"\"holder\":\"\"", "\"holder\":\"x y\""},
        {"\"holder\":\"\"", "\"holder\":7"},
        {"\"run\":\"\"", "\"run\":\"0123456789abcdef0123456789abcdef0\""},
        {"\"host\":\"a\"", "\"host\":\"a\\nb\""},
        {"\"term\":1", "\"term\":-1"},
        {"\"term\":1", "\"term\":1.5"},
        {"\"term\":1", "\"term\":\"1\""},
        {"\"seq\":5", "\"seq\":1e30"},
        {"\"token\":\"\"", "\"token\":\"two words\""},
        {"\"token\":\"\"", "\"token\":null"},
        {"}", ""},
        {"{", "["},
    };
    struct lease_record read = {.term = 42};
    struct err err;
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[512];
        const char *at = strstr(whole, rows[i].from);
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - whole), whole, rows[i].to,
                 at + strlen(rows[i].from));
        t_row(rows[i].to);
        t_int(parse(text, &read, &err), -EBADMSG);
        t_int(read.term, 42);
    }
    t_int(parse(whole, &read, &err), 0);
    t_str(read.last, "ab");
}

static void a_long_one_is_refused(void **state)
{
    static char text[LEASE_RECORD_BYTES + 2];
    struct lease_record read;
    struct err err;
    (void)state;
    memset(text, ' ', sizeof(text) - 1);
    t_int(parse(text, &read, &err), -EBADMSG);
}

static void the_error_has_no_secret(void **state)
{
    struct lease_record read;
    struct err err;
    (void)state;
    t_int(parse("{\"format\":1,\"token\":\"s3cret\"}", &read, &err), -EBADMSG);
    t_true(!strstr(err.text, "s3cret"));
}

static void brokers_differ(void **state)
{
    char a[LEASE_ID_BYTES], b[LEASE_ID_BYTES];
    (void)state;
    t_int(strlen(lease_record_broker(a, "https://a/", "u")), 32);
    t_str(lease_record_broker(b, "https://a/", "u"), a);
    t_true(strcmp(lease_record_broker(b, "https://a/", "v"), a) != 0);
    t_true(strcmp(lease_record_broker(b, "https://b/", "u"), a) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_read_back),  cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(a_long_one_is_refused), cmocka_unit_test(the_error_has_no_secret),
        cmocka_unit_test(brokers_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
