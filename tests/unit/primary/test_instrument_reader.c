#include "primary/instrument_reader.h"

#include "support/t.h"

#include <stdlib.h>

struct seen {
    char text[1024]; /* "symbol," each, of the first ones */
    int count, steps, skipped;
};

static void on_instrument(void *arg, const struct instrument *instrument)
{
    struct seen *seen = arg;
    size_t used = strlen(seen->text);
    seen->count++;
    if (used + 64 < sizeof(seen->text))
        snprintf(seen->text + used, sizeof(seen->text) - used, "%s,", instrument->symbol);
}

static enum reply_class read_all(struct buf *body, struct seen *seen, struct err *why)
{
    enum reply_class class = REPLY_OTHER;
    *seen = (struct seen){.steps = 1};
    struct instrument_reader *reader = instrument_reader_create(body, on_instrument, seen);
    t_int(body->len_bytes, 0);
    while (instrument_reader_step(reader, &class, why))
        seen->steps++;
    seen->skipped = instrument_reader_skipped(reader);
    instrument_reader_destroy(reader);
    return class;
}

static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *name, *body;
        enum reply_class class;
        const char *symbols;
        int skipped;
        const char *words;
    } rows[] = {
        /* clang-format off */
        {"nested items", "{\"status\":\"OK\",\"instruments\":[{\"symbol\":null,\"instrumentId\":{\"marketId\":\"ROFX\","
         "\"symbol\":\"A\"}},{\"instrumentId\":{\"symbol\":\"B\"}}]}", REPLY_OK, "A,B,", 0, ""},
        {"flat items", "{\"status\":\"OK\",\"instruments\":[{\"marketId\":\"ROFX\",\"symbol\":\"A\"}]}", REPLY_OK, "A,", 0, ""},
        {"unreadable items are left out", "{\"status\":\"OK\",\"instruments\":[{\"symbol\":7},{\"symbol\":\"A\"},{a},null,"
         "{\"symbol\":\"B\"}]}", REPLY_OK, "A,B,", 3, ""},
        {"none", "{\"status\":\"OK\",\"instruments\":[]}", REPLY_OK, "", 0, ""},
        {"null", "{\"status\":\"OK\",\"instruments\":null}", REPLY_OK, "", 0, ""},
        {"an error after the items", "{\"instruments\":[{\"symbol\":\"A\"}],\"status\":\"ERROR\","
         "\"description\":\"Access Denied\"}", REPLY_ACCESS, "A,", 0, "Access Denied"},
        {"an error", "{\"status\":\"ERROR\",\"message\":\"Invalid URL\",\"description\":\"Invalid URL\"}",
         REPLY_BAD_PATH, "", 0, "Invalid URL"},
        {"the list is missing", "{\"status\":\"OK\"}", REPLY_MALFORMED, "", 0, "instruments is missing"},
        {"the list is a text", "{\"status\":\"OK\",\"instruments\":\"x\"}", REPLY_MALFORMED, "", 0, "instruments is not a list"},
        {"cut off", "{\"status\":\"OK\",\"instruments\":[{\"symbol\":\"A\"},{\"sym", REPLY_MALFORMED, "A,", 0, "not JSON"},
        {"empty", "", REPLY_MALFORMED, "", 0, "an empty body"},
        /* clang-format on */
    };
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        struct buf body;
        struct seen seen;
        struct err why = {0};
        t_row(rows[r].name);
        buf_init(&body, 1 << 20);
        buf_puts(&body, rows[r].body);
        t_str(reply_class_name(read_all(&body, &seen, &why)), reply_class_name(rows[r].class));
        t_str(seen.text, rows[r].symbols);
        t_int(seen.skipped, rows[r].skipped);
        t_contains(why.text, rows[r].words);
        t_int(seen.steps, 1);
    }
}

/* Of a long list, each step reads a part, so that the caller never waits long. */
static void long_lists_take_many_steps(void **state)
{
    (void)state;
    enum { ITEMS = 10000 };
    struct buf body;
    struct seen seen;
    struct err why = {0};
    buf_init(&body, INSTRUMENT_READER_BYTES);
    buf_puts(&body, "{\"status\":\"OK\",\"instruments\":[");
    for (int i = 0; i < ITEMS; i++)
        buf_printf(&body, "%s{\"instrumentId\":{\"symbol\":\"S/%d\"},\"x\":\"%0900d\"}",
                   i ? "," : "", i, i);
    buf_puts(&body, "]}");
    size_t len_bytes = body.len_bytes;
    t_int(read_all(&body, &seen, &why), REPLY_OK);
    t_int(seen.count, ITEMS);
    t_true(seen.steps > (int)(len_bytes / (64 * 1024)));
}

static void given_up_in_between(void **state)
{
    (void)state;
    struct buf body;
    struct seen seen = {0};
    enum reply_class class;
    buf_init(&body, 1 << 20);
    buf_puts(&body, "{\"status\":\"OK\",\"instruments\":[");
    for (int i = 0; i < 2000; i++)
        buf_printf(&body, "%s{\"symbol\":\"S/%030d\"}", i ? "," : "", i);
    struct instrument_reader *reader = instrument_reader_create(&body, on_instrument, &seen);
    t_true(instrument_reader_step(reader, &class, NULL));
    t_true(seen.count > 0 && seen.count < 2000);
    instrument_reader_destroy(reader);
    instrument_reader_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(long_lists_take_many_steps),
        cmocka_unit_test(given_up_in_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
